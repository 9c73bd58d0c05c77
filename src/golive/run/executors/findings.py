"""Asks both sides of a move and the front doors for their facts, at the same time, and judges them."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from golive.errors import HostError, HostUnreachable
from golive.graph.step import Action, Place, Step
from golive.hosts.plain import ask
from golive.journal.events import Outcome
from golive.method.findings import Door, Finding, Severity, Side, Wanted, judge, summary
from golive.method.survey import read
from golive.run.executors.interface import Job, Result, Unwitnessed
from golive.run.fleet import Fleet


class FindingsExecutor(Unwitnessed):
    """The executor of the kind ``findings``. Nothing changes on the hosts: what was cut off is asked again."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    async def execute(self, job: Job) -> Result:
        """Asks and judges."""
        await job.started()
        try:
            found = await find(self._fleet, job.step, job.action)
        except HostUnreachable as error:
            return Result(Outcome.UNREACHABLE, f"{error.message}; {error.hint}")
        output = "".join(f"{one.severity:<6} {one.id:<18} {one.sentence}\n" for one in found).encode()
        job.output(output)
        blocking = [one for one in found if one.severity is Severity.BLOCKS]
        note = summary(found)
        if blocking:
            note += f"; the first: {blocking[0].sentence}; all of them: golive cutover --check"
        outcome = Outcome.REFUSED if blocking else Outcome.DONE
        return Result(outcome, note, 0, output, {"findings": [one.as_json() for one in found]})


async def find(fleet: Fleet, step: Step, action: Action) -> Sequence[Finding]:
    """The findings of one move.

    Args:
        fleet: the way to the hosts.
        step: the step of the move.
        action: its action, with the places of the hosts, what to ask them, and what the plan wants.

    Raises:
        HostUnreachable: one of them cannot be asked.
        HostError: the answer of one of them is no answer.
    """
    inputs: Mapping[str, Any] = action.inputs
    asked = [inputs["old"], inputs["new"], *inputs["doors"]]
    said = await asyncio.gather(*(_ask(fleet, step, one) for one in asked))
    names = [str(one["host"]) for one in asked]
    old, new = (Side(name, _facts(step, name, output)) for name, output in zip(names[:2], said[:2], strict=True))
    doors = [Door(name, read(output)) for name, output in zip(names[2:], said[2:], strict=True)]
    return judge(Wanted.of(inputs["wanted"]), old, new, doors)


async def _ask(fleet: Fleet, step: Step, one: Mapping[str, Any]) -> str:
    host = fleet.host(replace(step, host=one["host"], place=Place(**one["place"])))
    done = await ask(host, one["script"], {})
    if done.exit != 0:
        said = (done.stderr + done.stdout).decode("utf-8", "replace").strip()[-300:]
        hint = "PostgreSQL must run there, and the login be root's or have sudo"
        raise HostError(one["host"], f"the facts could not be gathered: {said}", hint)
    return done.stdout.decode("utf-8", "replace")


def _facts(step: Step, host: str, output: str) -> Mapping[str, Any]:
    """The facts of a database, from the one line that its host printed."""
    lines = [line.partition("\t")[2] for line in output.splitlines() if line.startswith("facts\t")]
    try:
        told = json.loads(lines[0])
    except (IndexError, ValueError) as error:
        raise HostError(host, f"{step.id}: the facts that it printed cannot be read: {error}") from error
    return {**told["sql"], "free": told["free"], "order": told["order"]}
