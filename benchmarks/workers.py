"""What the queue costs: golive over PostgreSQL beside bare Procrastinate, and four workers beside one.

A server of its own, in a folder; every ratio is of two things measured in the same run, alternately.
"""

import asyncio
import statistics
import subprocess
import sys
import time
from pathlib import Path

from golive.graph.graph import Graph, ordered
from golive.graph.step import Action, Stage, Step
from golive.hosts.attempts import Claim
from golive.journal.events import RunStarted
from golive.run.coordinator import Coordinator, Options
from golive.run.executors.interface import Executor, Job, Result
from golive.run.journal import Journal
from golive.run.postgresql import PostgresStore
from golive.run.queue import QueueEngine, open_app, prepare, work
from golive.run.worker import Worker, run_worker

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/postgresql"))

from server import Server, running

from golive.journal.events import Outcome

RUN, PROJECT = "bench-1", "project"


class Sleeps:
    """An executor that waits as long as the step says, and does nothing."""

    async def execute(self, job: Job) -> Result:
        """Waits."""
        job.started()
        await asyncio.sleep(float(job.action.inputs["seconds"]))
        return Result(Outcome.DONE)

    async def resolve(self, job: Job) -> Result:
        """Nothing is to be found out."""
        return Result(Outcome.INTERRUPTED)


def steps(count: int, seconds: float, chain: bool) -> Graph:
    """Steps that wait, all ready at once or one behind the other."""
    made = [
        Step(
            f"site/deploy/s{n}", Stage.DEPLOY, "", Action("script", {"seconds": seconds}), "site", f"h{n}",
            needs=(f"site/deploy/s{n - 1}",) if chain and n else (),
        )
        for n in range(count)
    ]  # fmt: skip
    return Graph("bench", "1", ordered(made))


def executors(_journal: Journal, _claim: Claim) -> dict[str, Executor]:
    """What a worker carries out."""
    return {"script": Sleeps()}


async def golive(url: str, graph: Graph) -> float:
    """Seconds that a run takes by a coordinator, its workers being processes that wait for it."""
    store = PostgresStore(url)
    store.add_run(RUN)
    journal = Journal(store, RUN)
    journal.append(RunStarted(RUN, PROJECT, store.save_graph(graph), "me", "here", "1"))
    coordinator = Coordinator(
        journal, graph, PROJECT, {}, Options(), lambda _step, _piece: None,
        lambda carrier: QueueEngine(carrier, journal, url, PROJECT),
    )  # fmt: skip
    began = time.perf_counter()
    exit = await coordinator.run()
    took = time.perf_counter() - began
    assert exit == 0, exit
    return took


async def bare(url: str, count: int, chain: bool) -> float:
    """Seconds that Procrastinate alone takes for as many jobs that do nothing, its worker being another process."""
    app = open_app(url)
    async with app.open_async():
        task = app.configure_task("bench.nothing", queue="bare")
        began = time.perf_counter()
        if not chain:
            await task.batch_defer_async(*({"number": n} for n in range(count)))
            await _emptied(app)
        for number in range(count if chain else 0):
            await task.defer_async(number=number)
            await _emptied(app)
        return time.perf_counter() - began


async def _emptied(app) -> None:  # noqa: ANN001
    while list(await app.job_manager.list_jobs_async(queue="bare")):
        await asyncio.sleep(0.01)


def serve(role: str, url: str, concurrency: int) -> None:
    """A worker's process: golive's, or a bare one."""
    if role == "worker":
        run_worker(Worker(PostgresStore(url), PROJECT, executors, lambda _said: None), concurrency)
        return
    app = open_app(url)

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


def measure(rounds: int = 3) -> dict[str, float]:
    """All ratios; each the median over rounds."""
    found: dict[str, list[float]] = {}
    with running() as server:
        for _ in range(rounds):
            for name, count, chain in (("ready", 200, False), ("chain", 30, True)):
                ours = one(server, "worker", 1, count, 0.0, chain)
                theirs = one(server, "bare", 1, count, 0.0, chain)
                found.setdefault(f"{name}: golive, ms a step", []).append(ours / count * 1000)
                found.setdefault(f"{name}: bare Procrastinate, ms a job", []).append(theirs / count * 1000)
                found.setdefault(f"{name}: ratio (at most 2)", []).append(ours / theirs)
            four, single = (one(server, "worker", n, 400 if n == 4 else 100, 0.2, False) for n in (4, 1))
            found.setdefault("4 workers against 1, steps of 0.2 s (at least 3.5)", []).append(single * 4 / four)
    return {name: statistics.median(values) for name, values in found.items()}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    else:
        for name, value in measure().items():
            print(f"{name:<60} {value:8.2f}")
