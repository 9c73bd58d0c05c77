"""Contents, names and titles of any text arrive as they are, in real shells, and none of it is ever run."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.resources.command import Command
from golive.resources.directory import Directory
from golive.resources.file import File
from golive.resources.script import converge, revert, secrets_of
from golive.resources.sh import code, mark, quote, secrets_in, word

from .shells import SHELLS, run, snapshot

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="owners can be set by root only")
NASTY = (
    "'", '"', "\\", "$", "`", "$(touch $T/owned)", "`touch $T/owned`", "'; touch $T/owned; '", "\n", "\r", "\t",
    "EOF\n", "<<EOF", "${HOME}", "$'\\n'", "%s", "%%", "-n", "-e", "!", "#", "~", "*", "{}", "é", "日本", "\u2028",
    "\x1e", "\x7f", "\ue000", "\ue001", "GOLIVE_SECRET_a", "${GOLIVE_SECRET_a}", "&&", ";", "|", "\x1b[31m", "  ",
    "}\n", "esac", "done\n",
)  # fmt: skip
"""Pieces that have broken shell scripts before."""
CARRIED = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
TEXT = st.lists(st.one_of(st.sampled_from(NASTY), st.text(CARRIED, max_size=6)), max_size=8).map("".join)
WHOLE = TEXT.filter(lambda text: not secrets_in(text))
LINE = WHOLE.map(lambda text: "".join(char for char in text if char not in "\n\r\x1e\t\0")).filter(bool)
NAME = LINE.map(lambda text: text.replace("/", "")[:60]).filter(lambda text: text.strip(". ") != "")
SOME = settings(max_examples=60, deadline=None)


@pytest.fixture(params=list(SHELLS))
def shell(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return SHELLS[request.param]


def arrives(shell: tuple[str, ...], name: str, content: str, title: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        here = work / "t"
        here.mkdir()
        file = File.model_validate({"file": f"{here}/{name}", "content": content})
        under = Directory.model_validate({"directory": f"{here}/{name}.d/{name}"})
        note = Command.model_validate({"command": f"touch {here}/ran", "name": title, "creates": f"{here}/ran"})
        done = run(converge([file, under, note], "k"), work, shell)
        assert done.code == 0, done.errors
        assert [line for line in done.reports if not line.startswith("changed ")] == []
        assert done.reports[-1] == f"changed command {title}"
        assert (here / name).read_bytes() == content.encode()
        assert sorted(snapshot(here)) == sorted([name, f"{name}.d", f"{name}.d/{name}", "ran"])
        assert run(converge([file, under, note], "k"), work, shell).reports[0] == f"ok {file.title}"
        assert run(revert([file, under], "k"), work, shell).code == 0
        assert sorted(snapshot(here)) == ["ran"]


@ROOT_ONLY
@pytest.mark.parametrize("nasty", NASTY)
def test_each_nasty_piece_arrives(shell: tuple[str, ...], nasty: str):
    line = "".join(char for char in nasty if char not in "\n\r\x1e\t").strip("/") or "x"
    arrives(shell, f"n{line.replace('/', '')}", nasty, f"t{line}")


@ROOT_ONLY
@pytest.mark.parametrize("which", SHELLS)
def test_any_text_arrives(which: str):
    @SOME
    @given(NAME, WHOLE, LINE)
    def holds(name: str, content: str, title: str) -> None:
        arrives(SHELLS[which], name, content, title)

    holds()


@pytest.mark.parametrize("which", SHELLS)
def test_a_word_is_one_word(which: str):
    @settings(max_examples=80, deadline=None)
    @given(st.lists(WHOLE, min_size=1, max_size=3))
    def holds(words: list[str]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            body = f"printf '%s\\000' {' '.join(quote(item) for item in words)} > {folder}/out\n"
            assert run(body, Path(folder), SHELLS[which]).code == 0
            assert (Path(folder) / "out").read_bytes() == b"".join(item.encode() + b"\0" for item in words)

    holds()


@pytest.mark.parametrize("which", SHELLS)
def test_a_secret_arrives_and_is_not_in_the_script(which: str):
    @settings(max_examples=60, deadline=None)
    @given(WHOLE, TEXT.map(lambda text: f"value:{text}"), WHOLE)
    def holds(before: str, value: str, after: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            file = File.model_validate({"file": f"{folder}/f", "content": before + mark("a_b") + after, "mode": "0600"})
            body = converge([file])
            assert secrets_of(body) == ("a_b",)
            assert value not in body
            done = run(body, work, SHELLS[which], f"GOLIVE_SECRET_a_b={quote(value)}\n")
            assert done.code == 0, done.errors
            assert (work / "f").read_bytes() == (before + value + after).encode()
            assert value not in done.said + done.errors

    if os.geteuid() == 0:
        holds()


def test_a_secret_that_was_not_sent_ends_the_script(shell: tuple[str, ...], tmp_path: Path):
    done = run(f"echo {word(mark('gone'))} > {tmp_path}/f\ntouch {tmp_path}/after\n", tmp_path, shell)
    assert done.code != 0
    assert not (tmp_path / "after").exists()


def test_a_tab_in_a_name_does_not_end_its_title(shell: tuple[str, ...], tmp_path: Path):
    (tmp_path / "t").mkdir()
    made = Command.model_validate({"command": ":", "creates": f"{tmp_path}/t"})
    other = Directory.model_validate({"directory": f"{tmp_path}/t/a\tb", "when": "false"})
    assert run(converge([made, other]), tmp_path, shell).reports == [
        "ok command :",
        f"skipped directory {tmp_path}/t/a b",
    ]


def test_nul_is_refused():
    with pytest.raises(ValueError, match="NUL"):
        quote("a\0b")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        (mark("a"), ["a"]),
        (f"{mark('b')} x {mark('a')}", ["a", "b"]),
        ("${GOLIVE_SECRET_c}", ["c"]),
        ("\ue000", []),
    ],
)
def test_the_secrets_of_a_script_are_known(text: str, names: list[str]):
    assert list(secrets_of(text)) == names
    assert list(secrets_of(code(text))) == names
