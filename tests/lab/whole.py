"""Kills golive at every step of the example, has it go on, and compares the end with a run that nobody disturbed.

``scripts/prove --example`` calls it. One run over SQLite is killed at each of its steps, when the step has its number and
while it runs. One over PostgreSQL loses its coordinator and its workers at each step, one at either moment, and once all
of them and the queue. So that no step is over before, scripts wait before they begin, and the database before it takes
the end of a step. Each host writes down which scripts it ran: every attempt began once, every step succeeded once, none
is missing. Users write through the front door meanwhile.
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
from golive.run.postgresql import PostgresStore
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
  sleep 1.5
  /bin/sh "$@"
  code=$?
  echo "ended $code $name" >> /var/log/ran
  exit $code ;;
esac
exec /bin/sh "$@"
"""


_SLOW = """
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.5); RETURN NEW; END';
CREATE TRIGGER wait BEFORE INSERT ON entries FOR EACH ROW WHEN (NEW.body LIKE '%"type":"AttemptEnded"%')
    EXECUTE FUNCTION wait();
ALTER DATABASE golive SET client_connection_check_interval = '20ms'"""
"""A database that is slow to take the end of a step, and lets whoever is killed meanwhile have written nothing."""


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


NUMBER, MIDDLE = "at its number", "in the middle"


class Deaths:
    """Who dies when, at which step; and the processes that are there to die.

    Args:
        whole: the run.
        fine: the run that nobody disturbed.
    """

    def __init__(self, whole: Whole, fine: dict[str, dict[str, str]]) -> None:
        self.whole, self.took = whole, fine["took"]
        self.scripts = {name.split()[1] for name in fine["ran"]}
        """Steps that a worker carries out; the others stay in the coordinator's process."""
        self.others = "workers" if whole.url else "coordinator"
        self.processes: dict[str, list[Running]] = {"coordinator": [], "workers": []}
        self.hit: dict[str, set[str]] = {}
        """For each step the deaths at which it had its number and no end yet."""
        self.emptied = False

    def start(self, who: str) -> None:
        """Has somebody there."""
        if who == "coordinator":
            self.processes[who] = [self.whole.plan.start(*self.whole.words)]
        elif self.whole.url:
            self.processes[who] = [self.whole.plan.start("worker", "--concurrency", "4") for _ in range(2)]

    def open(self) -> dict[str, bool]:
        """The steps that have a number and no end yet, and whether they have begun."""
        events = self.whole.events()
        steps = {event.attempt: event.step for event in events if isinstance(event, AttemptAllocated)}
        begun = {event.attempt for event in events if isinstance(event, AttemptStarted)}
        for event in events:
            if isinstance(event, AttemptEnded):
                del steps[event.attempt]
        return {step: number in begun for number, step in steps.items()}

    def done(self) -> bool:
        """Whether all steps are."""
        events = self.whole.events()
        steps = {event.attempt: event.step for event in events if isinstance(event, AttemptAllocated)}
        ends = [event for event in events if isinstance(event, AttemptEnded) and event.outcome == "done"]
        return {steps[event.attempt] for event in ends} >= self.took.keys()

    def lacks(self, step: str) -> list[str]:
        """Who has still to die at a step."""
        wanted = {"coordinator", *([self.others] if step in self.scripts else [])}
        return sorted(wanted - {death.split()[0] for death in self.hit.get(step, ())})

    def fresh(self) -> str | None:
        """A step that is open, at which somebody has to die now."""
        return next((s for s in self.open() if self.lacks(s) and not (s in self.scripts and s in self.hit)), None)

    def halfway(self) -> str | None:
        """The shortest step whose script runs and at which somebody has still to die while it does."""

        def wanted(step: str) -> bool:
            return step in self.scripts and (bool(self.lacks(step)) or MIDDLE not in " ".join(self.hit.get(step, ())))

        begun = [step for step, begun in self.open().items() if begun and wanted(step)]
        return min(begun, key=lambda step: float(self.took[step]), default=None)

    def missed(self, name: str) -> list[str]:
        """The steps at which somebody did not die who had to."""
        missed = [f"{who} never died at {step}" for step in self.took for who in self.lacks(step)]
        hit = sum(not self.lacks(step) for step in self.took)
        print(f"{name}: {hit} of {len(self.took)} steps were hit, {len(self.scripts)} of them twice")
        return missed

    def kill(self, who: str, moment: str) -> None:
        """kill -9, and writes down which steps it hit."""
        for process in self.processes[who]:
            process.kill()
        there = self.open()
        for step in there:
            self.hit.setdefault(step, set()).add(f"{who} {moment}")
        print(f"killed {who} {moment}: {', '.join(there)}", flush=True)

    def all(self, empty: Callable[[], object]) -> None:
        """Somebody dies at each step when it has its number, and somebody else while it runs.

        Args:
            empty: empties the queue, once half of the steps were hit and when nobody is left.
        """
        deadline = time.monotonic() + 3600
        while not self.done():
            assert time.monotonic() < deadline, f"it never ends: {self.processes['coordinator'][0].said[-2000:]}"
            if step := self.fresh():
                self.dies(self.others if step in self.scripts and len(self.hit) % 2 else "coordinator", NUMBER)
            elif step := self.halfway():
                self._lets_run(step)
                self.dies([*self.lacks(step), "coordinator"][0], MIDDLE)
            elif self.processes["coordinator"][0].process.poll() is not None:
                self.whole.approve()
                self.start("coordinator")
            if self.whole.url and not self.emptied and len(self.hit) > len(self.took) // 2:
                self._without_queue(empty)
            time.sleep(0.003)

    def dies(self, who: str, moment: str) -> None:
        """Somebody is killed, and there again."""
        self.kill(who, moment)
        self.start(who)

    def _lets_run(self, step: str) -> None:
        """Up to half of the time that a step takes, unless another turns up that was not hit yet."""
        until = time.monotonic() + random.uniform(0, float(self.took[step]) / 2)  # it may be quicker this time
        while time.monotonic() < until and not self.fresh():
            time.sleep(0.003)

    def _without_queue(self, empty: Callable[[], object]) -> None:
        self.emptied = True
        for who in self.processes:
            self.kill(who, "before the queue is emptied")
        empty()
        for who in self.processes:
            self.start(who)

    def waiting(self) -> None:
        """The coordinator dies while it waits for the signature."""
        self.processes["coordinator"][0].process.wait(60)
        self.processes["coordinator"] = [self.whole.plan.start(*self.whole.words, "--wait")]
        deadline = time.monotonic() + 60
        while not any(isinstance(e, DecisionAsked) and "/handover/" in e.step for e in self.whole.events()):
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
    deaths = Deaths(whole, fine)
    try:
        whole.begin()
        with whole.users():
            _disturb(deaths, empty)
            whole.ends()
        return whole.problems(fine) + deaths.missed(name)
    finally:
        for process in [*deaths.processes["coordinator"], *deaths.processes["workers"]]:
            process.kill()
        whole.close()


def _disturb(deaths: Deaths, empty: Callable[[], object]) -> None:
    deaths.start("coordinator")
    if deaths.whole.url:
        while not deaths.whole.events():  # a worker needs the store to be known
            time.sleep(0.1)
        deaths.start("workers")
    deaths.all(empty)
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
            PostgresStore(url).close()
            server.sql("golive", _SLOW)
            tables = "SELECT string_agg(tablename, ', ') FROM pg_tables WHERE tablename LIKE 'procrastinate%'"

            def empty() -> None:
                server.sql("golive", f"TRUNCATE {server.sql('golive', tables)} CASCADE")

            wrong += told("postgresql", killed(folder, "postgresql", url, empty))
    return int(bool(wrong))


def told(name: str, wrong: list[str]) -> list[str]:
    """Prints what became of a run."""
    print("\n".join([f"{name}: {'as if nobody had disturbed it' if not wrong else 'NOT as undisturbed'}", *wrong]))
    return wrong
