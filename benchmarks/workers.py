"""What the queue costs: golive over PostgreSQL beside bare Procrastinate, and four workers beside one.

A server of its own, in a folder; every ratio is of two things measured in the same run, alternately.
"""

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import Figure
from benchmarks.made_up import PROJECT, Sleeps, begun, steps
from golive.graph.graph import Graph
from golive.hosts.attempts import Claim
from golive.run.coordinator import Coordinator, Options
from golive.run.executors.interface import Executor
from golive.run.journal import Journal
from golive.run.postgresql import PostgresStore
from golive.run.queue import QueueEngine, prepare, work
from golive.run.worker import Worker, run_worker

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/postgresql"))

from server import Server, running

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.types import JSONDict

SHAPES = (("200 ready", 200, False), ("a chain of 30", 30, True))


def executors(_journal: Journal, _claim: Claim) -> dict[str, Executor]:
    """What a worker carries out."""
    return {"script": Sleeps()}


async def golive(url: str, graph: Graph) -> float:
    """Seconds that a run takes by a coordinator, its workers being processes that wait for it."""
    journal = begun(PostgresStore(url), graph)
    coordinator = Coordinator(
        journal, graph, PROJECT, {}, Options(), lambda _step, _piece: None,
        engine=lambda carrier: QueueEngine(carrier, journal, url, PROJECT),
    )  # fmt: skip
    began = time.perf_counter()
    exit = await coordinator.run()
    took = time.perf_counter() - began
    assert exit == 0, exit
    return took


def bare_app(url: str) -> "App":
    """Procrastinate as its pages say; golive opens its connections in another way."""
    import procrastinate

    return procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))


async def bare(url: str, count: int, chain: bool) -> float:
    """Seconds that Procrastinate alone takes for as many jobs that do nothing, its worker being another process."""
    app = bare_app(url)
    async with app.open_async():
        task = app.configure_task("bench.nothing", queue="bare")
        began = time.perf_counter()
        if not chain:
            await task.batch_defer_async(*(_number(n) for n in range(count)))
            await _emptied(app)
        for number in range(count if chain else 0):
            await task.defer_async(number=number)
            await _emptied(app)
        return time.perf_counter() - began


def _number(number: int) -> "JSONDict":
    return {"number": number}


async def _emptied(app: "App") -> None:
    while list(await app.job_manager.list_jobs_async(queue="bare")):  # noqa: ASYNC110  it is polled, as golive polls
        await asyncio.sleep(0.01)


def serve(role: str, url: str, concurrency: int) -> None:
    """A worker's process: golive's, or a bare one."""
    if role == "worker":
        run_worker(Worker(PostgresStore(url), PROJECT, executors, lambda _said: None), concurrency)
        return
    app = bare_app(url)

    @app.task(name="bench.nothing", queue="bare")
    async def nothing(number: int) -> None:  # pyright: ignore[reportUnusedFunction]
        pass

    async def go() -> None:
        async with app.open_async():
            await prepare(app)
            await work(app, "bare", concurrency, lambda: False)

    asyncio.run(go())


class Workers:
    """Processes that work on a database."""

    def __init__(self, role: str, url: str, count: int) -> None:
        command = [sys.executable, "-m", "benchmarks.workers", role, url, "8"]
        self._processes = [subprocess.Popen(command) for _ in range(count)]
        self._url, self._count = url, count

    def ready(self, server: Server, database: str) -> None:
        """Waits until all have said so to the queue."""
        deadline = time.monotonic() + 60
        asked = "SELECT CASE WHEN to_regclass('procrastinate_workers') IS NULL THEN 0 ELSE 1 END"
        while True:
            there = server.sql(database, asked) == "1"
            if there and int(server.sql(database, "SELECT count(*) FROM procrastinate_workers")) >= self._count:
                return
            assert time.monotonic() < deadline, "the workers never began"
            time.sleep(0.1)

    def close(self) -> None:
        """Ends them."""
        for process in self._processes:
            process.kill()
            process.wait()


def one(server: Server, role: str, workers: int, count: int, seconds: float, chain: bool) -> float:
    """One measurement on a fresh database."""
    url = server.fresh("bench")
    if role == "worker":
        PostgresStore(url).close()
    held = Workers(role, url, workers)
    try:
        held.ready(server, "bench")
        return asyncio.run(golive(url, steps(count, seconds, chain)) if role == "worker" else bare(url, count, chain))
    finally:
        held.close()


def measure(rounds: int = 3) -> list[Figure]:
    """All figures; each the median over rounds."""
    with running() as server:
        found = [figure for name, count, chain in SHAPES for figure in _beside_bare(server, name, count, chain, rounds)]
        return [*found, _four_against_one(server, rounds)]


def _beside_bare(server: Server, name: str, count: int, chain: bool, rounds: int) -> Iterator[Figure]:
    pairs = [tuple(one(server, role, 1, count, 0.0, chain) for role in ("worker", "bare")) for _ in range(rounds)]
    yield Figure(f"{name}: golive over the queue, a step", statistics.median(p[0] for p in pairs) / count * 1000, "ms")
    yield Figure(f"{name}: bare Procrastinate, a job", statistics.median(p[1] for p in pairs) / count * 1000, "ms")
    yield Figure(f"{name}: golive beside bare Procrastinate", statistics.median(p[0] / p[1] for p in pairs), "x", 2.0)


def _four_against_one(server: Server, rounds: int) -> Figure:
    """Steps of 0.2 s; each worker gets as many of them."""
    ratios = [
        4 * one(server, "worker", 1, 100, 0.2, False) / one(server, "worker", 4, 400, 0.2, False) for _ in range(rounds)
    ]
    return Figure("4 workers of concurrency 8 beside 1, steps of 0.2 s", statistics.median(ratios), "x", least=3.5)


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], int(sys.argv[3]))
