"""A coordinator or a worker as a process of its own, so that it can be killed. Their host is a folder of this machine:
scripts run detached under the witness protocol, as on any host.

    python actor.py begin|coordinator|worker URL FOLDER
"""

import asyncio
import sys
from pathlib import Path

from golive.graph.graph import Graph, ordered
from golive.graph.step import Action, Stage, Step
from golive.graph.step import Place as StepPlace
from golive.hosts.attempts import Claim
from golive.hosts.framing import Place
from golive.hosts.local import LocalHost
from golive.hosts.witness import Witness
from golive.journal.events import RunStarted
from golive.plan.people import Access
from golive.run.coordinator import Coordinator, Options
from golive.run.executors.contents import Contents
from golive.run.executors.interface import Executor
from golive.run.executors.script import ScriptExecutor
from golive.run.fleet import Fleet
from golive.run.journal import Journal
from golive.run.postgresql import PostgresStore
from golive.run.queue import QueueEngine
from golive.run.secrets import Vault
from golive.run.worker import Worker, run_worker

RUN, PROJECT = "notes-1", "project"
NEEDS = {"one": (), "two": ("one",), "three": ("one",), "four": ("two", "three"), "five": ("four",)}


def graph(folder: Path) -> Graph:
    """Five steps on two hosts; each writes its name and its attempt down, once."""
    steps: list[Step] = []
    for number, (name, needs) in enumerate(NEEDS.items()):
        script = f'echo "{name} $0" >> {folder}/log\nsleep 0.2\n: > {folder}/{name}.done\n'
        do = Action("script", {"script": script, "secrets": []})
        ids = tuple(f"lyon/deploy/{need}" for need in needs)
        host = f"h{number % 2}"
        steps.append(Step(f"lyon/deploy/{name}", Stage.DEPLOY, name, do, "lyon", host, StepPlace(host), ids))
    return Graph("notes", "1", ordered(steps))


class LocalFleet(Fleet):
    """Hosts that are folders of this machine."""

    def __init__(self, folder: Path, claim: Claim) -> None:
        super().__init__(Access.model_validate({}), folder, folder / "known", lambda target: LocalHost(target.name))
        self._root, self.claim = folder, claim

    def witness(self, step: Step) -> Witness:
        """Each host has a root of its own."""
        assert self.claim is not None
        return Witness(self.host(step), self.claim, Place(str(self._root / str(step.host))))


def executors(folder: Path, claim: Claim) -> dict[str, Executor]:
    """What carries scripts out."""
    return {"script": ScriptExecutor(LocalFleet(folder, claim), Vault({}, folder), Contents(folder), 5.0)}


def begin(url: str, folder: Path) -> None:
    """A run, not yet driven."""
    store = PostgresStore(url)
    store.constant("project", lambda: PROJECT)
    store.add_run(RUN)
    journal = Journal(store, RUN)
    journal.append(RunStarted(RUN, PROJECT, store.save_graph(graph(folder)), "me", "here", "1"))


def coordinate(url: str, folder: Path) -> int:
    """One coordinator, to its end."""
    journal = Journal(PostgresStore(url), RUN)
    coordinator = Coordinator(
        journal, journal.store.graph(journal.state.graph), PROJECT, {}, Options(), lambda _step, _piece: None,
        engine=lambda carrier: QueueEngine(carrier, journal, url, PROJECT, 3.0),
    )  # fmt: skip
    return int(asyncio.run(coordinator.run()))


def main(role: str, url: str, folder: Path) -> int:
    """One of the three."""
    match role:
        case "begin":
            begin(url, folder)
        case "coordinator":
            return coordinate(url, folder)
        case _:
            run_worker(Worker(PostgresStore(url), PROJECT, lambda _journal, claim: executors(folder, claim), print), 4)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
