"""The contract of Host and Witness over this machine, under dash and under busybox's shell and tools."""

import subprocess
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hosts_contract import ClosedContract, HostContract, MirrorContract, WitnessContract

from golive.hosts.local import LocalHost

BESIDES_BUSYBOX = ("busybox", "flock")
"""The program itself, and what Debian builds busybox without; a distribution that lives on busybox has it."""


@pytest.fixture(scope="session")
def busybox_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH on which nearly every command is busybox's own."""
    folder = tmp_path_factory.mktemp("busybox")
    subprocess.run(["busybox", "--install", "-s", str(folder)], check=True)
    for tool in BESIDES_BUSYBOX:
        found = subprocess.run(["sh", "-c", f"command -v {tool}"], capture_output=True, text=True, check=True)
        (folder / tool).symlink_to(found.stdout.strip())
    return str(folder)


@pytest.fixture(params=["dash", "busybox"])
async def host(request: pytest.FixtureRequest, busybox_path: str) -> AsyncIterator[LocalHost]:
    shells = {"dash": ("dash",), "busybox": ("env", f"PATH={busybox_path}", "busybox", "sh")}
    made = LocalHost("here", shells[request.param])
    yield made
    await made.close()


@pytest.fixture
def root(tmp_path: Path) -> str:
    return str(tmp_path / uuid.uuid4().hex[:8])


class TestLocalHost(HostContract):
    pass


class TestLocalWitness(WitnessContract):
    pass


class TestLocalClosed(ClosedContract):
    pass


class TestLocalMirror(MirrorContract):
    pass
