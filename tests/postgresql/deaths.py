"""kill -9 of workers and coordinators over the queue: the run ends as if nobody had, no effect twice, none lost."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from actor import NEEDS, RUN, begin

from golive.journal.events import AttemptAllocated, AttemptEnded, AttemptStarted, Event, Outcome
from golive.run.postgresql import PostgresStore

Process = subprocess.Popen[Any]


@dataclass
class Stage:
    """A run over the queue, with the processes that work on it."""

    url: str
    folder: Path
    processes: dict[str, Process] = field(default_factory=dict[str, Process])

    def start(self, role: str, name: str = "") -> Process:
        """Starts a coordinator or a worker; its output goes to a file."""
        out = (self.folder / f"{name or role}.out").open("ab")
        command = [sys.executable, str(Path(__file__).with_name("actor.py")), role, self.url, str(self.folder)]
        made = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
        self.processes[name or role] = made
        return made

    def kill(self, name: str) -> None:
        """kill -9, and waits until it is gone."""
        self.processes[name].kill()
        self.processes[name].wait(timeout=20)

    def events(self) -> list[Event]:
        """All that the journal holds now."""
        return [entry.event for entry in PostgresStore(self.url).entries(RUN)]

    def until(self, found: Callable[[list[Event]], bool], seconds: float = 60) -> None:
        """Waits until the journal holds something."""
        store, deadline = PostgresStore(self.url), time.monotonic() + seconds
        while not found([entry.event for entry in store.entries(RUN)]):
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.01)
        store.close()

    def said(self) -> str:
        """What the processes printed."""
        return "\n".join(f"{path.name}: {path.read_text()[-1500:]}" for path in self.folder.glob("*.out"))

    def ends(self, tries: int = 3) -> list[str]:
        """Drives the run to its end; what is wrong then."""
        for _ in range(tries):
            running = self.processes["coordinator"]
            if running.wait(timeout=90) == 0:
                return self.problems()
            self.start("coordinator")
        return [f"it never ends: {self.said()}"]

    def problems(self) -> list[str]:
        """What is not as after a run that nobody disturbed."""
        lines = (self.folder / "log").read_text().splitlines()
        done = {name for name in NEEDS if (self.folder / f"{name}.done").exists()}
        wrong = [f"{name} was lost" for name in NEEDS if name not in done]
        wrong += [
            f"{name} had its effect {n} times"
            for name, n in Counter(line.split()[0] for line in lines).items()
            if n > 1
        ]
        events = self.events()
        steps = {event.attempt: event.step for event in events if isinstance(event, AttemptAllocated)}
        ended = {steps[e.attempt] for e in events if isinstance(e, AttemptEnded) and e.outcome is Outcome.DONE}
        return wrong + [f"{name} is not done" for name in NEEDS if f"lyon/deploy/{name}" not in ended]

    def close(self) -> None:
        """Ends what still runs."""
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
                process.wait(timeout=20)


@contextmanager
def staged(url: str, folder: Path, workers: Sequence[str] = ("worker-1", "worker-2")) -> Iterator[Stage]:
    """A run that has begun, with workers."""
    stage = Stage(url, folder)
    begin(url, folder)
    try:
        stage.start("coordinator")
        for name in workers:
            stage.start("worker", name)
        yield stage
    finally:
        stage.close()


def reached(kind: type[AttemptAllocated] | type[AttemptStarted], name: str) -> Callable[[list[Event]], bool]:
    """A condition: a step was allocated, or begun."""

    def found(events: list[Event]) -> bool:
        numbers = {e.attempt for e in events if isinstance(e, AttemptAllocated) and e.step == f"lyon/deploy/{name}"}
        return any(isinstance(event, kind) and event.attempt in numbers for event in events)

    return found


class Moment(StrEnum):
    """When somebody dies."""

    ALLOCATED = "when it has its number"
    STARTED = "when it begins"
    EFFECT = "when its effect is there"

    def wait(self, stage: Stage, step: str) -> None:
        """Until it has come for a step."""
        if self is Moment.EFFECT:
            stage.until(lambda _: (stage.folder / f"{step}.done").exists())
        else:
            stage.until(reached(AttemptAllocated if self is Moment.ALLOCATED else AttemptStarted, step))


class Who(StrEnum):
    """Who dies."""

    WORKERS = "all workers"
    COORDINATOR = "the coordinator"
    ALL = "everybody, and the queue is emptied"

    @property
    def names(self) -> tuple[str, ...]:
        """Of the processes."""
        workers, coordinator = ("worker-1", "worker-2"), ("coordinator",)
        return {Who.WORKERS: workers, Who.COORDINATOR: coordinator, Who.ALL: (*workers, *coordinator)}[self]


CELLS = tuple((step, moment, who) for step in NEEDS for moment in Moment for who in Who)


def trial(stage: Stage, step: str, moment: Moment, who: Who, empty: Callable[[], object]) -> list[str]:
    """Kills somebody at a step; others take their place. Returns what is wrong at the end."""
    moment.wait(stage, step)
    for name in who.names:
        stage.kill(name)
    if who is Who.ALL:
        empty()
    if who is not Who.COORDINATOR:
        stage.start("worker", "worker-3")
    if who is not Who.WORKERS:
        stage.start("coordinator")
    return stage.ends()
