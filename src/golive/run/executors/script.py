"""Runs a script on a host under the witness protocol, and stays with it when the connection does not."""

import asyncio
from collections.abc import Awaitable, Callable

from golive.errors import HostUnreachable
from golive.hosts.attempts import Attempt as HostAttempt
from golive.hosts.attempts import Report, State
from golive.journal.events import Outcome
from golive.resources.report import State as Resource
from golive.resources.report import parse, plain, summary
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
        witness, attempt, output = self._fleet.witness(job.step), named(job), self._vault.redacted(job.output)
        secrets = self._vault.take(job.action.inputs["secrets"])
        try:
            await self._fleet.host(job.step).run(":")  # opens the connection: what fails here began nothing
            if wrong := await self._contents.bring(self._fleet.host(job.step), job):
                return Result(Outcome.FAILED, wrong)
        except HostUnreachable as error:
            return Result(Outcome.UNREACHABLE, f"{error.message}; {error.hint}")
        job.started()
        try:
            report = await witness.execute(attempt, job.action.inputs["script"], secrets, output)
        except HostUnreachable:
            report = await self._again(lambda: witness.follow(attempt, 0, output))
        return self.judge(report)

    async def resolve(self, job: Job) -> Result:
        """Asks the host; an attempt that still runs is followed to its end."""
        witness, attempt, output = self._fleet.witness(job.step), named(job), self._vault.redacted(job.output)
        self._vault.take(job.action.inputs["secrets"])  # only what is known can be redacted
        return self.judge(await self._again(lambda: witness.follow(attempt, 0, output)))

    async def _again(self, ask: Callable[[], Awaitable[Report]]) -> Report:
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + self._patience, 0.5
        while True:
            try:
                return await ask()
            except HostUnreachable as error:
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
