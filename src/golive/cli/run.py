"""The command that drives a run."""

import asyncio
import signal
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from golive.cli.context import HERE, PlanPath, compiled, load_plan
from golive.errors import EpochRefused, Exit, GoliveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from golive.cli.context import Opened
    from golive.graph.graph import Graph
    from golive.plan.plan import Loaded
    from golive.run.carry import Carrier, Engine
    from golive.run.choosing import Person
    from golive.run.coordinator import Coordinator, Options
    from golive.run.journal import Journal
    from golive.run.project import Project
    from golive.run.store import Store


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(run)


def run(
    plan: PlanPath = HERE,
    until: Annotated[str | None, typer.Option(metavar="STAGE", help="Stop when this stage is done.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for people and windows instead of ending.")] = False,
    new: Annotated[bool, typer.Option("--new", help="Begin a new run although the last one is done.")] = False,
    again: Annotated[
        list[str] | None,
        typer.Option("--again", metavar="SITE", help="Take in a site that is live: its data is REPLACED by the old."),
    ] = None,
    unattended: Annotated[
        bool, typer.Option("--unattended", help="Ask nobody about failures: the plan's on_failure decides.")
    ] = False,
    take_over: Annotated[
        int, typer.Option("--take-over", metavar="EPOCH", help="Begin above this epoch, which a host named.")
    ] = 0,
    store_url: Annotated[
        str | None,
        typer.Option("--store", metavar="URL", help="Keep the journal on a PostgreSQL server, for workers elsewhere."),
    ] = None,
) -> None:
    """Take the solution live; or go on where a run was. Ctrl-C stops after the steps in flight."""
    from golive.run.coordinator import Options
    from golive.run.journal import driver
    from golive.run.lock import locked
    from golive.run.project import Project

    project = Project(plan)
    options = Options(_stage(until), wait, take_over)
    somebody = not unattended and sys.stdin.isatty() and sys.stdout.isatty()
    with locked(project.lock):
        loaded = load_plan(plan)
        _refuse_isolated(loaded)
        if store_url:
            project.keep_at(store_url)
        store = project.store()
        journal = _journal(project, store, loaded, new, frozenset(again or ()))
        if journal is None:
            return
        with store.driving(journal.run, lambda: driver(journal)):
            exit = asyncio.run(drive(project, journal, loaded, options, somebody))
        store.close()
        raise typer.Exit(int(exit))


def _stage(name: str | None):  # noqa: ANN202
    from golive.graph.step import Stage

    if name is None:
        return None
    if name not in set(Stage):
        raise UsageError(f"there is no stage {name}", f"stages: {', '.join(Stage)}")
    return Stage(name)


def _refuse_isolated(loaded: "Loaded") -> None:
    from golive.method.choose import Mechanism, choose

    for name, site in loaded.plan.sites.items():
        if choose(site).mechanism is Mechanism.BUNDLE:
            hint = "this golive installs over SSH only: take the site out, or give it network: online"
            raise UsageError(f"{name} is isolated and needs a bundle on a USB stick", hint)


def _journal(
    project: "Project", store: "Store", loaded: "Loaded", new: bool, again: frozenset[str]
) -> "Journal | None":
    """The journal to go on with, or a new one; None when there is nothing to do."""
    from golive.run.journal import Journal
    from golive.run.live import left_out

    runs = store.runs()
    journal = Journal(store, runs[-1]) if runs else None
    if journal is None or journal.state.started is None:
        return _begin(project, store, loaded, again)
    graph = store.graph(journal.state.graph)
    if not journal.state.ended and _is_as_begun(journal, graph, loaded):
        typer.echo(f"going on with {journal.run}")
        return journal
    left = left_out(store, journal.run, graph)
    steps = compiled(loaded, left)
    if not journal.state.ended:
        if aborted := journal.state.abort:
            typer.echo(f"{journal.run} is being aborted ({aborted.who}{_why(aborted.reason)}): golive run ends that")
            return journal
        if graph.digest != steps.digest:
            raise changed(graph, steps, journal)
        typer.echo(f"going on with {journal.run}")
        return journal
    if journal.state.ended.exit == 0 and graph.digest == steps.digest and not new and not again:
        typer.echo(f"{journal.run} is done, and the plan has not changed since: nothing to do (--new begins again)")
        return None
    return _begin(project, store, loaded, again, {left: steps})


def _is_as_begun(journal: "Journal", graph: "Graph", loaded: "Loaded") -> bool:
    """Whether the plan says what the run goes by: then its graph holds, however a newer golive would compile it."""
    from golive.cli.context import installed_kinds

    return bool(loaded.written) and journal.state.plan == loaded.written and graph.plugins == installed_kinds().versions


def _why(reason: str) -> str:
    return f": {reason}" if reason else ""


def _begin(
    project: "Project",
    store: "Store",
    loaded: "Loaded",
    again: frozenset[str],
    known: "Mapping[frozenset[str], Graph] | None" = None,
) -> "Journal | None":
    """A new run of all sites that are not live; a live one comes in only by name.

    Args:
        project: the project.
        store: its store.
        loaded: the plan.
        again: live sites that come in all the same.
        known: graphs that were compiled already, by the sites that they leave out.
    """
    from golive.run.live import live_sites
    from golive.run.start import begin

    live = {site: run for site, run in live_sites(store).items() if site in loaded.plan.sites and site not in again}
    for site, run in live.items():
        typer.echo(f"{site} is live since {run} and is left out (--again {site} would replace its data by the old)")
    if len(live) == len(loaded.plan.sites):
        typer.echo("every site is live: nothing to do")
        return None
    left = frozenset(live)
    return begin(project, store, loaded, (known or {}).get(left) or compiled(loaded, left))


def same_plan(opened: "Opened", loaded: "Loaded") -> "Graph | None":
    """Nothing when the plan is what runs; otherwise the graph that it has become."""
    from golive.run.live import left_out

    if _is_as_begun(opened.journal, opened.graph, loaded):
        return None
    steps = compiled(loaded, left_out(opened.store, opened.journal.run, opened.graph))
    return None if steps.digest == opened.graph.digest else steps


def changed(old: "Graph", steps: "Graph", journal: "Journal") -> GoliveError:
    """The refusal to go on with a plan that has changed since the run began."""
    from golive import __version__
    from golive.reconcile.amendment import Amendment

    lines = "\n".join(f"    {line}" for line in Amendment(old, steps, journal.state, __version__).lines())
    hint = "to go on with the changed plan: golive amend, then golive run"
    return UsageError(f"the plan has changed since {journal.run} began:\n{lines}", hint)


async def drive(
    project: "Project", journal: "Journal", loaded: "Loaded", options: "Options", somebody: bool = False
) -> Exit:
    """Drives a run as far as it gets, and prints what happens.

    Args:
        project: the project; its lock is held.
        journal: the run's journal; nobody else drives it.
        loaded: the plan, for logins and secrets.
        options: how to run.
        somebody: whether a person at the terminal is asked about failures.
    """
    from golive.cli.progress import Progress
    from golive.run.coordinator import Coordinator
    from golive.run.decide import audit
    from golive.run.mirror import Mirror
    from golive.run.wire import wire

    store = journal.store
    steps = store.graph(journal.state.graph)  # a run's graph is what was stored, never compiled again
    options = replace(options, person=_person(steps, journal, loaded)) if somebody else options
    progress = Progress(steps, journal, project.guide)
    audit(store.entries(journal.run))  # what stands on a signature is done only if the signature holds

    def written() -> bytes:  # its imports, too, need not be waited for before the hosts begin
        from golive.cli.papers import history, made
        from golive.guide.guide import guide

        return made(guide(loaded, steps, history=history(project.folder, loaded)), "html", project.folder)

    executors, fleet = wire(project, loaded, written, lambda: (steps, journal.state), store.save_blob, store.blob)
    fleet.check(steps)
    id = project.id(store)
    engine = _engine(journal, id)
    coordinator = Coordinator(journal, steps, id, executors, options, progress.output, progress.waits, engine)
    fleet.claim, fleet.mirror = coordinator.claim, Mirror(journal, lambda: project.documents(loaded))
    journal.observe(progress.event)
    _on_interrupt(coordinator)
    progress.begin(options.until)
    try:
        async with fleet.mirror.kept_up(project.id(store), lambda: fleet.reach(steps)):
            exit = await coordinator.run()
    except EpochRefused as error:
        hint = "if that golive is gone for good, go on above its epoch with: golive run --take-over EPOCH"
        raise EpochRefused(error.message, hint) from error
    finally:
        await fleet.close()
    progress.end(exit, options.until, fleet.mirror.holders)
    return exit


def _engine(journal: "Journal", project: str) -> "Callable[[Carrier], Engine]":
    """In this process; with workers, when the store lies on a server."""
    url = journal.store.url
    if url is None:
        return lambda carrier: carrier
    from golive.run.queue import QueueEngine

    return lambda carrier: QueueEngine(carrier, journal, url, project)


def _person(steps: "Graph", journal: "Journal", loaded: "Loaded") -> "Person":
    from golive.cli.choose import Console
    from golive.plan.failure import Failures
    from golive.run.choosing import Person

    said = loaded.plan.on_failure or Failures.model_validate({})
    return Person(Console(steps, journal, loaded.plan).choose, said.ask)


def _on_interrupt(coordinator: "Coordinator") -> None:
    def stop() -> None:
        coordinator.stop()
        typer.echo(f"\nstopping {coordinator.stopping}; Ctrl-C again leaves them to their hosts", err=True)

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, stop)
    loop.add_signal_handler(signal.SIGTERM, stop)
