"""Surveys a host: gathers facts in one script and judges them against the technical architecture."""

from dataclasses import replace
from typing import Any

from golive.graph.step import Action
from golive.journal.events import Outcome
from golive.method.survey import FACTS, judge, read
from golive.plan.role import Hardware
from golive.resources.script import prologue
from golive.run.executors.interface import Job, Result
from golive.run.executors.script import ScriptExecutor
from golive.run.store import utc_now


class SurveyExecutor:
    """The executor of the kind ``survey``."""

    def __init__(self, scripts: ScriptExecutor) -> None:
        self._scripts = scripts

    async def execute(self, job: Job) -> Result:
        """Gathers and judges."""
        asked = utc_now().timestamp()
        return self._judged(job, await self._scripts.execute(_as_script(job)), asked)

    async def resolve(self, job: Job) -> Result:
        """Facts that nobody judged in time are gathered again: they tell of now."""
        result = await self._scripts.resolve(_as_script(job))
        return replace(result, outcome=Outcome.INTERRUPTED) if result.outcome is Outcome.DONE else result

    def _judged(self, job: Job, result: Result, asked: float) -> Result:
        if result.outcome is not Outcome.DONE:
            return result
        facts = read(result.output.decode("utf-8", "replace"))
        wanted: dict[str, Any] = job.action.inputs["hardware"]
        rows = judge(Hardware.model_validate(wanted), facts, asked, utc_now().timestamp())
        short = [row for row in rows if not row.holds]
        evidence = {"facts": dict(facts), "conformance": [row.as_json() for row in rows]}
        if not short:
            return replace(result, note=f"{len(rows)} requirements met", evidence=evidence)
        note = "; ".join(f"{row.name}: {row.required} required, {row.found} found" for row in short)
        return replace(result, outcome=Outcome.REFUSED, note=note, evidence=evidence)


def _as_script(job: Job) -> Job:
    return replace(job, action=Action("script", {"script": prologue() + FACTS, "secrets": []}))
