"""Host: the transport to one host. Implemented by ``local.LocalHost`` and ``ssh.SshHost``."""

from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass
from typing import Protocol

Input = bytes | AsyncIterable[bytes]
OnBytes = Callable[[bytes], None]


@dataclass(frozen=True)
class Finished:
    """A command that ran to its end: its exit code (negative: the signal that killed it) and what it wrote."""

    exit: int
    stdout: bytes
    stderr: bytes


class Host(Protocol):
    """Runs shell text on one host, with root rights; bytes go through untouched in both directions."""

    @property
    def name(self) -> str:
        """The host's name in the plan; every error about it carries it."""
        ...

    async def open(self) -> None:
        """Connect, if there is no connection yet; ``run`` would do it too, with its first command.

        Raises:
            HostUnreachable: there is no connection.
        """
        ...

    async def run(self, command: str, stdin: Input = b"", on_stdout: OnBytes | None = None) -> Finished:
        """Run a command and wait for its end.

        Args:
            command: POSIX shell text.
            stdin: what the command reads; closed after the last byte.
            on_stdout: called with each piece of stdout as it arrives; all of it is also in the result.

        Returns:
            The exit code and both outputs, whatever the code is.

        Raises:
            HostUnreachable: there was no connection, or it was lost before the command's end was known.
        """
        ...

    async def close(self) -> None:
        """Give the connection back; a later ``run`` opens a new one."""
        ...
