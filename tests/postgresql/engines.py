"""Runs graphs of made-up steps by each engine: in this process, over the queue, and in the simulator."""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Protocol

sys.path.insert(0, str(Path(__file__).parents[1] / "unit/reconcile"))

from world import World

from golive.graph.graph import Graph, ordered
from golive.graph.step import Action, Stage, Step
from golive.journal.events import Event, Outcome, RunStarted
from golive.reconcile.state import Attempt
from golive.run.coordinator import Coordinator, Options
from golive.run.executors.interface import Job, Lost, Result
from golive.run.journal import Journal
from golive.run.postgresql import PostgresStore
from golive.run.queue import QueueEngine
from golive.run.store import Store
from golive.run.worker import Worker


def step(name: str, *needs: str, host: str | None = None) -> Step:
    return Step(f"lyon/deploy/{name}", Stage.DEPLOY, name, Action("script"), "lyon", host or name, needs=_ids(needs))


def _ids(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"lyon/deploy/{name}" for name in names)


def graph(*steps: Step) -> Graph:
    return Graph("notes", "1", ordered(steps))


@dataclass
class Fake:
    """An executor that notes what it does; ends as told, ``done`` where nothing is told."""

    ends: Mapping[str, tuple[Outcome | None, ...]] = field(default_factory=dict[str, tuple[Outcome | None, ...]])
    seconds: float = 0.0
    done: list[str] = field(default_factory=list[str])
    asked: list[str] = field(default_factory=list[str])
    at_once: int = 0
    most: int = 0

    async def execute(self, job: Job) -> Result:
        await job.started()
        name = job.step.id.rpartition("/")[2]
        outcome = self._told(name)
        self.done.append(name)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(self.seconds)
        self.at_once -= 1
        if outcome is None:
            raise Lost("no answer")
        return Result(outcome, "as told", 0, name.encode())

    def _told(self, name: str) -> Outcome | None:
        told = self.ends.get(name, ())
        return told[min((self.done + self.asked).count(name), len(told) - 1)] if told else Outcome.DONE

    async def resolve(self, job: Job) -> Result:
        name = job.step.id.rpartition("/")[2]
        outcome = self._told(name)
        self.asked.append(name)
        if outcome is None:
            raise Lost("still no answer")
        return Result(outcome, "asked")


def begun(store: Store, of: Graph) -> Journal:
    store.add_run("notes-1")
    journal = Journal(store, "notes-1")
    journal.append(RunStarted("notes-1", "project", store.save_graph(of), "me", "here", "1"))
    return journal


class Drive(Protocol):
    """Drives a run by one coordinator after the other; returns what the journal holds then."""

    def __call__(self, of: Graph, fake: Fake, coordinators: int = 1) -> list[Event]: ...


def in_process(path: Path) -> Drive:
    def drive(of: Graph, fake: Fake, coordinators: int = 1) -> list[Event]:
        journal = begun(Store(path), of)
        for _ in range(coordinators):
            coordinator = Coordinator(journal, of, "project", {"script": fake}, Options(), lambda _step, _piece: None)
            asyncio.run(coordinator.run())
        return [entry.event for entry in journal.store.entries("notes-1")]

    return drive


async def with_workers(url: str, of: Graph, fakes: list[Fake], coordinators: int = 1) -> Journal:
    """Drives a run with a worker for each fake executor, all in this process, each with a store of its own."""
    store = PostgresStore(url)
    journal = begun(store, of)
    workers = [
        Worker(PostgresStore(url), "project", lambda _j, _c, f=fake: {"script": f}, lambda _said: None)
        for fake in fakes
    ]
    tasks = [asyncio.create_task(worker.run(8)) for worker in workers]

    def coordinator() -> Coordinator:
        return Coordinator(
            journal, of, "project", {}, Options(), lambda _step, _piece: None,
            engine=lambda carrier: QueueEngine(carrier, journal, url, "project", 3.0),
        )  # fmt: skip

    try:
        for _ in range(coordinators):
            await asyncio.wait_for(coordinator().run(), 60)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return journal


def over_the_queue(url: str) -> Drive:
    def drive(of: Graph, fake: Fake, coordinators: int = 1) -> list[Event]:
        journal = asyncio.run(with_workers(url, of, [fake], coordinators))
        return [entry.event for entry in journal.store.entries("notes-1")]

    return drive


def simulated() -> Drive:
    def drive(of: Graph, fake: Fake, coordinators: int = 1) -> list[Event]:
        world = World(of, Random(1), starts=1.0)
        seen: list[str] = []

        def ends(attempt: Attempt) -> Outcome | None:
            name = attempt.step.rpartition("/")[2]
            told = fake.ends.get(name, ())
            (fake.asked if attempt.lost else fake.done).append(name)
            seen.append(name)
            return told[min(seen.count(name), len(told)) - 1] if told else Outcome.DONE

        for _ in range(coordinators):
            assert world.coordinate(ends)
        return world.events

    return drive
