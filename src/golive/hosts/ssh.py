"""SshHost: a host over one SSH connection that is kept for the whole run."""

import asyncio
import math
from dataclasses import replace

import asyncssh

from golive.errors import HostUnreachable, LoginRefused, UsageError
from golive.hosts.connect import connect, log_in, open_tunnel, translate, translated
from golive.hosts.interface import Finished, Input, OnBytes
from golive.hosts.shells import FAR, Shells
from golive.hosts.streams import exchange
from golive.hosts.target import Target

__all__ = ["SshHost", "Target", "login_works"]

_SESSIONS = 8
"""Commands at once over one connection, beside a shell that waits; sshd allows 10 in all (MaxSessions)."""

_NO_SUDO, _PASSWORD = 90, 91
_HOW_TO_BE_ROOT = (
    '[ "$(id -u)" -ne 0 ] || exit 0; '
    f"command -v sudo >/dev/null || exit {_NO_SUDO}; sudo -n true >/dev/null || exit {_PASSWORD}; exit 1"
)
"""Ends with 0 when the login is root, with 1 when sudo lets it be, and otherwise with why it does not."""


class SshHost:
    """Runs commands with root rights over SSH.

    The connection is opened by the first command at the latest, and again by the next after it was lost. A login that
    is not root uses ``sudo -n``.

    Args:
        target: where the host is and how to log in.
        far: seconds that a shell takes to start on a host that is far away; see ``Shells``.
    """

    def __init__(self, target: Target, far: float = FAR) -> None:
        self.name = target.name
        self._target, self._far = target, far
        self._shells: Shells | None = None
        self._opening = asyncio.Lock()
        self._sessions = asyncio.Semaphore(_SESSIONS)

    async def open(self) -> None:
        """See ``Host.open``; raises what ``run`` raises."""
        await self._connected()

    async def run(self, command: str, stdin: Input = b"", on_stdout: OnBytes | None = None) -> Finished:
        """See ``Host.run``.

        Raises:
            HostUnreachable: see ``Host.run``.
            HostKeyRefused: a host key on the way is unknown or another one.
            LoginRefused: the login was refused, or it cannot become root without a password.
        """
        async with self._sessions:
            shells = await self._connected()
            return await _run(self._target, shells, command, stdin, on_stdout)

    async def close(self) -> None:
        """Close the connection; a later ``run`` opens a new one."""
        shells, self._shells = self._shells, None
        if shells:
            shells.close()
            await shells.connection.wait_closed()

    async def _connected(self) -> Shells:
        async with self._opening:
            if self._shells is None or self._shells.connection.is_closed():
                connection = await connect(self._target)
                try:
                    self._shells = Shells(connection, await self._find_prefix(connection), self._far)
                except BaseException:
                    connection.abort()
                    raise
            return self._shells

    async def _find_prefix(self, connection: asyncssh.SSHClientConnection) -> str:
        user = connection.get_extra_info("username")
        if user == "root":
            return "exec "
        finished = await _run(self._target, Shells(connection, far=math.inf), _HOW_TO_BE_ROOT)
        match finished.exit:
            case 0:
                return "exec "
            case 1:
                return "exec sudo -n "
            case _:
                raise self._not_root(user, finished)

    def _not_root(self, user: str, finished: Finished) -> LoginRefused:
        if finished.exit == _NO_SUDO:
            return LoginRefused(
                self.name, f"{user} is not root, and there is no sudo", "log in as root or install sudo"
            )
        said = " ".join(finished.stderr.decode("utf-8", "replace").split())[-200:]
        return LoginRefused(
            self.name,
            f"sudo does not make {user} root without a password: {said}",
            f"allow it on the host: {user} ALL=(ALL) NOPASSWD: ALL in /etc/sudoers.d",
        )


async def _run(
    target: Target, shells: Shells, command: str, stdin: Input = b"", on_stdout: OnBytes | None = None
) -> Finished:
    try:
        process, stdin = await shells.start(command, stdin)
        try:
            out, err = await exchange(stdin, process.stdin, process.stdout, process.stderr, on_stdout)
            await process.wait_closed()
        finally:
            process.close()
    except ConnectionError as error:
        # Not every OSError: the caller's own stdin and on_stdout run in here too.
        raise _lost(target) from error
    except asyncssh.Error as error:
        raise translate(target, error) from error
    if process.returncode is None:
        raise _lost(target)
    return Finished(process.returncode, out, err)


def _lost(target: Target) -> HostUnreachable:
    said = f"the connection to {target.where} was lost"
    return HostUnreachable(target.name, said, "the script goes on there; run golive again")


async def login_works(target: Target) -> bool:
    """Whether one private key logs in: one new connection, one attempt, no agent and no other key.

    sshd of Debian 13 makes a source of refused logins wait: pause between calls that are expected to fail.

    Args:
        target: the host and the login, with exactly one identity file.

    Returns:
        True when the login works, False when the host refuses it.

    Raises:
        UsageError: not exactly one identity file.
        HostUnreachable: the question could not be asked, which proves nothing.
        HostKeyRefused: likewise.
        LoginRefused: the private key could not be read.
    """
    if len(target.identity) != 1:
        raise UsageError(f"{target.name}: a login is tried with exactly one key, not {len(target.identity)}")
    with translated(target):
        # Hosts on the way are passed with the usual keys: only the last host's answer is the answer.
        tunnel = await open_tunnel(replace(target, identity=()))
        try:
            connection = await log_in(target, tunnel)
        except asyncssh.PermissionDenied:
            return False
        connection.close()
        await connection.wait_closed()
        return True
