"""golive worker: another machine carries steps of a run."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from golive.cli.context import HERE, PlanPath, load_plan
from golive.errors import UsageError

if TYPE_CHECKING:
    from golive.graph.graph import Graph
    from golive.hosts.attempts import Claim
    from golive.reconcile.state import State
    from golive.run.executors.interface import Executor
    from golive.run.journal import Journal


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(worker)


def worker(
    plan: PlanPath = HERE,
    store_url: Annotated[
        str | None, typer.Option("--store", metavar="URL", help="The PostgreSQL server with the journal.")
    ] = None,
    concurrency: Annotated[int, typer.Option("--concurrency", metavar="N", help="Steps at a time.", min=1)] = 8,
) -> None:
    """Carry steps of a run that another machine drives; the journal lies on a PostgreSQL server."""
    from golive.run.mirror import Mirror
    from golive.run.project import Project
    from golive.run.wire import wire
    from golive.run.worker import Worker, run_worker

    project = Project(plan)
    if store_url:
        project.keep_at(store_url)
    loaded, store = load_plan(plan), project.store()
    if store.url is None:
        raise UsageError("the journal of this plan lies on this machine alone", "name its server with --store")

    def wired(journal: "Journal", claim: "Claim") -> "Mapping[str, Executor]":
        def held() -> "tuple[Graph, State]":
            return store.graph(journal.state.graph), journal.state

        executors, fleet = wire(project, loaded, _no_guide, held, store.save_blob, store.blob)
        fleet.claim, fleet.mirror = claim, Mirror(journal, lambda: project.documents(loaded))
        return executors

    run_worker(Worker(store, project.id(store), wired, typer.echo), concurrency)


def _no_guide() -> bytes:
    raise UsageError("a worker writes no guide", "the coordinator does")
