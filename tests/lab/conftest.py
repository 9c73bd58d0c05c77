"""What all lab tests share: a lab of its own for the session, and plans in folders."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ground import Ground, Host
from planfolder import PlanFolder, Plans

from golive.hosts.target import Target
from golive.lab.outer import TOOLS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = [tool for tool in TOOLS if shutil.which(tool, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is None]
    if os.geteuid() == 0 and not missing:
        return
    reason = "a lab needs root" if os.geteuid() else f"a lab needs {', '.join(missing)}"
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    made = Ground(tmp_path_factory.mktemp("ground"))
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="session")
def lab_host(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Target:
    """A host of its own: refused logins are held against their source for a while."""
    [host] = ground.fresh("contract")
    host.sh("apt-get -qq -y install sudo")
    known = tmp_path_factory.mktemp("known") / "known_hosts"
    known.write_text(ground.known(host), encoding="utf-8")
    return Target(
        name=host.name, address=host.address, port=22, user="root", identity=(ground.lab.key,), known_hosts=(known,)
    )


@pytest.fixture(scope="session")
def host(ground: Ground) -> Host:
    """A host for plans that do not mind each other."""
    return ground.fresh("shared")[0]


@pytest.fixture
def plan(ground: Ground, tmp_path: Path) -> Plans:
    """Makes a plan's folder from the text of its golive.yaml."""

    def make(text: str, folder: str = "plan", **env: str) -> PlanFolder:
        made = PlanFolder(tmp_path / folder, ground.home, env)
        made.write("golive.yaml", text)
        return made

    return make
