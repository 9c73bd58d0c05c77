"""golive amend: a run goes on with a changed plan."""

from typing import Annotated

import typer

from golive.cli.context import HERE, PlanPath, compiled, load_plan, open_run
from golive.errors import UsageError


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(amend)


def amend(
    plan: PlanPath = HERE,
    check: Annotated[bool, typer.Option("--check", help="Only show what would stay valid and what would not.")] = False,
) -> None:
    """Go on with a changed plan: what is done stays done where its inputs are the same."""
    import socket

    from golive import __version__
    from golive.journal.events import Amended
    from golive.reconcile.amendment import Amendment
    from golive.run.journal import driver
    from golive.run.live import left_out
    from golive.run.lock import locked, who
    from golive.run.project import Project

    with locked(Project(plan).lock):
        opened = open_run(plan)
        loaded = load_plan(plan)
        steps = compiled(loaded, left_out(opened.store, opened.journal.run, opened.graph))
        state = opened.journal.state
        if state.ended:
            raise UsageError(f"{opened.journal.run} has ended", "golive run begins a new one with the changed plan")
        if opened.graph.digest == steps.digest:
            typer.echo("the plan has not changed")
            return
        for line in Amendment(opened.graph, steps, state, __version__).lines():
            typer.echo(line)
        if check:
            return
        digest = opened.store.save_graph(steps)
        with opened.store.driving(opened.journal.run, lambda: driver(opened.journal)):
            by = who(), socket.gethostname()
            opened.journal.append(Amended(state.revision + 1, digest, *by, loaded.written, __version__))
        typer.echo(f"{opened.journal.run} goes on as revision {state.revision + 1}; next: golive run")
