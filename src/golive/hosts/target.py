"""Target: where a host is and how to log in."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Target:
    """One host's address and login.

    Attributes:
        name: the host's name in the plan.
        address: name or IP address, or an alias of ``ssh_config``.
        port: None asks ssh_config, then 22.
        user: None asks ssh_config, then the local user. Anyone but root needs sudo without a password.
        identity: private key files; when empty, ssh_config, the agent and the usual files are used.
        known_hosts: files with host keys, in addition to ``~/.ssh/known_hosts``. Keys are always verified.
        ssh_config: configuration files; None means ``~/.ssh/config`` if it exists, () means none.
        jump: hosts on the way, ``[user@]host[:port]`` with commas between; None asks ssh_config.
        connect_timeout: seconds until a connection attempt is given up.
    """

    name: str
    address: str
    port: int | None = None
    user: str | None = None
    identity: tuple[Path, ...] = ()
    known_hosts: tuple[Path, ...] = ()
    ssh_config: tuple[Path, ...] | None = None
    jump: str | None = None
    connect_timeout: float = 15.0

    @property
    def where(self) -> str:
        """The address as a person reads it."""
        return f"{self.address}:{self.port}" if self.port else self.address
