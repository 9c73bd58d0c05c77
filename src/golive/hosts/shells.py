"""The shells of one SSH connection. On a far host the next one is started before there is a command for it.

A session costs a round trip to open it, another one to start a shell, and only then may its input be sent. A shell that
waits already spares a command the first two. Where the host is near, it would cost the host more than it spares.
"""

import asyncio
import shlex
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncssh

from golive.hosts.interface import Input

FAR = 0.1
"""Seconds that opening a session and starting a shell take at least on a far host."""

_WAITING = 'IFS= read -r size && command=$(dd bs="$size" count=1 iflag=fullblock 2>/dev/null) && eval "$command"'

Process = asyncssh.SSHClientProcess[bytes]


class Shells:
    """Starts shells.

    Args:
        connection: an open connection.
        prefix: shell words before each shell, such as ``exec sudo -n ``.
        far: seconds from which on the next shell is started ahead; see ``FAR``.
    """

    def __init__(self, connection: asyncssh.SSHClientConnection, prefix: str = "", far: float = FAR) -> None:
        self.connection = connection
        self._prefix, self._far = prefix, far
        self._ahead: asyncio.Task[Process | None] | None = None

    async def start(self, command: str, stdin: Input) -> tuple[Process, Input]:
        """A shell that runs a command.

        Args:
            command: POSIX shell text.
            stdin: what the command reads.

        Returns:
            The shell, and what to send to it.

        Raises:
            asyncssh.Error: the connection was lost, or the host starts no further shell.
        """
        began = asyncio.get_running_loop().time()
        process = await self._taken()
        if far := process is not None:
            stdin = _told(command, stdin)
        else:
            process = await self._shell(command)
            far = asyncio.get_running_loop().time() - began >= self._far
        if far and self._ahead is None:
            self._ahead = asyncio.create_task(self._spare())
        return process, stdin

    def close(self) -> None:
        """Closes the connection; ``connection.wait_closed()`` waits for it."""
        if self._ahead:
            self._ahead.cancel()
        self.connection.close()

    async def _taken(self) -> Process | None:
        ahead, self._ahead = self._ahead, None
        process = await ahead if ahead else None
        return None if process is None or process.is_closing() else process

    async def _spare(self) -> Process | None:
        with suppress(asyncssh.Error, OSError):  # the command that would have had it starts its own, and says why not
            return await self._shell(_WAITING)
        return None

    async def _shell(self, command: str) -> Process:
        words = self._prefix + shlex.join(("sh", "-c", command))
        return await self.connection.create_process(words, encoding=None)


def _told(command: str, stdin: Input) -> Input:
    """What a shell that waits is sent: the command's length, the command, and what that reads."""
    body = command.encode()
    head = f"{len(body)}\n".encode() + body
    return head + stdin if isinstance(stdin, bytes) else _chained(head, stdin)


async def _chained(head: bytes, rest: Input) -> AsyncIterator[bytes]:
    yield head
    assert not isinstance(rest, bytes)
    async for chunk in rest:
        yield chunk
