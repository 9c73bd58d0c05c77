"""Hosts of a lab of the benchmark's own, and what happens on them outside of every tool that is measured."""

import subprocess
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from benchmarks import relay
from benchmarks.peers import Address
from golive.lab import Lab, LabSpec

NETWORK = "10.93"
PACKAGES = {"trixie": ("ca-certificates", "curl", "haproxy", "nginx", "sudo", "zstd")}
"""None of them is used. The lab's tests have the same, so that they share an image with the benchmark."""


class Ground:
    """The lab's hosts.

    Args:
        lab: a lab that nobody else uses.
    """

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    @property
    def key(self) -> str:
        """The private key for root of every host."""
        return str(self.lab.key)

    def up(self, count: int) -> Sequence[Address]:
        """So many hosts; those that are up already stay."""
        places = {f"bench-{number}": f"{NETWORK}.0.{number + 9}" for number in range(1, count + 1)}
        hosts = {name: {"suite": "trixie", "address": address} for name, address in places.items()}
        self.lab.up(
            LabSpec.model_validate({"lab": 1, "network": f"{NETWORK}.0.0/16", "hosts": hosts, "packages": PACKAGES})
        )
        return [Address(name, address) for name, address in places.items()]

    def down(self) -> None:
        """Takes all of them down."""
        self.lab.down()

    def everywhere(self, hosts: Sequence[Address], script: Callable[[str], str]) -> Mapping[str, str]:
        """Runs a script as root on each host, by another way than SSH; returns what each said. Any failure raises."""

        def one(host: Address) -> str:
            return self.lab.exec(host.name, ["sh", "-c", script(host.name)], timeout=300).stdout

        with ThreadPoolExecutor(4) as pool:
            return dict(zip((host.name for host in hosts), pool.map(one, hosts), strict=True))

    def known_hosts(self, reached: Sequence[Address], hosts: Sequence[Address]) -> str:
        """The keys of the hosts, under the addresses by which they are reached."""
        places = {
            host.name: at.address if at.port == 22 else f"[{at.address}]:{at.port}"
            for host, at in zip(hosts, reached, strict=True)
        }
        lines = [line.partition(" ") for line in self.lab.known_hosts.read_text(encoding="utf-8").splitlines()]
        named = [(names.partition(",")[0], key) for names, _, key in lines]
        return "".join(f"{places[name]} {key}\n" for name, key in named if name in places)


@contextmanager
def far_away(hosts: Sequence[Address], round_trip: float) -> Generator[Sequence[Address]]:
    """The same hosts at a distance of so many seconds of round trip."""
    argv = [sys.executable, "-m", "benchmarks.relay", str(round_trip), *(host.address for host in hosts)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdin, "asked for"
        process.stdout.readline()
        try:
            yield [Address(host.name, relay.near(number), relay.PORT) for number, host in enumerate(hosts, 1)]
        finally:
            process.stdin.close()
            process.wait(timeout=10)
