"""What the user writes in a lab file, and the rules that hold within it. Pure."""

import re
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Suite = Literal["bookworm", "trixie"]
HostName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
PackageName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9+.-]+$")]
DiskSize = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*[MG]$")]

SMALLEST_DISK = 16 * 2**20
"""Below this mkfs and the host's own files leave nothing to try."""

RESERVED = frozenset({"internet", "here", "all"})
"""What a host can be cut off from, besides another host."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HostSpec(_Strict):
    """One host: its Debian suite, its address and, when it should run out of space, the size of its disk."""

    suite: Suite
    address: IPv4Address
    disk: DiskSize | None = None

    @model_validator(mode="after")
    def _disk_is_usable(self) -> "HostSpec":
        if self.disk is not None and disk_bytes(self.disk) < SMALLEST_DISK:
            raise ValueError(f"disk {self.disk} is too small: use at least {SMALLEST_DISK // 2**20}M")
        return self


class LabSpec(_Strict):
    """A lab file: hosts on one network, and packages that they can install without the internet."""

    lab: Literal[1]
    network: IPv4Network = IPv4Network("10.98.0.0/16")
    hosts: dict[HostName, HostSpec] = Field(min_length=1)
    packages: dict[Suite, tuple[PackageName, ...]] = {}

    @model_validator(mode="after")
    def _addresses_fit(self) -> "LabSpec":
        seen: dict[IPv4Address, str] = {}
        if taken := RESERVED & set(self.hosts):
            raise ValueError(f"no host can be called {' or '.join(sorted(taken))}: the word means something to a cut")
        for name, host in self.hosts.items():
            if problem := address_problem(self.network, host.address):
                raise ValueError(f"host {name}: {problem}")
            if host.address in seen:
                raise ValueError(f"hosts {seen[host.address]} and {name} have the same address {host.address}")
            seen[host.address] = name
        return self

    @property
    def suites(self) -> tuple[Suite, ...]:
        """The suites that need a base image."""
        return tuple(sorted({host.suite for host in self.hosts.values()}))


def gateway(network: IPv4Network) -> IPv4Address:
    """The address of the outer machine in the lab: the first of the network."""
    return network.network_address + 1


def address_problem(network: IPv4Network, address: IPv4Address) -> str | None:
    """Why the address cannot be a host's, or None."""
    if address not in network:
        return f"address {address} is outside the lab's network {network}"
    if address in (network.network_address, network.broadcast_address):
        return f"address {address} is the network's own; choose one in between"
    if address == gateway(network):
        return f"address {address} is the outer machine's, the first of the network; choose another"
    return None


def disk_bytes(size: str) -> int:
    """A size such as 200M in bytes."""
    match = re.fullmatch(r"(\d+)([MG])", size)
    if match is None:
        raise ValueError(f"{size} is no size: write for example 200M or 2G")
    return int(match[1]) * {"M": 2**20, "G": 2**30}[match[2]]


def rate_bits(rate: str) -> int:
    """A rate such as 2mbit in bits per second."""
    match = re.fullmatch(r"([1-9]\d*)(kbit|mbit|gbit)", rate)
    if match is None:
        raise ValueError(f"{rate} is no rate: write for example 512kbit, 2mbit or 1gbit")
    return int(match[1]) * {"kbit": 10**3, "mbit": 10**6, "gbit": 10**9}[match[2]]
