"""kill -9 of workers and coordinators over the queue: the run ends as if nobody had, no effect twice, none lost."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
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
            f"{name} had its effect {n} times" for name, n in Counter(l.split()[0] for l in lines).items() if n > 1
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
        for name in workers:
            stage.start("worker", name)
        stage.start("coordinator")
        yield stage
    finally:
        stage.close()


def reached(kind: type[AttemptAllocated] | type[AttemptStarted], name: str) -> Callable[[list[Event]], bool]:
    """A condition: a step was allocated, or begun."""

    def found(events: list[Event]) -> bool:
        numbers = {e.attempt for e in events if isinstance(e, AttemptAllocated) and e.step == f"lyon/deploy/{name}"}
        return any(isinstance(event, kind) and event.attempt in numbers for event in events)

    return found


MOMENTS = {"at allocation": AttemptAllocated, "in the middle": AttemptStarted}


def trial(url: str, folder: Path, step: str, moment: str, who: str) -> list[str]:
    """Kills all workers, or the coordinator, at a step; others take their place. Returns what is wrong at the end."""
    with staged(url, folder) as stage:
        stage.until(reached(MOMENTS[moment], step))
        for name in [name for name in stage.processes if name.startswith(who)]:
            stage.kill(name)
        if who == "worker":
            stage.start("worker", "worker-3")
        else:
            stage.start("coordinator")
        return stage.ends()
