"""Carries one attempt: has its executor do it, and writes down what became of it. The same in every process."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from golive.errors import EpochRefused, GoliveError
from golive.graph.graph import Graph
from golive.graph.step import Action, Step
from golive.journal.events import AttemptEnded, AttemptLost, AttemptStarted, Do
from golive.reconcile.state import Attempt, State
from golive.run.executors.interface import Executor, Job, Lost, Result
from golive.run.failure import failure, sentence
from golive.run.journal import Journal

Write = Callable[..., Awaitable[Any]]
"""``Journal.write``, or what does the same for many at once."""


class Engine(Protocol):
    """Carries attempts. It remembers nothing that matters: the journal alone suffices to go on without it."""

    async def carry(self, step: Step, attempt: Attempt, resolve: bool) -> None:
        """Returns when the journal says what became of the attempt, or that it is lost for now.

        Args:
            step: the step as it was when the attempt was made.
            attempt: allocated already.
            resolve: find out what became of it instead of doing it.

        Raises EpochRefused when another coordinator has taken the run or a host over.
        """
        ...

    async def close(self) -> None:
        """Lets go; attempts that are being carried go on where they are."""
        ...


class Revisions:
    """The graphs of a run, by the number of their revision."""

    def __init__(self, journal: Journal, current: Graph | None = None) -> None:
        self._journal = journal
        self._graphs = {journal.state.graph: current} if current else dict[str, Graph]()

    def graph(self, number: int) -> Graph:
        """The graph of a revision. Raises JournalError."""
        name = self._journal.state.graphs[number]
        if name not in self._graphs:
            self._graphs[name] = self._journal.store.graph(name)
        return self._graphs[name]

    def step_of(self, attempt: Attempt) -> Step:
        """The step as it was when the attempt was made."""
        return self.graph(attempt.revision).by_id[attempt.step]


class Carrier:
    """The engine in one process, and what every worker does with an attempt.

    Args:
        journal: the run's journal.
        project: the project's id.
        executors: by the kind of action.
        epoch: of the coordinator on whose behalf.
        output: called with a step and a piece of its output as it comes.
        revisions: the run's graphs, as far as they have been read.
        write: writes into the journal, as ``Journal.write`` does.
    """

    def __init__(
        self,
        journal: Journal,
        project: str,
        executors: Mapping[str, Executor],
        epoch: int,
        output: Callable[[Step, bytes], None],
        revisions: Revisions | None = None,
        write: Write | None = None,
    ) -> None:
        self._journal, self._project, self._executors = journal, project, executors
        self.epoch, self._output = epoch, output
        self._write = write or journal.write
        self.revisions = revisions or Revisions(journal)

    async def carry(self, step: Step, attempt: Attempt, resolve: bool) -> None:
        """See ``Engine``."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            job = self._job(step, attempt)
            executor = self._executor(job.action)
            result = await (executor.resolve(job) if resolve else executor.execute(job))
        except EpochRefused:
            raise
        except Exception as error:  # noqa: BLE001  a defect of golive or of a plug-in is a failed step, told as such
            begun = self._journal.state.attempts[attempt.number].started
            result = failure(error, step, begun, resolve)
        if isinstance(result, Lost):
            await self._write(AttemptLost(attempt.number, sentence(result)), self.epoch)
        else:
            await self._write(self._end(attempt, result, loop.time() - began), self.epoch)

    async def close(self) -> None:
        """Nothing is held."""

    def action(self, step: Step, attempt: Attempt) -> Action:
        """What is done: an inverse is the one of the revision under which the step was done."""
        if attempt.action is Do.DO:
            return step.do
        done = self.revisions.graph(self._journal.state.step(step.id).revision).by_id.get(step.id, step)
        undo = done.undo or step.undo
        assert undo is not None, "only steps with an inverse are undone"
        return undo

    def _executor(self, action: Action) -> Executor:
        if action.kind not in self._executors:
            known = ", ".join(sorted(self._executors))
            raise GoliveError(f"nothing here carries out {action.kind}", f"is a plug-in missing? known: {known}")
        return self._executors[action.kind]

    def _job(self, step: Step, attempt: Attempt) -> Job:
        return Job(
            attempt=self._journal.state.attempts[attempt.number],
            step=step,
            action=self.action(step, attempt),
            run=f"{self._journal.run}-{self._journal.token}",
            project=self._project,
            started=lambda: self._started(attempt.number),
            output=lambda piece: self._output(step, piece),
        )

    async def _started(self, number: int) -> None:
        """Before the first effect. Refused when somebody else has found out meanwhile that it never began."""

        def still(state: State) -> None:
            if not state.attempts[number].open:
                raise GoliveError(f"attempt {number} has ended already", "this worker did not answer meanwhile")

        await self._write(AttemptStarted(number), self.epoch, still)

    def _end(self, attempt: Attempt, result: Result, seconds: float) -> AttemptEnded:
        output = self._journal.store.save_blob(result.output)
        return AttemptEnded(
            attempt.number, result.outcome, result.note, result.exit, output, round(seconds, 3), dict(result.evidence)
        )
