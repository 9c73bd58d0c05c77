"""A worker: carries the attempts that a coordinator on another machine has allocated. It decides nothing."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

from golive.errors import EpochRefused
from golive.graph.step import Step
from golive.hosts.attempts import Claim
from golive.run.carry import Carrier, Revisions
from golive.run.executors.interface import Executor
from golive.run.journal import Journal
from golive.run.queue import open_app, prepare, serve, work
from golive.run.scribe import Scribe
from golive.run.store import Store

Wired = Callable[[Journal, Claim], Mapping[str, Executor]]
"""Makes the executors for a run, on behalf of a coordinator."""


class Worker:
    """Works on one project's queue.

    Args:
        store: the project's store.
        project: its id, and the queue's name.
        wired: makes executors.
        say: told what happens, a line each.
    """

    def __init__(self, store: Store, project: str, wired: Wired, say: Callable[[str], object]) -> None:
        assert store.url is not None, "only a store on a server has workers"
        self._store, self._project, self._wired, self._say = store, project, wired, say
        self._journals: dict[str, tuple[Journal, Revisions, Scribe]] = {}
        self._carriers: dict[tuple[str, int], Carrier] = {}
        self._app = open_app(store.url)
        self._stopping = False
        serve(self._app, self.carry)

    async def run(self, concurrency: int) -> None:
        """Works until it is cancelled."""
        async with self._app.open_async():
            await prepare(self._app)
            self._say(f"works on {self._project}, {concurrency} attempts at a time")
            await work(self._app, self._project, concurrency, lambda: self._stopping)

    async def carry(self, run: str, number: int, epoch: int, resolve: bool) -> None:
        """One attempt. A job that came twice, or from a coordinator that is no more, has no effect."""
        journal, revisions, scribe = self._journal(run)
        fresh = not resolve and journal.state.epoch == epoch and number in journal.state.attempts
        state = journal.state if fresh else journal.refresh()
        attempt = state.attempts.get(number)
        if attempt is None or not attempt.open or state.epoch != epoch or state.coordinator is None:
            return
        step = revisions.step_of(attempt)
        self._say(f"{'asks what became of' if resolve else 'carries'} attempt {number}: {step.id}")
        with suppress(EpochRefused):  # another coordinator has begun: it asks the host
            carrier = self._carrier(journal, revisions, scribe, Claim(epoch, state.coordinator.holder))
            await carrier.carry(step, attempt, resolve or attempt.started)

    def _journal(self, run: str) -> tuple[Journal, Revisions, Scribe]:
        if run not in self._journals:
            journal = Journal(self._store, run)
            self._journals[run] = journal, Revisions(journal), Scribe(journal)
        return self._journals[run]

    def _carrier(self, journal: Journal, revisions: Revisions, scribe: Scribe, claim: Claim) -> Carrier:
        key = (journal.run, claim.epoch)
        if key not in self._carriers:
            executors = self._wired(journal, claim)
            self._carriers[key] = Carrier(
                journal, self._project, executors, claim.epoch, _unseen, revisions, scribe.write
            )
        return self._carriers[key]


def _unseen(_step: Step, _piece: bytes) -> None:
    """Nobody watches a worker; what was printed is in the journal at the end."""


def run_worker(worker: Worker, concurrency: int) -> None:
    """Works until SIGINT or SIGTERM; scripts in flight go on on their hosts."""
    import signal

    async def until_stopped() -> None:
        task = asyncio.create_task(worker.run(concurrency))
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(until_stopped())
