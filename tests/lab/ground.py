"""Where the tests stand: a lab of their own, a home with its key, fresh hosts on request, and ways to look at them."""

import itertools
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from networks import free_network

from golive.lab import Lab, LabSpec

PACKAGES: Mapping[str, tuple[str, ...]] = {
    "bookworm": (),
    "trixie": ("ca-certificates", "curl", "haproxy", "nginx", "sudo", "zstd"),
}
"""One set for each suite, for all lab tests: so there is one image of each."""


@dataclass(frozen=True)
class Host:
    """A host of the lab, with ways to look at it that need neither network nor login."""

    name: str
    address: str
    lab: Lab

    def sh(self, script: str, *, check: bool = True) -> str:
        """What a shell script prints, run as root on the host."""
        return self.lab.exec(self.name, ["sh", "-c", script], check=check, timeout=60).stdout

    def until(self, condition: str, seconds: int = 30) -> None:
        """Waits until a shell condition holds on the host."""
        loop = f"until {condition}; do sleep 0.05; done"
        self.lab.exec(self.name, ["timeout", str(seconds), "sh", "-c", loop], timeout=seconds + 10)

    def tree(self, *roots: str) -> dict[str, str]:
        """Type, mode, owner, target of links and digest of content of everything below some paths."""
        where = " ".join(roots)
        about = self.sh(f"find {where} -printf '%p\\t%y %m %u:%g %l\\n' 2>/dev/null || :")
        sums = self.sh(f"find {where} -type f -exec sha256sum {{}} + 2>/dev/null || :")
        found = dict(line.split("\t", 1) for line in about.splitlines())
        for digest, path in (line.split("  ", 1) for line in sums.splitlines()):
            found[path] += f" {digest}"
        return found

    def has(self, path: str) -> bool:
        """Whether a path exists on the host."""
        return self.sh(f"[ ! -e '{path}' ] || echo yes").strip() == "yes"


class Ground:
    """A lab with fresh hosts on request, and a home directory from which they can be reached.

    Args:
        folder: an empty directory.
        packages: that the hosts can install without the internet, by suite.
    """

    def __init__(self, folder: Path, packages: Mapping[str, tuple[str, ...]] = PACKAGES) -> None:
        self._packages = packages
        self.lab, self.home = Lab(folder / "lab", say=print), folder / "home"
        self._network, self._numbers, self._alone = free_network(), itertools.count(1), threading.Lock()
        self.home.joinpath(".ssh").mkdir(parents=True, mode=0o700)

    def fresh(self, *names: str, suite: str = "trixie") -> tuple[Host, ...]:
        """Boots hosts that nobody has used."""
        numbers = {name: next(self._numbers) for name in names}
        hosts = {
            f"{name}-{number}": {"suite": suite, "address": f"{self._network}.{number // 200}.{number % 200 + 10}"}
            for name, number in numbers.items()
        }
        with self._alone:
            made = self.lab.up(self._spec(hosts))
            shutil.copy(self.lab.key, self.home / ".ssh/id_ed25519")
            shutil.copy(self.lab.known_hosts, self.home / ".ssh/known_hosts")
        by_name = {host.name: Host(host.name, host.address, self.lab) for host in made}
        return tuple(by_name[name] for name in hosts)

    @contextmanager
    def lent(self, *names: str) -> Iterator[tuple[Host, ...]]:
        """Fresh hosts for a block; they are taken down after it."""
        hosts = self.fresh(*names)
        try:
            yield hosts
        finally:
            self.take_down(*hosts)

    def take_down(self, *hosts: Host) -> None:
        """Takes some hosts down, and leaves the others."""
        specs = {record.name: {"suite": record.suite, "address": record.address} for record in self.lab.hosts()}
        self.lab.down(self._spec({host.name: specs[host.name] for host in hosts}))

    def _spec(self, hosts: Mapping[str, Any]) -> LabSpec:
        network = f"{self._network}.0.0/16"
        return LabSpec.model_validate({"lab": 1, "network": network, "hosts": hosts, "packages": self._packages})

    def known(self, host: Host) -> str:
        """The host's line of known_hosts with its ed25519 key."""
        lines = self.lab.known_hosts.read_text(encoding="utf-8").splitlines()
        [line] = [line for line in lines if line.startswith(f"{host.name},") and " ssh-ed25519 " in line]
        return f"{line}\n"

    def close(self) -> None:
        """Takes everything down."""
        self.lab.down()
