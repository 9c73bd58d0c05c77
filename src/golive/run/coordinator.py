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
    Do,
    Event,
    RetryPlanned,
    RolloutHalted,
    RolloutResumed,
    RunEnded,
    SoakStarted,
    UnitReturned,
    UnitWithdrawn,
)
from golive.reconcile.clock import Clock, Hold
from golive.reconcile.moves import (
    Ask,
    BackOut,
    EndBackOut,
    EndWithdraw,
    Move,
    Resolve,
    Retry,
    Run,
    Withdraw,
)
from golive.reconcile.next import awaited, clock_of, course, next_retry, next_steps
from golive.reconcile.people import question
from golive.reconcile.state import Attempt, State
from golive.reconcile.verdict import is_over, verdict
from golive.reconcile.waves import Halt, Resume, Soak
from golive.run.carry import Carrier, Engine, Revisions
from golive.run.choosing import Choosing, Person
from golive.run.executors.interface import Executor
from golive.run.journal import Journal
from golive.run.lock import who
from golive.run.reversal import done_graph

NAP = 60.0
"""Seconds after which the clock is looked at again, however far away the next window is: clocks are set."""

POLL = 0.5
"""Seconds between looks into the journal, for what people decided meanwhile."""


class Stop(StrEnum):
    """What a person asked of a coordinator that runs."""

    NO = "no"
    AFTER_STEPS = "after the steps in flight"
    NOW = "now"


@dataclass(frozen=True)
class Options:
    """How to run: to which stage, whether to wait for people and windows, above which epoch, and who may choose.

    Without ``forward`` nothing is begun but what takes back or finds out.
    """

    until: Stage | None = None
    wait: bool = False
    above: int = 0
    forward: bool = True
    person: Person | None = None


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
        self._choosing = Choosing(options.person, self._append)
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
        state = self._journal.state
        if is_over(self._graph, state) and (state.abort or not self._options.until):
            self._append(RunEnded(int(exit)))
        self._append(CoordinatorStopped(claim.epoch, exit.meaning))
        return exit

    async def _drive(self) -> Exit:
        while True:
            state = self._journal.refresh()
            if self.stopping is Stop.NO:
                moves = self._moves(state)
                for move in moves:
                    self._make(move)
                self._begin([move for move in moves if isinstance(move, Run)])
                if any(not isinstance(move, Run | Resolve) for move in moves):
                    continue  # these change the state by themselves: look again at once
                self._choosing.offer(self._graph, self._journal.state)
            if not await self._something_happened():
                return self._verdict()

    def _moves(self, state: State) -> tuple[Move, ...]:
        back = any(site.backing_out and not site.ended for site in state.sites.values())
        back = back or any(unit.ended is None for unit in state.units.values())
        done = done_graph(self._graph, state, self._carrier.revisions.graph) if back else None
        moves = next_steps(self._graph, state, self._now(), self._options.until, done)
        return tuple(move for move in moves if self._options.forward or not _goes_forward(move))

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
        nap, attended = self._nap(), self._attended()
        if self.stopping is Stop.NOW or not (self._tasks or attended or nap is not None):
            return False
        if not self._tasks and nap is not None:
            self._waits(self._clock().holds(self._options.until))
        await self._wake(POLL if attended else NAP if nap is None else nap)
        self._stop.clear()
        self._choosing.settle()
        for task in [task for task in self._tasks.values() if task.done()]:
            task.result()
        self._tasks = {number: task for number, task in self._tasks.items() if not task.done()}
        return True

    async def _wake(self, seconds: float) -> None:
        """Waits until a task ends, a person says something here or in the journal, or the time has passed."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        wake = asyncio.create_task(self._stop.wait())
        tasks = {*self._tasks.values(), wake, *([self._choosing.task] if self._choosing.task else [])}
        try:
            while (left := end - loop.time()) > 0:
                seen = self._journal.seq
                done, _ = await asyncio.wait(tasks, timeout=min(left, POLL), return_when="FIRST_COMPLETED")
                self._journal.refresh()
                if done or self._journal.seq != seen:
                    return
        finally:
            wake.cancel()

    def _attended(self) -> bool:
        """Whether an answer of a person is to come, or the end of the time that they have for it."""
        if self.stopping is not Stop.NO or not self._options.forward:
            return False
        if self._choosing.task is not None or (self._options.wait and self._anybody()):
            return True
        return not self._journal.state.abort and self._clock().deciding()

    def _nap(self) -> float | None:
        """Seconds until the time alone may change something; None: nobody waits for that.

        A retry is waited for; soak times and windows are so on demand, or while something runs.
        """
        state, now = self._journal.state, self._now()
        if self.stopping is not Stop.NO or not self._options.forward or state.abort:
            return None
        changes = [next_retry(self._graph, state, now, self._options.until)]
        if self._tasks or self._options.wait:
            changes.append(course(self._graph, state, now).wakes)
            changes.append(self._clock().next_change(self._options.until) if self._graph.timings else None)
        change = min((one for one in changes if one is not None), default=None)
        return None if change is None else min(max((change - now).total_seconds(), 0.0) + 0.01, NAP)

    def _anybody(self) -> bool:
        return bool(awaited(self._graph, self._journal.state, self._options.until))

    async def _let_go(self) -> None:
        """Leaves what still runs to its hosts: the next coordinator will ask them."""
        self._choosing.close()
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
            case Retry(step, attempt, at):
                self._append(RetryPlanned(step.id, attempt, at.isoformat(timespec="milliseconds")))
            case BackOut(site, because):
                if not self._choosing.asked_first(move, self._journal.state, self._now()):
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
        events = [self._allocation(run, number) for number, run in enumerate(runs, state.next_attempt)]
        if events:
            self._journal.extend(events, self.claim.epoch)
        for run, event in zip(runs, events, strict=True):
            self._spawn(run.step, self._journal.state.attempts[event.attempt], resolve=False)

    def _allocation(self, run: Run, number: int) -> AttemptAllocated:
        step, state = run.step, self._journal.state
        revision = state.step(step.id).revision if run.action is Do.UNDO else state.revision
        return AttemptAllocated(number, step.id, run.action, revision, step.digest, self.claim.epoch, step.lane)

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


def _goes_forward(move: Move) -> bool:
    return isinstance(move, Ask | Retry) or (isinstance(move, Run) and move.action is Do.DO)


def _token() -> str:
    return secrets.token_hex(4)
