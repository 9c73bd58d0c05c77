"""Each document of ``filters.yaml``: what a resource makes of a file's text, in real shells, and that it stays so."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from golive.resources.edited import Edited

from .shells import SHELLS, resource, run

LOADER: Any = YAML(typ="safe", pure=True)
CASES: list[Any] = list(LOADER.load_all(Path(__file__).with_name("filters.yaml").read_text(encoding="utf-8")))
TEXT = st.text(st.sampled_from("ab1# \t.e0\\$'\"&*\r"), max_size=6)
WORDS = st.sampled_from(["192.0.2.1", "db", "/data", "tmpfs", "AAAAkey", "ssh-ed25519", "# golive n end", "10", "1e1"])
FILE = st.lists(st.lists(st.one_of(TEXT, WORDS), max_size=4).map(" ".join), max_size=5)


def edited(made: Edited, text: str, work: Path, shell: str) -> str:
    work.joinpath("f").write_bytes(text.encode())
    done = run(f"set -e\n{made.prepare()}\nedit {work}/f > {work}/out\n", work, SHELLS[shell])
    assert done.code == 0, done.errors
    return work.joinpath("out").read_bytes().decode()


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_what_becomes_of_a_file(case: dict[str, Any], shell: str, tmp_path: Path):
    made = resource(case["resource"])
    assert isinstance(made, Edited)
    assert edited(made, case["before"], tmp_path, shell) == case["after"]
    assert edited(made, case["after"], tmp_path, shell) == case["after"]


@pytest.mark.parametrize("shell", SHELLS)
def test_twice_is_once(shell: str, tmp_path_factory: pytest.TempPathFactory):
    work = tmp_path_factory.mktemp("twice")

    @settings(max_examples=60, deadline=None)
    @given(st.sampled_from([case["resource"] for case in CASES]), FILE)
    def holds(model: Any, lines: list[str]) -> None:
        made = resource(model)
        assert isinstance(made, Edited)
        once = edited(made, "".join(f"{line}\n" for line in lines), work, shell)
        assert edited(made, once, work, shell) == once

    holds()


@pytest.mark.parametrize("shell", SHELLS)
def test_any_line_arrives(shell: str, tmp_path_factory: pytest.TempPathFactory):
    work = tmp_path_factory.mktemp("any")

    @settings(max_examples=60, deadline=None)
    @given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\n"), min_size=1, max_size=20), TEXT)
    def holds(text: str, other: str) -> None:
        made = resource({"line": "/f", "text": text})
        assert isinstance(made, Edited)
        expected = f"{other}\n" if other == text else f"{other}\n{text}\n"
        assert edited(made, f"{other}\n", work, shell) == expected

    holds()
