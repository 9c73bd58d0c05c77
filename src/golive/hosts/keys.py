"""The key that a host offers, fetched without trusting it: a person compares and decides (``golive trust``)."""

import asyncio
from dataclasses import dataclass

import asyncssh

from golive.errors import HostUnreachable
from golive.hosts.connect import address_options, open_tunnel, translated
from golive.hosts.target import Target

_ALGORITHMS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512")


@dataclass(frozen=True)
class HostKey:
    """A host's public key.

    Attributes:
        algorithm: such as ssh-ed25519.
        line: algorithm and base64, as in known_hosts after the name.
        fingerprint: as ``ssh-keygen -l`` shows it.
    """

    algorithm: str
    line: str
    fingerprint: str


async def offered_keys(target: Target) -> list[HostKey]:
    """The keys that the host offers, best first. Nothing is logged in to; hosts on the way are verified as ever.

    One connection is made, so one key is returned: sshd counts connections that do not log in against their source,
    and one trusted key is enough, since golive then asks the host for that one.

    Raises:
        HostUnreachable: there was no answer.
        HostKeyRefused: a host on the way has an unknown key.
        LoginRefused: a host on the way refused the login.
    """
    with translated(target):
        tunnel = await open_tunnel(target)
        try:
            options = address_options(target, tunnel)
            options.pop("username", None)
            fetching = asyncssh.get_server_host_key(target.address, server_host_key_algs=_ALGORITHMS, **options)
            key = await asyncio.wait_for(fetching, target.connect_timeout)
        finally:
            if tunnel:
                tunnel.close()
    if key is None:
        raise HostUnreachable(target.name, f"{target.where} showed no key")
    return [_host_key(key)]


def _host_key(key: asyncssh.SSHKey) -> HostKey:
    line = " ".join(key.export_public_key("openssh").decode().split()[:2])
    return HostKey(line.split()[0], line, key.get_fingerprint())
