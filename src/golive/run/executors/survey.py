"""Surveys a host: gathers facts in one script and judges them against the technical architecture."""

from typing import Any

from golive.errors import HostUnreachable
from golive.hosts.interface import Finished
from golive.hosts.plain import ask
from golive.journal.events import Outcome
from golive.method.survey import FACTS, judge, read
from golive.plan.role import Hardware
from golive.resources.script import prologue
from golive.run.executors.interface import Job, Result, Unwitnessed
from golive.run.fleet import Fleet
from golive.run.store import utc_now
from golive.words import several


class SurveyExecutor(Unwitnessed):
    """The executor of the kind ``survey``. Nothing changes on the host: a survey that was cut off is made again."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    async def execute(self, job: Job) -> Result:
        """Gathers and judges."""
        host = self._fleet.host(job.step)
        try:
            await host.open()
        except HostUnreachable as error:
            return Result(Outcome.UNREACHABLE, f"{error.message}; {error.hint}")
        await job.started()
        asked = utc_now().timestamp()
        try:
            done = await ask(host, prologue(needs_stdin=False) + FACTS, {}, job.output)
        except HostUnreachable as error:
            return Result(Outcome.INTERRUPTED, error.message)
        return _judged(job, done, asked)


def _judged(job: Job, done: Finished, asked: float) -> Result:
    if done.exit != 0:
        said = done.stderr.decode("utf-8", "replace").strip()[-200:]
        return Result(Outcome.FAILED, f"the facts could not be gathered: {said}", done.exit, done.stdout + done.stderr)
    facts = read(done.stdout.decode("utf-8", "replace"))
    wanted: dict[str, Any] = job.action.inputs["hardware"]
    rows = judge(Hardware.model_validate(wanted), facts, asked, utc_now().timestamp())
    evidence = {"facts": dict(facts), "conformance": [row.as_json() for row in rows]}
    short = "; ".join(f"{row.name}: {row.required} required, {row.found} found" for row in rows if not row.holds)
    outcome = Outcome.REFUSED if short else Outcome.DONE
    return Result(outcome, short or f"{several(len(rows), 'requirement')} met", 0, done.stdout, evidence)
