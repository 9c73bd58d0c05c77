"""A plan's folder, and golive as a person uses it there: the real command line, another process, its exit code."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

GOLIVE = Path(sys.executable).with_name("golive")
Event = dict[str, Any]


@dataclass(frozen=True)
class Done:
    """A command that ended: its exit code and what it printed, both streams as they came."""

    exit: int
    out: str


class Running:
    """golive, running in the background; its output goes to a file."""

    def __init__(self, process: subprocess.Popen[bytes], out: Path) -> None:
        self.process, self._out = process, out

    def signal(self, number: signal.Signals) -> None:
        """Sends it a signal."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """kill -9, and waits until it is gone."""
        self.process.kill()
        self.process.wait(timeout=20)

    def wait(self, seconds: float = 120) -> Done:
        """Waits for its end."""
        return Done(self.process.wait(timeout=seconds), self.said)

    @property
    def said(self) -> str:
        """What it has printed so far."""
        return self._out.read_text(encoding="utf-8")


@dataclass(frozen=True)
class PlanFolder:
    """A plan's folder and the home of the person who works there."""

    folder: Path
    home: Path
    env: Mapping[str, str] = field(default_factory=dict[str, str])

    def write(self, name: str, text: str) -> Path:
        """Writes a file of the plan."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def archive(self, name: str, files: Mapping[str, str]) -> None:
        """Writes a tar archive with these files."""
        source = self.folder / ".source"
        for file, text in files.items():
            source.joinpath(file).parent.mkdir(parents=True, exist_ok=True)
            source.joinpath(file).write_text(text, encoding="utf-8")
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["tar", "--zstd", "--mtime=@0", "-cf", path, "-C", source, "."], check=True)

    def golive(self, *words: str, seconds: float = 180) -> Done:
        """Runs a command to its end."""
        done = subprocess.run(
            [GOLIVE, *words], cwd=self.folder, env=self._env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=seconds, check=False,
        )  # fmt: skip
        return Done(done.returncode, done.stdout.decode())

    def start(self, *words: str) -> Running:
        """Begins a command; returns when a ``--new`` run has begun, so that no event is one of the run before."""
        before, out = self._runs(), self.folder / f".out-{time.monotonic_ns()}"
        with out.open("wb") as stream:
            process = subprocess.Popen(
                [GOLIVE, *words], cwd=self.folder, env=self._env, stdin=subprocess.DEVNULL, stdout=stream,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        while "--new" in words and process.poll() is None and self._runs() == before:
            time.sleep(0.01)
        return Running(process, out)

    def _runs(self) -> int:
        return len(self._read("SELECT run FROM runs"))

    @property
    def _env(self) -> dict[str, str]:
        keep = {key: value for key, value in os.environ.items() if not key.startswith(("GOLIVE", "SSH_"))}
        return keep | {"HOME": str(self.home), "PYTHONUNBUFFERED": "1"} | dict(self.env)

    @property
    def database(self) -> Path:
        """The journal's file."""
        return self.folder / ".golive/journal.db"

    def events(self, kind: str | None = None) -> list[Event]:
        """The events of the latest run, of one type or all."""
        latest = "(SELECT run FROM runs ORDER BY began DESC LIMIT 1)"
        rows = self._read(f"SELECT body FROM entries WHERE run = {latest} ORDER BY seq")
        found = [cast("Event", json.loads(body)) for (body,) in rows]
        return [event for event in found if kind in (None, event["type"])]

    def _read(self, query: str) -> list[tuple[Any, ...]]:
        try:
            with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10) as connection:
                return connection.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []  # not written yet

    def attempts(self, step: str) -> list[Event]:
        """The attempts at a step, as they were allocated."""
        return [event for event in self.events("AttemptAllocated") if event["step"] == step]

    def outcomes(self, step: str) -> list[str]:
        """How the attempts at a step ended."""
        numbers = {event["attempt"] for event in self.attempts(step)}
        return [event["outcome"] for event in self.events("AttemptEnded") if event["attempt"] in numbers]

    def seconds(self) -> dict[str, float]:
        """How long each step took."""
        steps = {event["attempt"]: event["step"] for event in self.events("AttemptAllocated")}
        return {steps[event["attempt"]]: event["seconds"] for event in self.events("AttemptEnded")}

    def until(self, found: Callable[[list[Event]], bool], running: Running, seconds: float = 60) -> bool:
        """Looks at the journal until something stands there; False when the process ended before."""
        deadline = time.monotonic() + seconds
        while not found(self.events()):
            if running.process.poll() is not None:
                return found(self.events())
            assert time.monotonic() < deadline, f"it never came; golive said: {running.said}"
            time.sleep(0.01)
        return True


Plans = Callable[..., PlanFolder]
"""Makes a plan's folder from the text of its golive.yaml; keywords are the environment."""


def reached(kind: str, step: str) -> Callable[[list[Event]], bool]:
    """A condition on the journal: a step has come to its allocation or to its start."""

    def found(events: list[Event]) -> bool:
        numbers = {
            event["attempt"] for event in events if event["type"] == "AttemptAllocated" and event["step"] == step
        }
        return any(event["type"] == kind and event["attempt"] in numbers for event in events)

    return found
