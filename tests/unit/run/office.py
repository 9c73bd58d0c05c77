"""A run with people and without hosts: a real store, a real coordinator, real keys; the clock is the test's."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from golive.errors import Exit
from golive.graph.graph import Graph, ordered
from golive.graph.step import Action, Rerun, Stage, Step, Witness
from golive.journal.events import Amended, DecisionTaken, Outcome, RunStarted
from golive.plan.people import Person
from golive.run.coordinator import Coordinator, Options
from golive.run.decide import Answer, Desk, receive, sign, statement
from golive.run.executors.interface import Executor, Job, Result, Unwitnessed
from golive.run.journal import Journal
from golive.run.store import Store

DAY = 86400.0
BEGAN = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


def person(name: str, *roles: str, **more: Any) -> Person:
    return Person.model_validate({"name": name, "roles": roles, "key": f"keys/{name}.pub", **more})


PEOPLE: Mapping[str, Person] = {
    "ann": person("Ann", "sponsor"),
    "bob": person("Bob", "sponsor", "engineer"),
    "cid": person("Cid", "sponsor", sites=("oslo",)),
    "dee": person("Dee", "operator"),
}


def decision(site: str, name: str = "go", needs: tuple[str, ...] = (), persons: int = 1, version: int = 1) -> Step:
    inputs = {"role": "sponsor", "question": "May it begin?", "valid_for": DAY, "persons": persons, "v": version}
    return Step(f"{site}/deploy/{name}", Stage.DEPLOY, "may it?", Action("decision", inputs), site=site, needs=needs)


def by_hand(site: str) -> Step:
    answers = [{"name": "unit", "question": "Which unit?", "type": "number"}]
    inputs: dict[str, Any] = {"role": "engineer", "question": "rack: rack it", "instruction": "Rack it.", "due": 3600.0}
    inputs |= {"valid_for": DAY, "evidence": ["photo"], "answers": answers}
    return Step(f"{site}/deploy/rack", Stage.DEPLOY, "rack it", Action("person", inputs), site=site)


def step(site: str, name: str, needs: tuple[str, ...], kind: str = "sim", **more: Any) -> Step:
    return Step(f"{site}/deploy/{name}", Stage.DEPLOY, name, Action(kind), site=site, needs=needs, **more)


def graph(*steps: Step) -> Graph:
    return Graph("notes", "1", ordered(steps))


class Done(Unwitnessed):
    """Everything works."""

    async def execute(self, job: Job) -> Result:
        await job.started()
        return Result(Outcome.DONE, "done")


@dataclass
class Office:
    """One project.

    Args:
        folder: an empty directory.
        graph: what runs.
    """

    folder: Path
    graph: Graph
    people: Mapping[str, Person] = field(default_factory=lambda: dict(PEOPLE))
    now: datetime = BEGAN

    def __post_init__(self) -> None:
        self.store = Store(self.folder / "journal.db", lambda: self.now)
        self.store.add_run("notes-1")
        self.keys = {name: self._key(name) for name in self.people}
        signers = {name: key.with_suffix(".pub").read_text().strip() for name, key in self.keys.items()}
        digest = self.store.save_graph(self.graph)
        Journal(self.store, "notes-1").append(RunStarted("notes-1", "p", digest, "root", "here", "1", signers))

    def _key(self, name: str) -> Path:
        key = self.folder / name
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key], check=True)
        return key

    @property
    def journal(self) -> Journal:
        """As whoever opens it now sees it."""
        return Journal(self.store, "notes-1")

    async def run(self, **executors: Executor) -> Exit:
        """Golive run, to its end."""
        known: dict[str, Executor] = {"sim": Done(), **executors}
        options = Options(None, False, 0)
        return await Coordinator(self.journal, self.graph, "p", known, options, lambda step, piece: None).run()

    def amend(self, graph: Graph) -> None:
        self.graph = graph
        self.journal.append(Amended(self.journal.state.revision + 1, self.store.save_graph(graph), "root", "here"))

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def desk(self) -> Desk:
        heads = {entry.hash for entry in self.store.entries("notes-1")}
        return Desk("notes-1", self.graph, self.journal.state, self.people, heads.__contains__, self.now)

    def signed(self, name: str, answer: Answer, key: str = "", run: str = "notes-1") -> tuple[str, str]:
        """A statement about the open question of a step, and a person's signature over it."""
        text = statement(self.journal.state.questions[name], answer, run, self.journal.head)
        return text, sign(text, self.keys[key or answer.person])

    def hand_in(self, name: str, verb: str, text: str, signature: str) -> DecisionTaken:
        taken = receive(self.desk(), name, verb, text, signature)
        self.journal.append(taken)
        return taken

    def answer(self, name: str, person: str, verb: str = "approve", **more: Any) -> DecisionTaken:
        return self.hand_in(name, verb, *self.signed(name, Answer(person, verb, **more)))

    def status(self, name: str) -> str:
        return str(self.journal.state.step(name).status)


def message(site: str, needs: tuple[str, ...] = (), to: str = "desk") -> Step:
    made = step(site, "tell", needs, "message", rerun=Rerun.NEVER, witness=Witness.NONE)
    return replace(made, do=Action("message", {"title": "It begins", "text": "Now.", "to": to}))
