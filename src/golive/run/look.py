"""Looks at hosts without a run: one script for each host in one round trip; nothing is written, nothing journaled."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from golive.errors import GoliveError, HostError
from golive.graph.step import Step
from golive.hosts.plain import ask
from golive.resources.report import State, parse, plain
from golive.run.fleet import Fleet
from golive.run.secrets import Vault


@dataclass(frozen=True)
class Look:
    """What was seen at one host, between two times in UTC epoch seconds; ``error`` says why nothing was."""

    step: Step
    output: str = ""
    error: GoliveError | None = None
    asked: float = 0.0
    answered: float = 0.0

    def changes(self) -> int:
        """How many resources would be changed, as far as can be known."""
        return sum(1 for item in parse(self.output) if item.state in (State.WOULD, State.MAY))


async def look(fleet: Fleet, vault: Vault, steps: Iterable[Step]) -> Sequence[Look]:
    """All hosts at the same time; one that cannot be asked takes nothing from the others. In the order of the steps."""
    return await asyncio.gather(*(_one(fleet, vault, step) for step in steps))


async def _one(fleet: Fleet, vault: Vault, step: Step) -> Look:
    try:
        secrets = vault.take(step.do.inputs["secrets"])
        host = fleet.host(step)
        await host.open()  # the clock is compared without it
        asked = time.time()
        done = await ask(host, step.do.inputs["script"], secrets)
        output = vault.redact(done.stdout).decode("utf-8", "replace")
        if done.exit != 0:
            said = (vault.redact(done.stderr).decode("utf-8", "replace") + plain(output)).strip()[-300:]
            raise HostError(step.lane, f"the script that looks ended with {done.exit}: {said}", "this is a defect")
        return Look(step, output, asked=asked, answered=time.time())
    except GoliveError as error:
        return Look(step, error=error)
