"""One verified SSH connection; everything that asyncssh or the system says about it is translated here."""

import errno
import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh

from golive.errors import HostError, HostKeyRefused, HostUnreachable, LoginRefused
from golive.hosts.login import NamedKey
from golive.hosts.target import Target

KEEPALIVE = {"keepalive_interval": 5, "keepalive_count_max": 2}
"""A cut line is noticed when two questions stay unanswered: after 15 s."""

_NO_PROMPTS: dict[str, Any] = {"password": None, "passphrase": None, "preferred_auth": ("publickey",)}


async def connect(target: Target) -> asyncssh.SSHClientConnection:
    """Connect and log in, through the hosts on the way, with every host key verified.

    Raises:
        HostUnreachable: no connection, or not in time.
        HostKeyRefused: a key on the way or of the host is not in the known hosts, or is another one.
        LoginRefused: no key was accepted, or none could be used without a prompt.
        HostError: a configuration file is wrong.
    """
    with translated(target):
        return await log_in(target, await open_tunnel(target))


def _login_options(target: Target) -> dict[str, Any]:
    """With which keys to log in: those of the target alone, or else the agent's, ssh_config's and the usual files."""
    if not target.identity:
        return {}
    # Keys that were read bring no certificate along from a file beside them: one file is one attempt.
    keys = [asyncssh.read_private_key(path) for path in target.identity]
    return {"client_keys": keys, "client_certs": [], "agent_path": "", "client_factory": NamedKey}


async def open_tunnel(target: Target) -> asyncssh.SSHClientConnection | None:
    """The connection to the last host on the way, or None when the way is direct.

    asyncssh would open it by itself, but with other known hosts than the target's.
    """
    tunnel: asyncssh.SSHClientConnection | None = None
    for hop in _hops(target):
        user, _, place = hop.rpartition("@")
        host, port = _split_port(place)
        tunnel = await log_in(replace(target, address=host, port=port, user=user or None), tunnel)
    return tunnel


def _hops(target: Target) -> Sequence[str]:
    jump = target.jump
    if jump is None:
        # Without keys: this reads the configuration only, to learn what it says about the way.
        asked = asyncssh.SSHClientConnectionOptions(host=target.address, config=config_paths(target), client_keys=None)
        jump = asked.tunnel if isinstance(asked.tunnel, str) else ""
    return [hop.removeprefix("ssh://") for hop in jump.split(",") if hop and hop != "none"]


def _split_port(place: str) -> tuple[str, int | None]:
    host, colon, port = place.rpartition(":")
    return (host.strip("[]"), int(port)) if colon and port.isdigit() else (place.strip("[]"), None)


async def log_in(target: Target, tunnel: asyncssh.SSHClientConnection | None) -> asyncssh.SSHClientConnection:
    """One connection through an open tunnel, or direct; it closes the tunnel when it ends. Raises foreign errors."""
    try:
        connection = await asyncssh.connect(
            target.address,
            **address_options(target, tunnel),
            known_hosts=known_hosts(target),
            connect_timeout=target.connect_timeout,
            login_timeout=target.connect_timeout,
            **KEEPALIVE,
            **_NO_PROMPTS,
            **_login_options(target),
        )
    except BaseException:
        if tunnel:
            tunnel.abort()
        raise
    if tunnel:
        connection.set_tunnel(tunnel)
    return connection


def address_options(target: Target, tunnel: asyncssh.SSHClientConnection | None) -> dict[str, Any]:
    """Where to connect to; what the target leaves open is left to ssh_config."""
    options: dict[str, Any] = {"config": config_paths(target), "tunnel": tunnel}
    if target.port is not None:
        options["port"] = target.port
    if target.user is not None:
        options["username"] = target.user
    return options


def config_paths(target: Target) -> list[str] | None:
    """The ssh_config files to read, or None for none."""
    paths = target.ssh_config
    if paths is None:
        usual = Path("~/.ssh/config").expanduser()
        paths = (usual,) if usual.is_file() else ()
    return [str(path) for path in paths] or None


def known_hosts(target: Target) -> asyncssh.SSHKnownHosts:
    """The keys that are trusted. Never None, which would trust every key."""
    files = (*target.known_hosts, Path("~/.ssh/known_hosts").expanduser())
    return asyncssh.import_known_hosts("\n".join(path.read_text() for path in files if path.is_file()))


@contextmanager
def translated(target: Target) -> Generator[None, None, None]:
    """Turns what asyncssh and the system raise into golive's errors, one line each, with what to do next."""
    try:
        yield
    except (asyncssh.Error, asyncssh.KeyImportError, asyncssh.KeyEncryptionError, OSError, ValueError) as error:
        raise translate(target, error) from error


def translate(target: Target, error: Exception) -> HostError:
    """The error of golive that a foreign error means for this target."""
    name, where = target.name, target.where
    match error:
        case asyncssh.HostKeyNotVerifiable():
            return _key_refused(target, error)
        case asyncssh.KeyExchangeFailed():
            return HostUnreachable(
                name,
                f"no common algorithms with {where}: {error.reason}",
                "when the host's keys were changed, `golive trust` shows the new ones",
            )
        case asyncssh.PermissionDenied():
            return LoginRefused(
                name,
                f"{where} refuses the login as {target.user or 'the user of ssh_config'}",
                "check the user, the identity file, and `ssh-add -l`; is the public key in authorized_keys?",
            )
        case asyncssh.KeyEncryptionError() | asyncssh.KeyImportError():
            return LoginRefused(
                name,
                f"a private key cannot be used: {error}",
                "golive asks for no passphrase: load the key into the agent (ssh-add) and name no identity file",
            )
        case _:
            return _unreachable(name, where, error)


def _key_refused(target: Target, error: asyncssh.HostKeyNotVerifiable) -> HostKeyRefused:
    host = target.address
    known = known_hosts(target).match(host, "", target.port)[0]
    if known:
        return HostKeyRefused(
            target.name,
            f"{target.where} shows another key than the one that is trusted: {error.reason}",
            "was the host installed anew? `golive trust` shows its fingerprints; compare them on its console",
        )
    return HostKeyRefused(
        target.name,
        f"the key of {target.where}, or of a host on the way, is not known",
        "`golive trust` shows the fingerprints; compare them on the host's console",
    )


def _unreachable(name: str, where: str, error: Exception) -> HostError:
    match error:
        case TimeoutError() | OSError(errno=errno.EHOSTUNREACH | errno.ENETUNREACH | errno.ETIMEDOUT):
            return HostUnreachable(
                name, f"{where} does not answer", "is it up, and does a firewall drop the way to it?"
            )
        case ConnectionRefusedError():
            return HostUnreachable(name, f"{where} refuses connections", "does sshd run there, on this port?")
        case socket.gaierror():
            return HostUnreachable(name, f"{where} is no known name", "check the address in the plan, and DNS")
        case FileNotFoundError() | PermissionError():
            return LoginRefused(name, f"cannot read {error.filename}: {error.strerror}", "check the identity files")
        case asyncssh.Error():
            return HostUnreachable(name, f"the connection to {where} was lost: {error.reason}", "look at sshd's log")
        case OSError():
            return HostUnreachable(name, f"no connection to {where}: {error.strerror or error}", "check the network")
        case _:
            return HostError(name, f"known_hosts or ssh_config is wrong: {error}", "does `ssh` itself accept them?")
