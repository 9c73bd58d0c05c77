"""What travels beside the script: large texts and files of any bytes, by digest, in real shells."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.digest import digest_bytes
from golive.resources.content import LARGE, Content, large
from golive.resources.interface import Resource
from golive.resources.script import converge, examine, revert
from golive.resources.sourced import Sourced

from .shells import SHELLS, resource, run, snapshot

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="owners can be set by root only")
TEXT = "é'$(x)\n" * LARGE


def sourced(path: Path, raw: bytes, **more: object) -> Sourced:
    held = Content(sha256=digest_bytes(raw), size=len(raw), source="files/x")
    return Sourced.model_validate({"file": str(path), "content": "", "held": held, **more})


def put(work: Path, raw: bytes) -> None:
    folder = work / "golive/contents"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / digest_bytes(raw)).write_bytes(raw)


@pytest.fixture(params=list(SHELLS))
def shell(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return SHELLS[request.param]


@pytest.mark.parametrize("size", [LARGE - 1, LARGE, LARGE + 1])
def test_a_text_is_large_by_its_bytes(size: int):
    for text in ("x" * size, "é" * (size // 2) + "x" * (size % 2)):
        assert (large(text) is not None) == (size > LARGE)


def test_a_large_text_is_not_in_the_script_unless_it_holds_a_secret():
    plain = resource({"file": "/f", "content": TEXT})
    assert [content.text for content in plain.contents()] == [TEXT]
    assert len(converge([plain], "k") + examine([plain]) + revert([plain], "k")) < LARGE
    secret = resource({"file": "/f", "content": f"{TEXT}\ue000word\ue001"})
    assert secret.contents() == () and TEXT[:LARGE].replace("'", "'\\''") in converge([secret])


@pytest.mark.parametrize(
    "model",
    [
        {"unit": "x.service", "content": TEXT},
        {"sudo-rule": "x", "content": TEXT},
        {"firewall": "x", "rules": "# " + "x" * LARGE},
        {"sysctl": "vm.x", "value": "x" * LARGE},
    ],
)
def test_what_is_made_of_files_says_what_these_need(model: dict[str, str]):
    made = resource(model)
    [content] = made.contents()
    assert content.sha256 in made.prepare() and content.size > LARGE


def test_looking_and_keeping_need_no_content_and_applying_says_which_is_missing(shell: tuple[str, ...], tmp_path: Path):
    raw, here = bytes(range(256)) * 10, tmp_path / "t"
    here.mkdir()
    (here / "f").write_bytes(b"old\0")
    before, file = snapshot(here), sourced(here / "f", raw)
    seen = run(examine([file]), tmp_path, shell)
    assert seen.reports == [f"would file {here}/f"] and snapshot(here) == before
    failed = run(converge([file], "k"), tmp_path, shell)
    assert failed.reports == [f"failed file {here}/f"] and file.held.sha256 in failed.errors
    put(tmp_path, raw)
    assert run(converge([file], "k"), tmp_path, shell).reports == [f"changed file {here}/f"]
    assert (here / "f").read_bytes() == raw
    assert run(examine([file]), tmp_path, shell).reports == [f"ok file {here}/f"]
    assert run(revert([file], "k"), tmp_path, shell).code == 0
    assert snapshot(here) == before


@pytest.mark.parametrize(("more", "shown"), [({}, True), ({"sensitive": True}, False)])
def test_the_difference_is_shown_by_digests(
    more: dict[str, object], shown: bool, shell: tuple[str, ...], tmp_path: Path
):
    (tmp_path / "f").write_bytes(b"old\0")
    file = sourced(tmp_path / "f", b"new\xff", **more)
    body = f'differs() {{ printf -- "- %s\\n+ %s\\n" "$1" "$2"; }}\n{file.prepare()}\n{file.diff()}\n'
    said = run(body, tmp_path, shell).said
    for raw in (b"old\0", b"new\xff"):
        assert (digest_bytes(raw) in said) is shown
    assert "+ content" in said


@pytest.mark.parametrize("which", SHELLS)
def test_any_bytes_arrive(which: str):
    @settings(max_examples=20, deadline=None)
    @given(st.lists(st.binary(max_size=300), min_size=5, max_size=5))
    def holds(contents: list[bytes]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            files: list[Resource] = [sourced(work / f"f{number}", raw) for number, raw in enumerate(contents)]
            for raw in contents:
                put(work, raw)
            done = run(converge(files), work, SHELLS[which])
            assert done.code == 0, done.errors
            assert [(work / f"f{number}").read_bytes() for number in range(5)] == contents

    holds()
