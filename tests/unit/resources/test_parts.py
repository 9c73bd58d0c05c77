"""A resource that is made of others keeps the rules of one, in real shells."""

import os
from pathlib import Path
from typing import ClassVar

import pytest

from golive.resources.directory import Directory
from golive.resources.file import File
from golive.resources.interface import Resource
from golive.resources.parts import Composite
from golive.resources.script import TELL, converge, revert

from .shells import SHELLS, mortal, run, snapshot

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="owners can be set by root only")

DIFF = TELL.replace("%", "%%") + "%s\n%s\n"


class Pair(Composite):
    kind: ClassVar[str] = "pair"
    pair: str

    def parts(self) -> tuple[Resource, ...]:
        one = {"file": f"{self.pair}/one", "content": "one\n"}
        two = {"file": f"{self.pair}/two", "content": "it's two\n", "mode": "0600"}
        return (
            Directory.model_validate({"directory": self.pair}),
            File.model_validate(one),
            File.model_validate(two),
        )


@pytest.fixture(params=list(SHELLS))
def shell(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return SHELLS[request.param]


@pytest.mark.parametrize("there", [False, True])
def test_all_parts_are_made_and_taken_back(shell: tuple[str, ...], there: bool, tmp_path: Path):
    here = tmp_path / "t"
    (here / "d").mkdir(parents=True) if there else here.mkdir()
    (here / "d/two").write_text("before\n") if there else None
    before, pair = snapshot(here), Pair(pair=f"{here}/d", when=None, tags=())
    shown = run(DIFF % (pair.prepare(), pair.diff()), tmp_path, shell).said
    assert "+it's two" in shown and ("-before" in shown) is there
    done = run(converge([pair], "k"), tmp_path, shell)
    assert (done.code, done.reports, done.errors) == (0, [f"changed pair {here}/d"], "")
    assert [(here / f"d/{name}").read_text() for name in ("one", "two")] == ["one\n", "it's two\n"]
    assert run(converge([pair], "k"), tmp_path, shell).reports == [f"ok pair {here}/d"]
    (here / "d/one").write_text("by hand\n")
    shown = run(DIFF % (pair.prepare(), pair.diff()), tmp_path, shell).said
    assert "-by hand" in shown and "two" not in shown  # only the part that differs
    assert run(converge([pair], "k"), tmp_path, shell).reports == [f"changed pair {here}/d"]
    assert run(revert([pair], "k"), tmp_path, shell).reports == [f"undone pair {here}/d"]
    assert snapshot(here) == before


def test_a_crash_before_any_command_is_made_good(shell: tuple[str, ...], tmp_path: Path):
    here, path, left = tmp_path / "t", mortal(tmp_path), tmp_path / "left"
    here.mkdir()
    pair, died = Pair(pair=f"{here}/d", when=None, tags=()), 0
    for count in range(1, 100):
        left.write_text(f"{count}\n")
        if run(converge([pair], "k"), tmp_path, shell, path=path).code == 0:
            break
        died += 1
        assert run(converge([pair], "k"), tmp_path, shell).code == 0
        left.write_text(f"{count}\n")
        run(revert([pair], "k"), tmp_path, shell, path=path)
        assert run(revert([pair], "k"), tmp_path, shell).code == 0
        assert snapshot(here) == {}, count
    assert died > 10


def test_a_part_that_fails_ends_it(shell: tuple[str, ...], tmp_path: Path):
    (tmp_path / "t/d/one").mkdir(parents=True)
    pair = Pair(pair=f"{tmp_path}/t/d", when=None, tags=())
    done = run(converge([pair], "k"), tmp_path, shell)
    assert (done.code, done.reports) == (1, [f"failed pair {pair.pair}"])
    assert not (tmp_path / "t/d/two").exists()
