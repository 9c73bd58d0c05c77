"""Asks the person at the terminal what to do about a failed step, one at a time, while the rest of the run goes on.

What is asked and what is answered stand in the journal; a question ends unanswered when somebody else has decided.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from golive.graph.graph import Graph
from golive.graph.policy import Then
from golive.graph.step import Step
from golive.journal.events import Event, FailureAsked
from golive.reconcile.moves import BackOut
from golive.reconcile.open import to_choose
from golive.reconcile.state import State

Chooser = Callable[[Step], Awaitable[Event]]
"""Asks about a failed step; what the person says comes back as an event. Cancelled when it is no longer asked."""


@dataclass(frozen=True)
class Person:
    """Somebody at the terminal: how they are asked, and for how many seconds a site waits before it goes back."""

    choose: Chooser
    patience: float


class Choosing:
    """The open question of one coordinator; with nobody there, there is none.

    Args:
        person: who is there.
        append: takes events for the journal.
    """

    def __init__(self, person: Person | None, append: Callable[[Event], None]) -> None:
        self._person, self._append = person, append
        self._step: str | None = None
        self.task: asyncio.Task[None] | None = None

    def asked_first(self, move: BackOut, state: State, now: datetime) -> bool:
        """Whether the person is asked before this back-out, which then waits."""
        if self._person is None or move.step is None or not self._person.patience:
            return False
        held = state.step(move.step.id)
        if held.epoch != state.epoch or (held.failing and held.failing.until) or held.attempt is None:
            return False
        until = (now + timedelta(seconds=self._person.patience)).isoformat(timespec="seconds")
        self._append(FailureAsked(move.step.id, held.attempt, until))
        return True

    def offer(self, graph: Graph, state: State) -> None:
        """Asks about the first failed step that is still to be decided; takes back a question that no longer is."""
        if self._person is None:
            return
        steps = [step for step in to_choose(graph, state) if _may_wait(step, state)]
        if self.task and self._step not in {step.id for step in steps}:
            self.close()
        if self.task is None and steps:
            self._step = steps[0].id
            self.task = asyncio.create_task(self._ask(steps[0], self._person.choose))

    async def _ask(self, step: Step, choose: Chooser) -> None:
        self._append(await choose(step))

    def settle(self) -> None:
        """Takes note of an answer that has come."""
        if self.task and self.task.done():
            task, self.task = self.task, None
            task.result()

    def close(self) -> None:
        """Takes the question back."""
        if self.task:
            self.task.cancel()
        self.task = None


def _may_wait(step: Step, state: State) -> bool:
    """Whether the site waits for an answer: one that goes back by itself does so only once the question was put."""
    failing = state.step(step.id).failing
    return step.then is Then.STOP or (failing is not None and bool(failing.until))
