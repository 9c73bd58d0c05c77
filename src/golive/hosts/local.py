"""LocalHost: this machine as a host."""

import asyncio
import os
import signal
from asyncio.subprocess import PIPE, Process
from contextlib import suppress

from golive.errors import HostUnreachable
from golive.hosts.interface import Finished, Input, OnBytes
from golive.hosts.streams import exchange


class LocalHost:
    """Runs commands on this machine, as the user that runs golive.

    Args:
        name: the host's name in the plan.
        shell: the shell's argv, to which ``-c COMMAND`` is added; ``("busybox", "sh")`` gives another shell.
    """

    def __init__(self, name: str, shell: tuple[str, ...] = ("sh",)) -> None:
        self.name = name
        self._shell = shell

    async def open(self) -> None:
        """There is nothing to connect to."""

    async def run(self, command: str, stdin: Input = b"", on_stdout: OnBytes | None = None) -> Finished:
        """See ``Host.run``."""
        process = await self._start(command)
        assert process.stdin and process.stdout and process.stderr
        try:
            out, err = await exchange(stdin, process.stdin, process.stdout, process.stderr, on_stdout)
            return Finished(await process.wait(), out, err)
        finally:
            if process.returncode is None:
                # The whole group: a child that lives on would keep the pipes open, and wait() waits for them.
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()

    async def close(self) -> None:
        """Nothing is kept between runs."""

    async def _start(self, command: str) -> Process:
        try:
            return await asyncio.create_subprocess_exec(
                *self._shell, "-c", command, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True
            )
        except OSError as error:
            shell = " ".join(self._shell)
            raise HostUnreachable(self.name, f"cannot start {shell}: {error.strerror}") from error
