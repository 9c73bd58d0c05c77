"""Runs a script on a host under the witness protocol, and stays with it when the connection does not."""

import asyncio
from collections.abc import Awaitable, Callable

from golive.errors import HostKeyRefused, HostUnreachable, LoginRefused
from golive.hosts.attempts import Attempt as HostAttempt
from golive.hosts.attempts import Report, State
from golive.hosts.framing import Place
from golive.hosts.interface import OnBytes
from golive.journal.events import Outcome
from golive.resources.report import State as Resource
from golive.resources.report import parse, plain, summary
from golive.run.executors.confirm import AFTER_REFUSAL, SPARE, Confirmation
from golive.run.executors.contents import Contents
from golive.run.executors.interface import Job, Lost, Result
from golive.run.fleet import Fleet
from golive.run.secrets import Vault

PATIENCE = 60.0
"""Seconds during which a lost connection is opened again and again before the attempt is given up for now."""


class ScriptExecutor:
    """The executor of the kind ``script``."""

    def __init__(self, fleet: Fleet, vault: Vault, contents: Contents, patience: float = PATIENCE) -> None:
        self._fleet, self._vault, self._contents, self._patience = fleet, vault, contents, patience

    async def execute(self, job: Job) -> Result:
        """Runs the script once under the attempt's name."""
        witness, attempt = self._fleet.witness(job.step), named(job)
        confirmation, output = self._watched(job)
        secrets = self._vault.take(job.action.inputs["secrets"])
        try:
            await self._fleet.host(job.step).open()  # what fails here began nothing
            if wrong := await self._contents.bring(self._fleet.host(job.step), job):
                return Result(Outcome.FAILED, wrong)
        except HostUnreachable as error:
            return Result(Outcome.UNREACHABLE, f"{error.message}; {error.hint}")
        await job.started()
        try:
            report = await witness.execute(attempt, job.action.inputs["script"], secrets, output)
        except HostUnreachable:
            report = await self._again(lambda: witness.follow(attempt, 0, output), confirmation)
        return await confirmation.judged(self.judge(report), report.rebooted)

    async def resolve(self, job: Job) -> Result:
        """Asks the host; an attempt that still runs is followed to its end."""
        witness, attempt = self._fleet.witness(job.step), named(job)
        confirmation, output = self._watched(job)
        self._vault.take(job.action.inputs["secrets"])  # only what is known can be redacted
        report = await self._again(lambda: witness.follow(attempt, 0, output), confirmation)
        return await confirmation.judged(self.judge(report), report.rebooted)

    def _watched(self, job: Job) -> tuple[Confirmation, OnBytes]:
        """What confirms the changes that the script arms, and what takes its output."""
        seconds, folder = job.action.inputs.get("confirm", 0.0), f"{Place().root}/attempts/{job.project}"
        confirmation = Confirmation(
            lambda: self._fleet.anew(job.step, max(seconds / 4, 3.0)), f"{folder}/{named(job).directory}", seconds
        )
        shown = self._vault.redacted(job.output)

        def output(piece: bytes) -> None:
            confirmation.see(piece)
            shown(piece)

        return confirmation, output

    async def _again(self, ask: Callable[[], Awaitable[Report]], confirmation: Confirmation) -> Report:
        """Asks until there is an answer. What locked golive out is taken back meanwhile: that is waited for."""
        loop = asyncio.get_running_loop()
        patience = max(self._patience, confirmation.seconds + SPARE if confirmation.seconds else 0)
        deadline, pause = loop.time() + patience, 0.5
        while True:
            try:
                return await ask()
            except (HostUnreachable, LoginRefused, HostKeyRefused) as error:
                refused = not isinstance(error, HostUnreachable)
                if refused and not confirmation.seconds:
                    raise  # nothing is under way there that would let golive in again
                pause = AFTER_REFUSAL if refused else pause
                if loop.time() + pause > deadline:
                    hint = "the script goes on there; run golive again when the host answers"
                    raise Lost(f"{error.message}: unknown for now", hint) from error
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)

    def judge(self, report: Report) -> Result:
        """What a report means."""
        output = self._vault.redact(report.output)
        if report.state is State.ABSENT:
            return Result(Outcome.NEVER_BEGAN, "the host has never heard of it")
        if report.state is not State.EXITED:
            why = "the host was started again" if report.rebooted else "its process is gone"
            return Result(Outcome.INTERRUPTED, f"{why}, without an exit status", output=output)
        text = output.decode("utf-8", "replace")
        reported = parse(text)
        said = summary(reported)
        evidence = {state.value: [item.title for item in reported if item.state is state] for state in Resource}
        evidence = {state: titles for state, titles in evidence.items() if titles}
        if report.exit == 0:
            return Result(Outcome.DONE, said or _last(text), 0, output, evidence)
        failed = next((item.title for item in reported if item.state in (Resource.FAILED, Resource.RESIDUE)), "")
        note = ": ".join(part for part in (failed, _last(text)) if part) or f"exit {report.exit}"
        return Result(Outcome.FAILED, note, report.exit, output, evidence)


def named(job: Job) -> HostAttempt:
    """The attempt's name on the host."""
    attempt = job.attempt
    return HostAttempt(job.project, job.run, attempt.number, attempt.step, attempt.action, attempt.digest)


def _last(text: str) -> str:
    lines = [line.strip() for line in plain(text).splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""
