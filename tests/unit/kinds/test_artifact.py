"""An archive is unpacked for real, put in place of an earlier one, and taken back."""

import os
import tarfile
from pathlib import Path

import pytest

from golive.kinds.artifact import Archive, Wheels
from golive.resources.script import converge, revert

from ..resources.shells import SHELLS, run, snapshot

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="owners can be set by root only")


class Depot:
    def __init__(self, work: Path, shell: str) -> None:
        self.work, self.shell, self.into = work, SHELLS[shell], work / "t" / "it's here"
        (work / "t").mkdir()

    def resources(self, version: str):
        depot = self.work / f"depot-{version}"
        depot.mkdir(exist_ok=True)
        (self.work / "page").write_text(f"version {version}\n")
        with tarfile.open(depot / "page.tar", "w") as tar:
            tar.add(self.work / "page", "page")
        kind = Archive.model_validate({"archive": "dist/page.tar", "into": str(self.into)})
        return kind.install("site", str(depot), version * 8)

    def go(self, body: str):
        return run(body, self.work, self.shell)

    @property
    def version(self) -> str:
        return (self.into / "page").read_text()


@pytest.fixture(params=list(SHELLS))
def depot(request: pytest.FixtureRequest, tmp_path: Path) -> Depot:
    return Depot(tmp_path, request.param)


def test_installed_and_taken_back(depot: Depot):
    assert depot.go(converge(depot.resources("1"), "k")).reports == ["changed command unpack site"]
    assert depot.version == "version 1\n"
    assert depot.go(converge(depot.resources("1"), "k")).reports == ["ok command unpack site"]
    assert depot.go(revert(depot.resources("1"), "k")).code == 0
    assert snapshot(depot.work / "t") == {}


def test_an_earlier_version_comes_back(depot: Depot):
    assert depot.go(converge(depot.resources("1"), "k1")).code == 0
    before = snapshot(depot.work / "t")
    assert depot.go(converge(depot.resources("2"), "k2")).code == 0
    assert depot.version == "version 2\n"
    assert depot.go(revert(depot.resources("2"), "k2")).code == 0
    assert snapshot(depot.work / "t") == before
    assert depot.go(revert(depot.resources("2"), "k2")).code == 0
    assert snapshot(depot.work / "t") == before


def test_one_that_broke_off_is_built_anew_and_the_earlier_one_comes_back(depot: Depot):
    assert depot.go(converge(depot.resources("1"), "k1")).code == 0
    before, second = snapshot(depot.work / "t"), depot.resources("2")
    archive = depot.work / "depot-2" / "page.tar"
    whole = archive.read_bytes()
    archive.write_bytes(whole[:700])
    assert depot.go(converge(second, "k2")).reports == ["failed command unpack site"]
    archive.write_bytes(whole)
    assert depot.go(converge(second, "k2")).code == 0
    assert depot.version == "version 2\n"
    assert depot.go(revert(second, "k2")).code == 0
    assert snapshot(depot.work / "t") == before


def test_what_golive_did_not_make_is_left_alone(depot: Depot):
    depot.into.mkdir()
    (depot.into / "precious").write_text("x")
    before = snapshot(depot.work / "t")
    done = depot.go(converge(depot.resources("1"), "k"))
    assert done.code == 1
    assert "was not made by golive: move it away, or choose another place" in done.said
    assert depot.go(revert(depot.resources("1"), "k")).code == 0
    assert snapshot(depot.work / "t") == before


@pytest.mark.parametrize(
    ("name", "packages"), [("a.tar.zst", ("zstd",)), ("a.tar.xz", ("xz-utils",)), ("a.tar.gz", ()), ("a.tar", ())]
)
def test_packages(name: str, packages: tuple[str, ...]):
    assert Archive.model_validate({"archive": name}).packages() == packages


def test_wheels_are_installed_from_the_depot_only():
    kind = Wheels.model_validate({"wheels": ["kinto[postgresql]==26.5.0", "a;b"], "python": "3.13", "venv": "/opt/k"})
    (made,) = kind.install("api", "/depot", "d")
    assert "--no-index --no-cache-dir --find-links '/depot' 'kinto[postgresql]==26.5.0' 'a;b'\n" in made.apply()
