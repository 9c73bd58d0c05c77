"""The queue: attempts travel to workers by Procrastinate, over the PostgreSQL database in which the journal lies.

A job carries ids only, and the queue remembers nothing that matters. What is not in the journal is found out: an
attempt whose job is gone, or whose worker has died, is asked for at its host, by another job.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from golive.errors import JournalError, UsageError
from golive.graph.step import Step
from golive.journal.events import AttemptAbandoned, AttemptEnded, AttemptLost, Entry
from golive.reconcile.state import Attempt, State
from golive.run.carry import Carrier
from golive.run.journal import Journal

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.types import JSONDict

TASK = "golive.carry"
REMOTE = frozenset({"script", "survey", "login"})
"""Kinds that workers carry out. The others need files of the coordinator's machine, and stay there."""

POLL = 0.008
"""Seconds between looks at the journal while one attempt is with the workers."""

POLL_EACH = 0.0005
"""More, for each further one: the more there are, the less it matters when one of them is seen."""

POLL_MOST = 0.05
"""The most."""

CHECK = 1.0
"""Seconds between looks at the queue and its workers."""

DEAD_AFTER = 10.0
"""Seconds without a sign of life after which a worker counts as dead; they give one each second."""


def open_app(url: str, size: int = 4) -> "App":
    """Procrastinate over the store's database.

    Each of its statements stands alone, and so is sent alone, without asking before whether the server is there:
    whoever loses its connection begins anew. Nor is a commit waited for until it is on the server's disk: a server that
    goes down may forget the last jobs, and the queue remembers nothing that matters.

    Args:
        url: the database.
        size: connections.

    Raises UsageError when the extra is not installed.
    """
    try:
        import procrastinate
        from psycopg import AsyncConnection
        from psycopg_pool import AsyncConnectionPool
    except ImportError as error:
        raise UsageError("PostgreSQL is not installed with golive", "pip install 'golive[postgresql]'") from error
    plain = url.replace("postgresql+psycopg://", "postgresql://")

    async def alone(connection: AsyncConnection[Any]) -> None:
        await connection.set_autocommit(True)
        await connection.execute("SET synchronous_commit = off")

    def pool(**words: Any) -> AsyncConnectionPool:
        words["check"], words["configure"] = None, alone
        return AsyncConnectionPool(**words)

    connector = procrastinate.PsycopgConnector(pool_factory=pool, conninfo=plain, min_size=1, max_size=size)
    return procrastinate.App(connector=connector)


async def prepare(app: "App") -> None:
    """Makes the queue's tables when they are not there. Several may want to at once: one of them does."""
    from procrastinate.exceptions import ConnectorException

    for tries_left in reversed(range(20)):
        if await app.check_connection_async():
            return
        try:
            await app.schema_manager.apply_schema_async()
        except ConnectorException as error:
            if not tries_left:
                raise JournalError(
                    f"the queue's tables cannot be made: {error}", "may golive create tables?"
                ) from error
            await asyncio.sleep(0.2)


@dataclass
class _Flying:
    """An attempt that was given to the workers."""

    attempt: Attempt
    resolve: bool
    ended: asyncio.Future[None]
    job: int | None = None
    since: float = 0.0


class QueueEngine:
    """The engine over the queue, as a coordinator uses it.

    Args:
        carrier: carries what does not leave this process.
        journal: the run's journal.
        url: the database.
        queue: the queue's name; the project's id.
        dead_after: see ``DEAD_AFTER``.
        remote: kinds that leave this process.
    """

    def __init__(
        self,
        carrier: Carrier,
        journal: Journal,
        url: str,
        queue: str,
        dead_after: float = DEAD_AFTER,
        remote: frozenset[str] = REMOTE,
    ) -> None:
        self._carrier, self._journal, self._queue, self._epoch = carrier, journal, queue, carrier.epoch
        self._dead_after, self._remote = dead_after, remote
        self._app = open_app(url)
        self._flying: dict[int, _Flying] = {}
        self._fresh: list[_Flying] = []
        self._loop: asyncio.Task[None] | None = None
        journal.observe(self._said)

    async def carry(self, step: Step, attempt: Attempt, resolve: bool) -> None:
        """See ``Engine``."""
        if self._carrier.action(step, attempt).kind not in self._remote:
            await self._carrier.carry(step, attempt, resolve)
            return
        if not self._journal.state.attempts[attempt.number].open:
            return
        flying = _Flying(attempt, resolve, asyncio.get_running_loop().create_future())
        self._flying[attempt.number] = flying
        self._fresh.append(flying)
        if self._loop is None or self._loop.done():
            self._loop = asyncio.create_task(self._watch())
        await flying.ended

    async def close(self) -> None:
        """Lets go of the queue; jobs that are there are refused by their epoch once another coordinator has begun."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)

    async def _watch(self) -> None:
        from procrastinate.exceptions import ConnectorException

        try:
            async with self._app.open_async():
                await prepare(self._app)
                await self._keep_on()
        except BaseException as error:
            said = _gone(error) if isinstance(error, ConnectorException) else error
            for flying in self._flying.values():
                if not flying.ended.done():
                    flying.ended.set_exception(said)
            raise

    async def _keep_on(self) -> None:
        checked = time.monotonic()
        while True:
            if self._fresh:
                fresh, self._fresh = self._fresh, []
                await self._defer(fresh)
            self._journal.refresh()
            if time.monotonic() - checked > CHECK:
                await self._check()
                checked = time.monotonic()
            await asyncio.sleep(min(POLL + POLL_EACH * len(self._flying), POLL_MOST))

    def _said(self, entry: Entry, _: State) -> None:
        """Wakes whoever waits for the attempt of which the journal says what became of it."""
        if isinstance(entry.event, AttemptEnded | AttemptLost):
            flying = self._flying.pop(entry.event.attempt, None)
            if flying and not flying.ended.done():
                flying.ended.set_result(None)

    async def _defer(self, flying: Sequence[_Flying]) -> None:
        task = self._app.configure_task(TASK, queue=self._queue)
        ids = await task.batch_defer_async(*(self._ids(one) for one in flying))
        for one, job in zip(flying, ids, strict=True):
            one.job, one.since = job, time.monotonic()

    def _ids(self, one: _Flying) -> "JSONDict":
        return {
            "run": self._journal.run,
            "attempt": one.attempt.number,
            "epoch": self._epoch,
            "resolve": one.resolve,
        }

    async def _check(self) -> None:
        """Has found out what became of attempts whose job is gone, or whose worker has died."""
        if not self._flying:
            return
        jobs = {job.id: job for job in await self._app.job_manager.list_jobs_async(queue=self._queue)}
        stalled = await self._app.job_manager.get_stalled_jobs(
            queue=self._queue, seconds_since_heartbeat=self._dead_after
        )
        dead = {job.id for job in stalled}
        self._journal.refresh()
        for flying in list(self._flying.values()):
            if flying.job is None or time.monotonic() - flying.since < CHECK:
                continue
            if flying.job in dead:
                await self._app.job_manager.finish_job_by_id_async(flying.job, _aborted(), delete_job=True)
                self._again(flying, "its worker gives no sign of life")
            elif flying.job not in jobs:
                self._again(flying, "its job is gone from the queue")
            elif jobs[flying.job].status in ("succeeded", "failed", "aborted", "cancelled"):
                self._again(flying, f"its job {jobs[flying.job].status} without saying what became of it")

    def _again(self, flying: _Flying, why: str) -> None:
        self._journal.append(AttemptAbandoned(flying.attempt.number, why), self._epoch)
        flying.resolve, flying.job = True, None
        self._fresh.append(flying)


def _gone(error: Exception) -> JournalError:
    return JournalError(f"the queue cannot be reached: {error}", "does the server run?")


def _aborted() -> Any:
    from procrastinate.jobs import Status

    return Status.ABORTED


Carry = Callable[[str, int, int, bool], Any]


def serve(app: "App", carry: Carry) -> None:
    """Has the app's jobs carried by a function of run, attempt, epoch and whether to find out only."""

    @app.task(name=TASK, queue="golive")
    async def golive_carry(run: str, attempt: int, epoch: int, resolve: bool) -> None:  # pyright: ignore[reportUnusedFunction]
        await carry(run, attempt, epoch, resolve)


async def work(app: "App", queue: str, concurrency: int, stopped: Callable[[], bool]) -> None:
    """Works on a queue until stopped, also when its tables are emptied meanwhile.

    Raises JournalError when the database stays away.
    """
    from procrastinate.exceptions import ConnectorException

    failures: list[float] = []
    while not stopped():
        try:
            await app.run_worker_async(
                queues=[queue],
                concurrency=concurrency,
                fetch_job_polling_interval=0.05,
                update_heartbeat_interval=1.0,
                stalled_worker_timeout=60.0,
                delete_jobs="successful",
                install_signal_handlers=False,
            )
            return
        except ConnectorException as error:
            failures = [at for at in failures if time.monotonic() - at < 60] + [time.monotonic()]
            if len(failures) > 20:
                raise _gone(error) from error
            await asyncio.sleep(1)
