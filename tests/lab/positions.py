"""Fails the example at each position in turn, on real hosts, and tells whether all is as it was and as documented.

``scripts/prove --back-out`` calls it. The hosts, the old system and the baseline are made once; every back-out has to
leave them as they were, so they serve for all positions. Users write through the front door meanwhile. What has been
judged is kept in the folder: it can be done in pieces, and goes on where it was.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "examples/kinto"))

from demo import Demo
from failing import Moment, differences, documented, failing, login, no_answer, no_depot, seen
from ground import Host
from networks import free_network
from onesite import keep_one_site

from golive.lab import Lab

SITE = "lyon"
HOSTS = ("legacy", "edge", "app-1", "db")
KEPT = r":/root/\.cache|:/etc/(ld\.so\.cache|mtab)$"
"""What changes without anybody's doing."""


@dataclass(frozen=True)
class Position:
    """A step of the example that is to fail."""

    step: str
    stage: str
    kind: str
    host: str
    past: bool


class Proof:
    """The example in a folder, with its hosts.

    Args:
        folder: where everything is kept; it may be there already.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.results = folder, folder / "results.jsonl"
        network = folder / "network"
        folder.mkdir(parents=True, exist_ok=True)
        if not network.exists():
            network.write_text(free_network())
        self.demo = Demo(folder / "kinto", Lab(folder / "lab", say=print), (SITE,), network.read_text(), rate=5)

    def host(self, name: str) -> Host:
        """A host of the site."""
        found = next(host for host in self.demo.lab.hosts() if host.name == f"{SITE}-{name}")
        return Host(found.name, found.address, self.demo.lab)

    @property
    def hosts(self) -> list[Host]:
        """All hosts of the site."""
        return [self.host(name) for name in HOSTS]

    def prepare(self) -> None:
        """The old system as on the day of the rollout, and the baseline of the new hosts."""
        if (self.folder / "before.json").exists():
            return
        self.demo.prepare()
        keep_one_site(self.demo.folder, SITE)
        self.demo.hosts()
        self.demo.golive("run", plan=self.demo.folder / "existing")
        self.demo.golive("run", "--until", "baseline")
        (self.folder / "before.json").write_text(json.dumps(seen(self.hosts)))

    def positions(self) -> list[Position]:
        """All positions from deploy on, in order."""
        steps = self.demo.json("graph")["steps"]
        release = next(index for index, step in enumerate(steps) if step["no_return"])
        return [
            Position(step["id"], step["stage"], step["do"]["kind"], step["host"] or "", index >= release)
            for index, step in enumerate(steps)
            if step["site"] == SITE and step["stage"] in ("deploy", "cutover", "handover")
        ]

    def judged(self) -> set[tuple[str, str]]:
        """What has been judged already."""
        lines = self.results.read_text().splitlines() if self.results.exists() else []
        return {(one["step"], one["moment"]) for one in map(json.loads, lines)}

    def golive(self, *words: str) -> tuple[int, str]:
        """Runs golive; its exit code and what it printed."""
        command = [sys.executable, "-m", "golive.cli.main", *words, "-p", str(self.demo.folder)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def fault(self, at: Position, moment: Moment) -> AbstractContextManager[None]:
        """What makes it fail, on its host."""
        if at.kind == "findings":
            return no_answer(self.host("legacy"))
        host = self.host(at.host)
        if at.kind == "login":
            return login(host, works="refused" in at.step)
        return no_depot(host) if at.kind == "deliver" else failing(host, at.step, moment)

    def acknowledged(self) -> int:
        """How many writes the users were told are safe."""
        text = self.demo.state(SITE).read_text() if self.demo.state(SITE).exists() else ""
        return text.count('"kind": "ack"')

    def undone(self, at: Position, moment: Moment) -> list[str]:
        """Fails before the point of no return; what is wrong afterwards."""
        problems: list[str] = []
        of_run, of_back_out = documented(at.stage, at.past)
        exit, said = self._denied(at) if at.kind == "decision" else self._failed(at, moment)
        if exit != of_run or f"{at.step} " not in said:
            problems.append(f"golive run ended with {exit}, documented is {of_run}: {said[-1500:]}")
        exit, said = self.golive("back-out", SITE)
        if exit != of_back_out:
            problems.append(f"golive back-out ended with {exit}, documented is {of_back_out}: {said[-1500:]}")
        before = json.loads((self.folder / "before.json").read_text())
        problems += differences(before, seen(self.hosts), KEPT)
        return problems + self._served()

    def _failed(self, at: Position, moment: Moment) -> tuple[int, str]:
        with self.fault(at, moment):
            return self.golive("run")

    def _denied(self, at: Position) -> tuple[int, str]:
        """Who is asked whether there is to be no way back refuses, after a while of writes on the new system."""
        exit, said = self.golive("run")
        if exit != 6:
            return exit, said
        time.sleep(3)
        exit, said = self.golive("refuse", at.step, *self.demo.signer(at.step), "--reason", "later")
        return self.golive("run") if exit == 0 else (exit, said)

    def approved(self) -> None:
        """From here on there is no way back."""
        self.golive("run")
        for step in self.demo.waiting():
            if "/handover/" not in step:
                self.demo.approve(step)

    def done(self, at: Position) -> bool:
        """Whether a step is done already: those of one host do not wait for those of another."""
        return next(step for step in self.demo.json("status")["steps"] if step["id"] == at.step)["status"] == "done"

    def onward(self, at: Position) -> list[str]:
        """Fails at the point of no return, or behind it; what is wrong then. What has failed before is done first."""
        if at.kind == "decision":
            return self.refused(at)
        of_run, of_back_out = documented(at.stage, at.past)
        with self.fault(at, Moment.BEFORE):
            exit, said = self.golive("run")
        problems = [] if exit == of_run and f"{at.step} " in said else [f"golive run ended with {exit}: {said[-1500:]}"]
        exit, said = self.golive("back-out", SITE)
        if exit != of_back_out:
            problems.append(f"golive back-out ended with {exit}, documented is {of_back_out}: {said[-1500:]}")
        held = at.stage != "handover" or "/start@" in at.step  # by the fence, or by the procedure that has stopped it
        return problems if held else problems + self._served()

    def refused(self, at: Position) -> list[str]:
        """The operator does not take over, and then does."""
        command = [sys.executable, "-m", "golive.cli.main", "run", "--wait", "-p", str(self.demo.folder)]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as running:
            deadline = time.monotonic() + 60
            while (
                self.golive("refuse", at.step, *self.demo.signer(at.step), "--reason", "later")[0]
                and time.monotonic() < deadline
            ):
                time.sleep(1)
            exit = running.wait(60)
        problems = [] if exit == 3 else [f"golive run ended with {exit} after the refusal, documented is 3"]
        exit, text = self.golive("back-out", SITE)
        problems += [] if exit == 3 else [f"golive back-out ended with {exit}: {text[-1500:]}"]
        return problems + self._served()

    def _served(self) -> list[str]:
        """The old system takes writes now, and has all that it ever acknowledged."""
        count = self.acknowledged()
        deadline = time.monotonic() + 20
        while self.acknowledged() == count and time.monotonic() < deadline:
            time.sleep(0.2)
        return [] if self.acknowledged() > count else ["no write is acknowledged after the back-out"]

    @contextmanager
    def users(self) -> Iterator[None]:
        """The users of the site write as long as the block lasts."""
        client = self.demo.start_client(SITE)
        try:
            yield
        finally:
            client.terminate()
            client.wait(60)

    def note(self, at: Position, moment: str, seconds: float, problems: Sequence[str]) -> None:
        """Writes down, and prints, what became of a position."""
        line: dict[str, Any] = {"step": at.step, "moment": moment, "seconds": round(seconds), "problems": problems}
        with self.results.open("a") as file:
            file.write(json.dumps(line) + "\n")
        end = "as before" if not problems else "; ".join(problems)
        print(f"{at.step:<36} {moment:<7} {seconds:>5.0f} s  {end}", flush=True)


def prove(folder: Path, seconds: float, moments: Sequence[Moment], wanted: str = "") -> int:
    """Judges positions until the time is over, or all are; the exit code is 0 when nothing was found that is wrong.

    Args:
        folder: where everything is kept.
        seconds: no position is begun after this time.
        moments: at which each is to fail.
        wanted: only steps whose id contains this.
    """
    began = time.monotonic()
    proof = Proof(folder)
    proof.prepare()
    cells = [(at, moment) for moment in moments for at in proof.positions() if not at.past and wanted in at.step]
    with proof.users():
        for at, moment in cells:
            if (at.step, moment) in proof.judged() or time.monotonic() - began > seconds:
                continue
            start = time.monotonic()
            problems = proof.undone(at, moment)
            proof.note(at, moment, time.monotonic() - start, problems)
        left = len(cells) - len(proof.judged())
        if not left and not wanted:
            cells += _onward(proof)
    return report(proof, len(cells))


def _onward(proof: Proof) -> list[tuple[Position, Moment]]:
    """All positions from the point of no return on, in one run, since nothing goes back any more."""
    passed: list[tuple[Position, Moment]] = []
    proof.approved()
    for at in proof.positions():
        if not at.past or (at.step, "onward") in proof.judged() or proof.done(at):
            continue
        start = time.monotonic()
        problems = proof.onward(at)
        proof.note(at, "onward", time.monotonic() - start, problems)
        passed.append((at, Moment.BEFORE))
    return passed


def report(proof: Proof, cells: int) -> int:
    """Prints how many positions are as they have to be, and what the users remember; returns the exit code."""
    lines = [json.loads(line) for line in proof.results.read_text().splitlines()] if proof.results.exists() else []
    bad = [line for line in lines if line["problems"]]
    print(f"{len(lines) - len(bad)} of {len(lines)} positions as before and as documented; {cells} in all")
    if not proof.acknowledged():
        return int(bool(bad))
    users = proof.demo.compare(SITE)
    print(f"writes acknowledged: {users['acknowledged']}, lost: {users['lost']}, longest gap {users['longest_gap']} s")
    return int(bool(bad) or users["lost"] > 0)
