"""A project: the folder beside a plan in which golive keeps what it must not forget."""

import secrets
from collections.abc import Mapping
from pathlib import Path

from golive.plan.files import LOCK
from golive.plan.load import ROOT, documents, plan_file
from golive.plan.plan import Loaded
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

    def documents(self, loaded: Loaded) -> Mapping[str, str]:
        """The texts that make the plan, by their paths in its folder; archives and secrets are not among them."""
        files = (*documents(self.plan), self.folder / LOCK, *(self.folder / name for name in loaded.files))
        found = (file for file in files if file.is_file() and file.resolve().is_relative_to(self.folder.resolve()))
        return {
            str(file.resolve().relative_to(self.folder.resolve())): file.read_text(encoding="utf-8") for file in found
        }

    def id(self, store: Store) -> str:
        """The project's id; hosts remember its coordinators by it."""
        return store.constant("project", lambda: secrets.token_hex(6))


def new_run(store: Store, solution: str) -> str:
    """Adds a run with the next free name, such as ``kinto-3``."""
    name = f"{solution}-{len(store.runs()) + 1}"
    store.add_run(name)
    return name
