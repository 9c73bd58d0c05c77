"""The coordinator: asks what to do next, has it done, writes down what became of it, until nothing is left to do.

It remembers nothing that matters: it can die at any moment and be started again. Every attempt has its number in the
journal before anything of it is dispatched, and its end after it was seen.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
    Event,
    RolloutHalted,
    RolloutResumed,
    RunEnded,
    SoakStarted,
    UnitReturned,
    UnitWithdrawn,
)
from golive.reconcile.clock import Clock, Hold
from golive.reconcile.next import (
    Ask,
    BackOut,
    EndBackOut,
    EndWithdraw,
    Move,
    Resolve,
    Run,
    Withdraw,
    awaited,
    clock_of,
    course,
    next_steps,
)
from golive.reconcile.people import question
from golive.reconcile.state import Attempt
from golive.reconcile.verdict import is_over, verdict
from golive.reconcile.waves import Halt, Resume, Soak
from golive.run.carry import Carrier, Engine, Revisions
from golive.run.executors.interface import Executor
from golive.run.journal import Journal
from golive.run.lock import who

NAP = 60.0
"""Seconds after which the clock is looked at again, however far away the next window is: clocks are set."""

POLL = 0.5
"""Seconds between looks for decisions that people took, while nothing else happens."""


class Stop(StrEnum):
    """What a person asked of a coordinator that runs."""

    NO = "no"
    AFTER_STEPS = "after the steps in flight"
    NOW = "now"


@dataclass(frozen=True)
class Options:
    """How to run: up to which stage, whether to wait for people and windows, and above which epoch to begin."""

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
        waits: called with what the run waits for when nothing is left to do until then.
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
        waits: Callable[[tuple[Hold, ...]], None] = lambda _: None,
        engine: Callable[[Carrier], Engine] = lambda carrier: carrier,
    ) -> None:
        self._journal, self._graph, self._options = journal, graph, options
        self._waits = waits
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
                self._begin([move for move in moves if isinstance(move, Run)])
                if any(not isinstance(move, Run | Resolve) for move in moves):
                    continue  # these change the state by themselves: look again at once
            if not await self._something_happened():
                return self._verdict()

    def _now(self):  # noqa: ANN202
        return self._journal.store.now()

    def _verdict(self) -> Exit:
        exit = verdict(self._graph, self._journal.refresh(), self._options.until)
        if self.stopping is not Stop.NO:
            return Exit.INTERRUPTED if exit is Exit.WAITING else exit
        exit = self._clock().exit(exit, self._options.until)
        soaks = exit is Exit.INTERRUPTED and course(self._graph, self._journal.state, self._now()).wakes
        return Exit.WINDOW if soaks else exit

    def _clock(self) -> Clock:
        return clock_of(self._graph, self._journal.state, self._now())

    async def _something_happened(self) -> bool:
        """Waits until there may be something new; False when there is nothing to wait for."""
        nap = self._nap()
        if self.stopping is Stop.NOW or (not self._tasks and not self._waits_for_people() and nap is None):
            return False
        if not self._tasks and nap is not None:
            self._waits(self._clock().holds(self._options.until))
        wake = asyncio.create_task(self._stop.wait())
        timeout = POLL if self._waits_for_people() else nap
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
        if self.stopping is not Stop.NO:
            return False
        return (self._options.wait and self._anybody()) or self._clock().deciding()

    def _nap(self) -> float | None:
        """Seconds until the time alone may change something; None: nobody waits for that."""
        if self.stopping is not Stop.NO or not (self._tasks or self._options.wait):
            return None
        soaked = course(self._graph, self._journal.state, self._now()).wakes
        changes = [soaked, self._clock().next_change(self._options.until) if self._graph.timings else None]
        change = min((one for one in changes if one is not None), default=None)
        return None if change is None else min(max((change - self._now()).total_seconds(), 0.0) + 0.01, NAP)

    def _anybody(self) -> bool:
        return bool(awaited(self._graph, self._journal.state, self._options.until))

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
            case Run():
                pass  # all at once
            case Resolve(attempt):
                self._spawn(self._carrier.revisions.step_of(attempt), attempt, resolve=True)
            case Ask(step):
                self._ask(step)
            case BackOut(site, because):
                self._append(BackOutStarted(site, because))
            case EndBackOut(site, residue, kept):
                self._append(BackOutEnded(site, residue, kept))
            case _:
                self._append(self._said(move))

    def _said(self, move: Withdraw | EndWithdraw | Soak | Halt | Resume) -> Event:
        match move:
            case Withdraw(site, unit, because):
                return UnitWithdrawn(site, unit, because)
            case EndWithdraw(site, unit, residue):
                return UnitReturned(site, unit, residue)
            case Soak(wave):
                return SoakStarted(wave, self._now().isoformat())
            case Halt(budget, sites):
                return RolloutHalted(budget, sites)
            case Resume(budget):
                return RolloutResumed(budget)

    def _begin(self, runs: Sequence[Run]) -> None:
        state = self._journal.state
        events = [
            AttemptAllocated(
                number, run.step.id, run.action, state.revision, run.step.digest, self.claim.epoch, run.step.lane
            )
            for number, run in enumerate(runs, state.next_attempt)
        ]
        if events:
            self._journal.extend(events, self.claim.epoch)
        for run, event in zip(runs, events, strict=True):
            self._spawn(run.step, self._journal.state.attempts[event.attempt], resolve=False)

    def _spawn(self, step: Step, attempt: Attempt, resolve: bool) -> None:
        if attempt.number not in self._tasks:
            self._tasks[attempt.number] = asyncio.create_task(self._engine.carry(step, attempt, resolve))

    def _ask(self, step: Step) -> None:
        state = self._journal.state
        evidence = {
            need: [state.step(need).digest, self._evidence(need)]
            for need in (other.id for other in self._graph.steps if other.site == step.site and other.id != step.id)
        }
        self._append(
            question(step, self._graph, state.next_attempt, secrets.token_hex(16), digest(evidence), self._now())
        )

    def _evidence(self, step: str) -> str:
        number = self._journal.state.step(step).attempt
        attempt = self._journal.state.attempts.get(number or 0)
        return digest([attempt.ended.output, dict(attempt.ended.evidence)]) if attempt and attempt.ended else ""


def _token() -> str:
    return secrets.token_hex(4)
