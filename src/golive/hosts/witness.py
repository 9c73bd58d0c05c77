"""Witness: runs scripts on a host, detached from the connection, and asks the host what became of them."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from secrets import token_hex
from typing import NoReturn, Protocol

from golive.errors import EpochRefused, HostError
from golive.hosts.attempts import Attempt, Claim, Report, State
from golive.hosts.framing import PROGRAM, Place, answer_line, read_report, request, secret_lines, sent
from golive.hosts.interface import Finished, Host, Input, OnBytes
from golive.secret import Secrets


class Mirror(Protocol):
    """What one host is to keep of a run's journal."""

    def take(self) -> tuple[str, bytes]:
        """What the host lacks now: the name under which it keeps it, and the bytes. None: an empty name."""
        ...

    def kept(self, name: str) -> None:
        """The host has it."""
        ...


class NoMirror:
    """Nothing is kept."""

    def take(self) -> tuple[str, bytes]:
        """Nothing."""
        return "", b""

    def kept(self, name: str) -> None:
        """Never called with anything."""


_AT_ONCE = 500
"""Attempts removed by one request: their names travel in its command, whose length is limited."""


class Witness:
    """Speaks the detached attempt protocol with one host, on behalf of one coordinator.

    Every method sends one command, which the host refuses when it has seen a newer coordinator. When the connection
    is lost the script goes on: ask later, with ``probe`` or ``follow``.

    Args:
        host: the transport.
        claim: on whose behalf.
        place: where on the host everything is kept.
        mirror: what of the run's journal rides along with each script.

    All methods raise:
        EpochRefused: the host has seen a higher epoch of the project, or the same one held by another.
        HostUnreachable: there was no connection, or it was lost; whether the request had an effect is not known.
        HostError: the host refused for another reason, or its answer has not the right form.
    """

    def __init__(self, host: Host, claim: Claim, place: Place | None = None, mirror: Mirror | None = None) -> None:
        self._host = host
        self._mirror = mirror or NoMirror()
        self._claim = claim
        self._place = place or Place()

    async def execute(self, attempt: Attempt, script: str, secrets: Secrets, on_output: OnBytes) -> Report:
        """Run a script once under the attempt's name and follow it to its end.

        An attempt that the host knows already is not run again: its output is followed from the beginning.

        Args:
            attempt: the name and the digest under which the host remembers it.
            script: POSIX sh. When it wants secrets it begins with ``eval "$(cat)"``.
            secrets: on its stdin, as lines ``GOLIVE_SECRET_name='...'``; the host writes them down nowhere.
            on_output: called with the output, byte for byte, as it arrives.

        Returns:
            EXITED with the exit code, or INTERRUPTED.

        Raises:
            HostError: also when the host knows the attempt with another digest, or a secret cannot be sent.
        """
        token = f"# {token_hex(16)}"
        name, mirrored = self._mirror.take()
        try:
            stdin = sent(mirrored, script, secret_lines(secrets) + token.encode())
        except ValueError as error:
            raise HostError(self._host.name, str(error)) from error
        size = len(script.encode())
        words = (attempt.digest, attempt.action, attempt.step, str(size), token, name, str(len(mirrored)))
        report = await self._watched(attempt, stdin, 0, on_output, "execute", *words)
        self._mirror.kept(name)
        return report

    async def keep(self, project: str) -> None:
        """Have the host keep what it lacks of the journal; what rides along with scripts needs no request."""
        name, mirrored = self._mirror.take()
        if not mirrored:
            return
        token = f"# {token_hex(16)}"
        stdin = PROGRAM + mirrored + token.encode()
        _, answer = await self._ask(project, stdin, None, "keep", "-", token, name, str(len(mirrored)))
        if answer != f"kept {name}":
            self._refused(project, answer)
        self._mirror.kept(name)

    async def probe(self, attempt: Attempt) -> Report:
        """What the host knows about the attempt now, without its output."""
        return await self._watched(attempt, PROGRAM, 0, None, "probe")

    async def follow(self, attempt: Attempt, offset: int, on_output: OnBytes) -> Report:
        """Attach to an attempt: its output from an offset (in bytes) to the end, as it comes, and how it ended.

        Returns:
            ABSENT, EXITED or INTERRUPTED.

        Raises:
            HostError: also when the offset lies behind the end of what was written.
        """
        return await self._watched(attempt, PROGRAM, offset, on_output, "reattach", str(offset))

    async def remove(self, attempts: Iterable[Attempt]) -> None:
        """Forget attempts. Call it when the journal has what became of them.

        Raises:
            HostError: also when one of them is running; then none of that project's next 500 is removed.
        """
        for project, group in groupby(sorted(attempts, key=lambda a: a.project), key=lambda a: a.project):
            names = [attempt.directory for attempt in group]
            for start in range(0, len(names), _AT_ONCE):
                await self._remove(project, names[start : start + _AT_ONCE])

    async def _remove(self, project: str, names: Sequence[str]) -> None:
        finished, answer = await self._ask(project, PROGRAM, None, "remove", *names)
        if answer != f"removed {len(names)}" or finished.stdout:
            self._refused(project, answer)

    async def _watched(
        self, attempt: Attempt, stdin: Input, offset: int, on_output: OnBytes | None, verb: str, *words: str
    ) -> Report:
        finished, answer = await self._ask(attempt.project, stdin, on_output, verb, attempt.directory, *words)
        said = read_report(answer)
        if said is None:
            self._refused(attempt.project, answer)
        if said.end - said.begin != len(finished.stdout) or (said.begin != offset and said.state is not State.ABSENT):
            raise HostError(
                self._host.name,
                f"sent {len(finished.stdout)} bytes of output where {said.begin} to {said.end} were announced",
                "does the login's shell write something when it starts, such as a greeting in .bashrc?",
            )
        return Report(said.state, said.exit, finished.stdout, said.boot_id, said.started, said.ended, said.rebooted)

    async def _ask(
        self, project: str, stdin: Input, on_output: OnBytes | None, verb: str, *words: str
    ) -> tuple[Finished, str]:
        command = request(self._place, self._claim, project, verb, *words)
        finished = await self._host.run(command, stdin, on_output)
        answer = answer_line(finished.stderr)
        if finished.exit != 0 or answer is None:
            heard = " ".join(finished.stderr.decode("utf-8", "replace").split())[-300:] or "nothing"
            raise HostError(self._host.name, f"{verb} ended with exit {finished.exit} and said: {heard}")
        return finished, answer

    def _refused(self, project: str, answer: str) -> NoReturn:
        """The answer is no result: say why."""
        host = self._host.name
        match answer.split(" "):
            case ["refused", "epoch", epoch, holder] if epoch.isdigit():
                raise EpochRefused(
                    f"{host}: project {project} belongs to {holder} with epoch {epoch};"
                    f" this is {self._claim.holder} with epoch {self._claim.epoch}",
                    "another golive has taken the project over; nothing was done",
                )
            case ["refused", reason, *rest] if reason in _REFUSALS:
                message, hint = _REFUSALS[reason]
                raise HostError(host, message.format(" ".join(rest)), hint)
            case _:
                raise HostError(host, f"answered {answer[:200]!r}, which has no known form")


_REFUSALS = {
    "digest": ("has the same attempt with other content (digest {})", "an attempt's name is never used twice"),
    "running": ("attempt {} is running and is not removed", "wait for its end"),
    "incomplete": ("the script did not arrive whole; nothing was started", "try again"),
    "offset": ("the output ends before byte {}", "was the attempt removed and run again?"),
    "tool": ("has no {}", "install util-linux and coreutils, or busybox"),
    "damaged": ("{} is damaged; nothing was done", "look at it on the host"),
    "unwritable": ("cannot write {}", "is the disk full?"),
}
