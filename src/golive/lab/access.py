"""How a person, or asyncssh, gets into the hosts: the lab's key, known_hosts and an ssh configuration."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address
from pathlib import Path

from golive.lab.shell import run
from golive.lab.state import replace


def ensure_key(key: Path) -> None:
    """Makes the lab's key pair once; it outlives the hosts, so that a plan may name it."""
    if not key.exists():
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "golive-lab", "-f", str(key)])


def write_files(directory: Path, addresses: Mapping[str, IPv4Address], keys: Mapping[str, Sequence[str]]) -> None:
    """Writes known_hosts and ssh_config for the hosts there are."""
    replace(directory / "known_hosts", known_hosts(addresses, keys))
    replace(directory / "ssh_config", ssh_config(directory, addresses))


def known_hosts(addresses: Mapping[str, IPv4Address], keys: Mapping[str, Sequence[str]]) -> str:
    """One line for each key of each host, under its name and its address."""
    return "".join(f"{name},{addresses[name]} {key}\n" for name in sorted(keys) for key in keys[name])


def ssh_config(directory: Path, addresses: Mapping[str, IPv4Address]) -> str:
    """A configuration that knows the hosts by name and trusts nothing at first sight."""
    hosts = "".join(f"Host {name}\n  HostName {address}\n" for name, address in sorted(addresses.items()))
    return (
        f"{hosts}Host *\n  User root\n  IdentityFile {directory}/key\n  IdentitiesOnly yes\n"
        f"  UserKnownHostsFile {directory}/known_hosts\n  GlobalKnownHostsFile /dev/null\n"
        "  StrictHostKeyChecking yes\n  ConnectTimeout 10\n"
    )
