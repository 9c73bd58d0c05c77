"""Kills golive at every step of the example, has it go on, and compares the end with a run that nobody disturbed.

``scripts/prove --example`` calls it. One run over SQLite is killed at each of its steps in turn, twice: when the step has
its number, and while it runs. One over PostgreSQL loses its coordinator and its workers at each step, one at either
moment, and once all of them and the queue. Each host writes down which scripts it ran: every attempt began once, every
step succeeded once, none is missing. Users write through the front door meanwhile.
"""

import json
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "postgresql"))

from failing import differences, seen
from onesite import keep_one_site
from planfolder import PlanFolder, Running
from positions import KEPT, SITE, Proof
from server import Server, running

from golive.journal.events import AttemptAllocated, AttemptEnded, AttemptStarted, DecisionAsked, Event
from golive.run.project import Project

OWN = (
    KEPT + r"|:/etc/(ssh|ssl)\b|machine-id|__pycache__|:/var/backups|:/root/\.ssh|:/home/ops/\.ssh|:/etc/.*(shadow|-$)"
)
"""What differs between hosts that were made one after the other: their keys, when something was compiled or dumped."""

_WITNESS = """#!/bin/sh
case ${1-} in
*/attempts/*/script)
  name="$(sed -n 2,3p "${1%/script}/attempt" | tr '\\n' ' ')${1%/script}"
  echo "began $name" >> /var/log/ran
  /bin/sh "$@"
  code=$?
  echo "ended $code $name" >> /var/log/ran
  exit $code ;;
esac
exec /bin/sh "$@"
"""


class Whole(Proof):
    """The example, from the beginning to the sign-off.

    Args:
        folder: where it is kept; its hosts have the same addresses as those of its neighbours.
        url: the database of the journal; empty: SQLite.
    """

    def __init__(self, folder: Path, url: str = "") -> None:
        network = folder.parent / "network"
        folder.mkdir(parents=True)
        if network.exists():
            shutil.copy(network, folder / "network")
        super().__init__(folder)
        shutil.copy(folder / "network", network)
        self.plan = PlanFolder(self.demo.folder, Path.home())
        self.words = ("run", *(("--store", url) if url else ()))
        self.url, self._store, self._events = url, None, list[Event]()

    def begin(self) -> None:
        """Fresh hosts with the old system; each writes down what it runs."""
        self.demo.prepare()
        keep_one_site(self.demo.folder, SITE)
        keys = self.folder.parent / "keys"
        if keys.exists():
            shutil.copytree(keys, self.demo.folder / "keys", dirs_exist_ok=True)
        else:
            shutil.copytree(self.demo.folder / "keys", keys)
        self.demo.hosts()
        self.demo.golive("run", plan=self.demo.folder / "existing")
        for host in self.hosts:
            host.sh(f"cat > /usr/local/bin/sh <<'END'\n{_WITNESS}END\nchmod 755 /usr/local/bin/sh")

    def events(self) -> list[Event]:
        """What the journal holds now."""
        if self._store is None:
            project = Project(self.demo.folder)
            if not project.exists:
                return []
            self._store = project.store()
        if runs := self._store.runs():
            self._events += [entry.event for entry in self._store.entries(runs[-1], len(self._events))]
        return self._events

    def approve(self) -> None:
        """Whoever is waited for signs: the lead that there is no way back, the operator that he takes over."""
        for step in self.demo.waiting():
            assert self.golive("approve", step, *self.demo.signer(step))[0] == 0

    def ends(self) -> None:
        """Drives the run to its end, with all signatures."""
        exit, said = self.golive(*self.words)
        for _ in range(4):
            if exit == 6:
                self.approve()
            if exit == 0:
                return
            exit, said = self.golive(*self.words)
        assert exit == 0, f"it never ends: exit {exit}: {said[-2000:]}"

    def ran(self) -> Counter[str]:
        """How often each script began, and how often a step's succeeded, as the hosts tell."""
        lines = [line for host in self.hosts for line in host.sh("cat /var/log/ran", check=False).splitlines()]
        began = (f"began: {line.split()[-1]}" for line in lines if line.startswith("began"))
        ended = (" ".join(line.split()[2:4]) for line in lines if line.startswith("ended 0 "))
        return Counter([*began, *ended])

    def problems(self, fine: dict[str, dict[str, str]]) -> list[str]:
        """What is not as after the run that nobody disturbed."""
        ran = self.ran()
        done = {name for name in ran if not name.startswith("began")}
        wrong = [f"{name} {times} times" for name, times in ran.items() if times > 1]
        wrong += [f"{name} is missing" for name in fine["ran"] if name not in done]
        wrong += [f"{name} did not run when nobody disturbed it" for name in done if name not in fine["ran"]]
        wrong += differences(fine["seen"], seen(self.hosts), OWN)
        users = self.demo.compare(SITE)
        print(
            f"writes acknowledged: {users['acknowledged']}, lost: {users['lost']}, longest gap {users['longest_gap']}"
        )
        wrong += [f"{users['lost']} writes are lost"] if users["lost"] or not users["proven"] else []
        exit, said = self.golive("journal", "verify")
        return wrong + ([f"journal verify: {said}"] if exit else [])

    def close(self) -> None:
        """Takes the hosts down."""
        if self._store:
            self._store.close()
        self.demo.lab.down()


def undisturbed(folder: Path) -> dict[str, dict[str, str]]:
    """What a run that nobody disturbs makes, and how long each step takes; done once for a folder."""
    kept = folder / "undisturbed.json"
    if not kept.exists():
        whole = Whole(folder / "undisturbed")
        try:
            whole.begin()
            with whole.users():
                whole.ends()
            ran = {name: "" for name in whole.ran() if not name.startswith("began")}
            took = {step: str(seconds) for step, seconds in whole.plan.seconds().items()}
            fine = {"seen": seen(whole.hosts), "ran": ran, "took": took}
            assert not (wrong := whole.problems(fine)), wrong
            kept.write_text(json.dumps(fine))
        finally:
            whole.close()
    return json.loads(kept.read_text())


class Deaths:
    """Who dies when, at which step; and the processes that are there to die.

    Args:
        whole: the run.
        took: how long each step takes.
    """

    def __init__(self, whole: Whole, took: dict[str, str]) -> None:
        self.whole, self.took = whole, took
        self.processes: dict[str, list[Running]] = {"coordinator": [], "workers": []}
        self.hit: dict[str, set[str]] = {}
        """For each step the deaths at which it had its number and no end yet."""

    def start(self, who: str) -> None:
        """Has somebody there."""
        if who == "coordinator":
            self.processes[who] = [self.whole.plan.start(*self.whole.words)]
        elif self.whole.url:
            self.processes[who] = [self.whole.plan.start("worker", "--concurrency", "4") for _ in range(2)]

    def kill(self, who: str, moment: str) -> None:
        """kill -9, and writes down which steps it hit."""
        for process in self.processes[who]:
            process.kill()
        events = self.whole.events()
        steps = {event.attempt: event.step for event in events if isinstance(event, AttemptAllocated)}
        ended = {event.attempt for event in events if isinstance(event, AttemptEnded)}
        for number, step in steps.items():
            if number not in ended:
                self.hit.setdefault(step, set()).add(f"{who} {moment}")
        print(f"killed {who} {moment}: {', '.join(step for n, step in steps.items() if n not in ended)}", flush=True)

    def until(self, kind: type[AttemptAllocated | AttemptStarted], step: str) -> bool:
        """Waits until a step has its number, or has begun, and has no end yet; False: it is done."""
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            events = self.whole.events()
            numbers = {e.attempt for e in events if isinstance(e, AttemptAllocated) and e.step == step}
            done = {e.attempt for e in events if isinstance(e, AttemptEnded) and e.outcome == "done"} & numbers
            if done:
                return False
            opened = numbers - {e.attempt for e in events if isinstance(e, AttemptEnded)}
            if any(isinstance(event, kind) and event.attempt in opened for event in events):
                return True
            (coordinator,) = self.processes["coordinator"]
            if coordinator.process.poll() is not None:
                self.start("coordinator")
            time.sleep(0.02)
        raise AssertionError(f"{step} never came: {self.processes['coordinator'][0].said[-2000:]}")

    def at(self, step: str, first: str, second: str) -> None:
        """Somebody dies when the step has its number, and somebody while it runs."""
        if self.until(AttemptAllocated, step):
            self.kill(first, "at its number")
            self.start(first)
        if self.until(AttemptStarted, step):
            time.sleep(random.uniform(0, float(self.took[step])))
            self.kill(second, "in the middle")
            self.start(second)

    def waiting(self) -> None:
        """The coordinator dies while it waits for the signature."""
        self.processes["coordinator"][0].process.wait(60)
        self.processes["coordinator"] = [self.whole.plan.start(*self.whole.words, "--wait")]
        deadline = time.monotonic() + 60
        while not any(isinstance(event, DecisionAsked) for event in self.whole.events()):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        self.kill("coordinator", "while it waits for a person")


def killed(folder: Path, name: str, url: str = "", empty: Callable[[], object] = lambda: None) -> list[str]:
    """One run that loses golive at each of its steps; what is wrong in the end.

    Args:
        folder: where all is kept.
        name: of the run's own folder in it.
        url: the database of the journal; empty: SQLite.
        empty: empties the queue; it is called once, in the middle of the run, when nobody is left.
    """
    fine, whole = undisturbed(folder), Whole(folder / name, url)
    deaths = Deaths(whole, fine["took"])
    try:
        whole.begin()
        with whole.users():
            _disturb(deaths, list(fine["took"]), empty)
            whole.ends()
        missed = [step for step in fine["took"] if step not in deaths.hit]
        print(f"{name}: {len(deaths.hit)} of {len(fine['took'])} steps were hit; missed: {', '.join(missed) or 'none'}")
        return whole.problems(fine) + [f"{step} was never hit" for step in missed]
    finally:
        for process in [*deaths.processes["coordinator"], *deaths.processes["workers"]]:
            process.kill()
        whole.close()


def _disturb(deaths: Deaths, steps: Sequence[str], empty: Callable[[], object]) -> None:
    deaths.start("coordinator")
    if deaths.whole.url:
        while not deaths.whole.events():  # a worker needs the store to be known
            time.sleep(0.1)
        deaths.start("workers")
    other = "workers" if deaths.whole.url else "coordinator"
    for number, step in enumerate(steps):
        deaths.at(step, *(("coordinator", other) if number % 2 else (other, "coordinator")))
        if deaths.whole.url and number == len(steps) // 2:
            for who in ("coordinator", "workers"):
                deaths.kill(who, "before the queue is emptied")
            empty()
            for who in ("coordinator", "workers"):
                deaths.start(who)
    deaths.waiting()


@contextmanager
def database() -> Iterator[tuple[Server, str]]:
    """A PostgreSQL server with an empty database, in a folder of its own."""
    with running() as server:
        yield server, server.fresh("golive")


def prove(folder: Path, stores: Sequence[str]) -> int:
    """All of it; the exit code is 0 when nothing was found that is wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    wrong: list[str] = []
    if "sqlite" in stores:
        wrong += told("sqlite", killed(folder, "sqlite"))
    if "postgresql" in stores:
        with database() as (server, url):
            tables = "SELECT string_agg(tablename, ', ') FROM pg_tables WHERE tablename LIKE 'procrastinate%'"

            def empty() -> None:
                server.sql("golive", f"TRUNCATE {server.sql('golive', tables)} CASCADE")

            wrong += told("postgresql", killed(folder, "postgresql", url, empty))
    return int(bool(wrong))


def told(name: str, wrong: list[str]) -> list[str]:
    """Prints what became of a run."""
    print("\n".join([f"{name}: {'as if nobody had disturbed it' if not wrong else 'NOT as undisturbed'}", *wrong]))
    return wrong
