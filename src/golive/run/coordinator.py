"""The coordinator: asks what to do next, has it done, writes down what became of it, until nothing is left to do.

It remembers nothing that matters: it can die at any moment and be started again. Every attempt has its number in the
journal before anything of it is dispatched, and its end after it was seen.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from golive import __version__
from golive.digest import digest
from golive.errors import Exit
from golive.graph.graph import Graph
from golive.graph.step import Stage, Step
from golive.hosts.attempts import Claim
from golive.journal.events import (
    AttemptAllocated,
    BackOutEnded,
    BackOutStarted,
    CoordinatorStarted,
    CoordinatorStopped,
    DecisionAsked,
    Do,
    Event,
    RunEnded,
)
from golive.reconcile.next import Ask, BackOut, EndBackOut, Move, Resolve, Run, awaited, next_steps, scope_digest
from golive.reconcile.state import Attempt
from golive.reconcile.verdict import is_over, verdict
from golive.run.carry import Carrier, Engine, Revisions
from golive.run.executors.interface import Executor
from golive.run.journal import Journal
from golive.run.lock import who

POLL = 0.5
"""Seconds between looks for decisions that people took, while nothing else happens."""


class Stop(StrEnum):
    """What a person asked of a coordinator that runs."""

    NO = "no"
    AFTER_STEPS = "after the steps in flight"
    NOW = "now"


@dataclass(frozen=True)
class Options:
    """How to run: up to which stage, whether to wait for people, and above which epoch to begin."""

    until: Stage | None = None
    wait: bool = False
    above: int = 0


class Coordinator:
    """Drives one run.

    Args:
        journal: the run's journal.
        graph: the current revision's graph.
        project: the project's id.
        executors: by the kind of action.
        options: how to run.
        output: called with a step and a piece of its output as it comes.
        engine: makes what carries attempts, of what carries them in this process; by default nothing else does.
    """

    def __init__(
        self,
        journal: Journal,
        graph: Graph,
        project: str,
        executors: Mapping[str, Executor],
        options: Options,
        output: Callable[[Step, bytes], None],
        engine: Callable[[Carrier], Engine] = lambda carrier: carrier,
    ) -> None:
        self._journal, self._graph, self._options = journal, graph, options
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._stop = asyncio.Event()
        self.stopping = Stop.NO
        self.claim = Claim(journal.store.next_epoch(options.above), f"{who()}@{socket.gethostname()}/{_token()}")
        self._carrier = Carrier(journal, project, executors, self.claim.epoch, output, Revisions(journal, graph))
        self._engine = engine(self._carrier)

    def stop(self) -> None:
        """Asks for an end: the first time after the steps in flight, the second time at once."""
        self.stopping = Stop.NOW if self.stopping is not Stop.NO else Stop.AFTER_STEPS
        self._stop.set()

    async def run(self) -> Exit:
        """Drives the run as far as it gets; returns how it stands then.

        Raises EpochRefused when another coordinator has taken the run or a host over.
        """
        claim = self.claim
        self._append(
            CoordinatorStarted(claim.epoch, claim.holder, who(), socket.gethostname(), os.getpid(), __version__)
        )
        try:
            exit = await self._drive()
        finally:
            await self._let_go()
        if is_over(self._graph, self._journal.state) and not self._options.until:
            self._append(RunEnded(int(exit)))
        self._append(CoordinatorStopped(claim.epoch, exit.meaning))
        return exit

    async def _drive(self) -> Exit:
        while True:
            state = self._journal.refresh()
            if self.stopping is Stop.NO:
                moves = next_steps(self._graph, state, self._now(), self._options.until)
                for move in moves:
                    self._make(move)
                if any(isinstance(move, BackOut | EndBackOut | Ask) for move in moves):
                    continue  # these change the state by themselves: look again at once
            if not await self._something_happened():
                return self._verdict()

    def _now(self):  # noqa: ANN202
        return self._journal.store.now()

    def _verdict(self) -> Exit:
        exit = verdict(self._graph, self._journal.refresh(), self._options.until)
        return Exit.INTERRUPTED if self.stopping is not Stop.NO and exit is Exit.WAITING else exit

    async def _something_happened(self) -> bool:
        """Waits until there may be something new; False when there is nothing to wait for."""
        if self.stopping is Stop.NOW or (not self._tasks and not self._waits_for_people()):
            return False
        wake = asyncio.create_task(self._stop.wait())
        timeout = POLL if self._waits_for_people() else None
        try:
            done, _ = await asyncio.wait({*self._tasks.values(), wake}, timeout=timeout, return_when="FIRST_COMPLETED")
        finally:
            wake.cancel()
        self._stop.clear()
        for task in done - {wake}:
            task.result()
        self._tasks = {number: task for number, task in self._tasks.items() if not task.done()}
        return True

    def _waits_for_people(self) -> bool:
        wanted = self._options.wait and self.stopping is Stop.NO
        return wanted and bool(awaited(self._graph, self._journal.state, self._options.until))

    async def _let_go(self) -> None:
        """Leaves what still runs to its hosts: the next coordinator will ask them."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()
        await self._engine.close()

    def _append(self, event: Event) -> None:
        self._journal.append(event, self.claim.epoch)

    def _make(self, move: Move) -> None:
        match move:
            case Run(step, action):
                self._begin(step, action)
            case Resolve(attempt):
                self._spawn(self._carrier.revisions.step_of(attempt), attempt, resolve=True)
            case Ask(step):
                self._ask(step)
            case BackOut(site, because):
                self._append(BackOutStarted(site, because))
            case EndBackOut(site, residue, kept):
                self._append(BackOutEnded(site, residue, kept))

    def _begin(self, step: Step, action: Do) -> None:
        state = self._journal.state
        number, revision = state.next_attempt, state.revision
        event = AttemptAllocated(number, step.id, action, revision, step.digest, self.claim.epoch, step.lane)
        self._append(event)
        self._spawn(step, self._journal.state.attempts[number], resolve=False)

    def _spawn(self, step: Step, attempt: Attempt, resolve: bool) -> None:
        if attempt.number not in self._tasks:
            self._tasks[attempt.number] = asyncio.create_task(self._engine.carry(step, attempt, resolve))

    def _ask(self, step: Step) -> None:
        inputs, state = step.do.inputs, self._journal.state
        evidence = {
            need: [state.step(need).digest, self._evidence(need)]
            for need in (other.id for other in self._graph.steps if other.site == step.site and other.id != step.id)
        }
        self._append(
            DecisionAsked(
                attempt=state.next_attempt,
                step=step.id,
                question=inputs["question"],
                role=inputs["role"],
                nonce=secrets.token_hex(16),
                expires=(self._now() + timedelta(seconds=inputs["valid_for"])).isoformat(timespec="seconds"),
                scope=scope_digest(step, self._graph),
                evidence=digest(evidence),
            )
        )

    def _evidence(self, step: str) -> str:
        number = self._journal.state.step(step).attempt
        attempt = self._journal.state.attempts.get(number or 0)
        return digest([attempt.ended.output, dict(attempt.ended.evidence)]) if attempt and attempt.ended else ""


def _token() -> str:
    return secrets.token_hex(4)
