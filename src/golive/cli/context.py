"""What every command needs: the kinds that are installed, the plan, the project, the run."""

from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from golive.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from golive.graph.graph import Graph
    from golive.hosts.interface import Host
    from golive.kinds.registry import Kinds
    from golive.plan.plan import Loaded
    from golive.run.journal import Journal
    from golive.run.project import Project
    from golive.run.store import Store

PlanPath = Annotated[Path, typer.Option("--plan", "-p", metavar="PATH", help="The plan: a folder, or a file.")]
Format = Annotated[str, typer.Option("--format", metavar="FORMAT", help="How to print it.")]
HERE = Path()


def installed_kinds() -> "Kinds":
    """The built-in kinds and those of installed plug-ins. The only place where entry points are looked up."""
    from golive.kinds.registry import kinds

    found = entry_points(group="golive.kinds")
    versions = {point.name: point.dist.version for point in found if point.dist}
    return kinds([kind for point in found for kind in point.load()], versions)


def load_plan(path: Path) -> "Loaded":
    """The plan at ``path``, checked; raises PlanError."""
    from golive.plan.load import load

    return load(path, installed_kinds())


def compiled(loaded: "Loaded", without: frozenset[str] = frozenset()) -> "Graph":
    """The plan's graph, without sites that are live already."""
    from golive.graph.compile import compile_plan

    return compile_plan(loaded, installed_kinds(), without)


@dataclass(frozen=True)
class Opened:
    """An existing run, opened for reading or for appending a decision."""

    project: "Project"
    store: "Store"
    journal: "Journal"
    graph: "Graph"


def open_store(plan: Path, run: str | None = None) -> "tuple[Store, str]":
    """The store of a plan's project, and the name of its latest run, or the one named. Raises UsageError."""
    from golive.run.project import Project

    project = Project(plan)
    if not project.exists:
        raise UsageError(f"nothing was ever run at {project.folder}", "begin with: golive run")
    store = project.store()
    runs = store.runs()
    if not runs or (run and run not in runs):
        raise UsageError(f"there is no run {run or ''}".rstrip(), f"runs here: {', '.join(runs) or 'none'}")
    return store, run or runs[-1]


def open_run(plan: Path, run: str | None = None) -> Opened:
    """The latest run of a plan, or the one named. Raises UsageError when there is none."""
    from golive.run.journal import Journal
    from golive.run.project import Project

    store, name = open_store(plan, run)
    journal = Journal(store, name)
    return Opened(Project(plan), store, journal, store.graph(journal.state.graph))


@dataclass(frozen=True)
class Hosts:
    """The hosts of a plan, by the names that steps give them."""

    hosts: "Mapping[str, Host]"
    close: "Callable[[], Awaitable[None]]"


def hosts_of(plan: Path) -> Hosts:
    """The hosts of the plan at a path, not yet connected."""
    from golive.run.fleet import Fleet
    from golive.run.project import Project

    loaded, project = load_plan(plan), Project(plan)
    fleet = Fleet(loaded.plan.access, project.folder, project.known_hosts)
    return Hosts({step.lane: fleet.host(step) for step in compiled(loaded).steps if step.host}, fleet.close)


def one_of(value: str, *known: str) -> str:
    """The value of ``--format``, when it is a known one. Raises UsageError."""
    if value not in known:
        raise UsageError(f"--format {value} is not known here", f"use {', '.join(known[:-1])} or {known[-1]}")
    return value
