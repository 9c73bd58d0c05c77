"""A project: the folder beside a plan in which golive keeps what it must not forget."""

import secrets
from pathlib import Path

from golive.plan.load import ROOT, plan_file
from golive.run.store import Store


class Project:
    """Paths and the store of the plan at ``plan`` (a folder or a file)."""

    def __init__(self, plan: Path) -> None:
        self.plan = plan_file(plan)
        self.folder = self.plan.parent
        name = ".golive" if self.plan.name == ROOT else f".golive-{self.plan.stem}"
        self.state = self.folder / name
        self.lock = self.state / "lock"
        self.known_hosts = self.state / "known_hosts"
        self.artifacts = self.state / "artifacts"
        self.guide = self.folder / ("guide.html" if self.plan.name == ROOT else f"{self.plan.stem}-guide.html")

    @property
    def exists(self) -> bool:
        """Whether anything was ever run here."""
        return (self.state / "journal.db").exists()

    def store(self) -> Store:
        """Opens the store."""
        return Store(self.state / "journal.db")

    def id(self, store: Store) -> str:
        """The project's id; hosts remember its coordinators by it."""
        return store.constant("project", lambda: secrets.token_hex(6))


def new_run(store: Store, solution: str) -> str:
    """Adds a run with the next free name, such as ``kinto-3``."""
    name = f"{solution}-{len(store.runs()) + 1}"
    store.add_run(name)
    return name
