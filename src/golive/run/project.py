"""A project: the folder beside a plan in which golive keeps what it must not forget."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from golive.errors import UsageError
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
        return (self.state / "journal.db").exists() or self._elsewhere.exists()

    @property
    def _elsewhere(self) -> Path:
        return self.state / "store"

    def store(self) -> Store:
        """Opens the store: beside the plan, or on the server that was named for it."""
        if self._elsewhere.exists():
            from golive.run.postgresql import PostgresStore

            return PostgresStore(self._elsewhere.read_text(encoding="utf-8").strip())
        return Store(self.state / "journal.db")

    def keep_at(self, url: str) -> None:
        """Has the store lie on a server from now on. Raises UsageError when it lies elsewhere already."""
        if not url.startswith(("postgresql://", "postgresql+psycopg://")):
            raise UsageError(f"{url} is no store", "such as postgresql://golive@db.example.org/golive")
        if urlsplit(url).password:
            raise UsageError("a password in the URL would be written down", "use PGPASSWORD, or ~/.pgpass")
        there = self._elsewhere.read_text(encoding="utf-8").strip() if self._elsewhere.exists() else None
        if there not in (None, url) or (self.state / "journal.db").exists():
            raise UsageError(
                f"the journal of {self.folder} lies at {there or self.state / 'journal.db'}", "leave --store out"
            )
        from golive.run.postgresql import PostgresStore

        PostgresStore(url).close()  # what cannot be reached is not remembered
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._elsewhere.write_text(f"{url}\n", encoding="utf-8")

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
