"""Commands with which people decide about failures: retry, skip, back-out, roll-forward, abort.

What is decided goes into the journal. A golive that runs takes it up within a second, and is watched from here;
when none runs, this one carries it out.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from golive.cli.context import HERE, Opened, PlanPath, load_plan, open_run
from golive.cli.people import Reason
from golive.errors import Exit, LockedByAnother, UsageError

if TYPE_CHECKING:
    from golive.graph.step import Step
    from golive.journal.events import Event
    from golive.reconcile.state import State

FailedStep = Annotated[str, typer.Argument(metavar="STEP", help="The step that failed.")]
LOOK = 0.5
"""Seconds between looks at what another golive does."""


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(retry)
    app.command()(skip)
    app.command("back-out")(back_out)
    app.command("roll-forward")(roll_forward)
    app.command()(abort)


def retry(step: FailedStep, plan: PlanPath = HERE) -> None:
    """Try a failed step again, and go on from there."""
    from golive.run import choice

    opened = open_run(plan)
    found = _step(opened, step)
    inverse = opened.journal.state.site(found.site).backing_out
    if not inverse:
        _refuse_changed(opened, plan)
    event = choice.retry(found, opened.journal.state)
    _record(opened, event, lambda state: choice.retry(found, state))
    number = event.attempt

    def settled(state: "State") -> bool:
        held = state.step(step)
        return state.ended is not None or (held.attempt != number and held.status not in ("running", "waiting"))

    raise typer.Exit(int(_carried_out(opened, plan, settled, found.site if inverse else None, forward=not inverse)))


def skip(
    step: FailedStep,
    person: Annotated[str, typer.Option("--as", metavar="PERSON", help="Who you are, by the name in the plan.")],
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="Your SSH private key, or its public half.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why: it is asked for.")],
    plan: PlanPath = HERE,
) -> None:
    """Skip a failed step, with a reason and a signature by your SSH key."""
    from golive.run import choice

    opened = open_run(plan)
    found, signer = _step(opened, step), choice.Signer(person, key, reason)
    journal = opened.journal
    spec = load_plan(plan).plan
    event = choice.skip(found, opened.graph, journal.state, spec, signer, journal.run, journal.head)

    def still(state: "State") -> None:
        if (state.step(step).attempt, state.step(step).status) != (event.attempt, journal.state.step(step).status):
            raise UsageError(f"{step} was run again meanwhile", "see how it stands: golive status")

    _record(opened, event, still)
    typer.echo(f"{step}: skipped by {person}; next: golive run (one that runs goes on by itself)")


def back_out(
    site: Annotated[str, typer.Argument(metavar="SITE", help="The site.")],
    reason: Reason = "",
    plan: PlanPath = HERE,
) -> None:
    """Send a site back to the old system: what deploy and cutover did there is taken back, in reverse order."""
    from golive.run import choice

    opened = open_run(plan)
    state = opened.journal.state
    if ended := state.site(site).ended:
        left = f"with residue: {', '.join(ended.residue)}" if ended.residue else "clean"
        typer.echo(f"{site} is backed out already, {left}")
        raise typer.Exit(int(Exit.RESIDUE if ended.residue else Exit.BACKED_OUT))
    if not state.site(site).backing_out:
        event = choice.back_out(site, opened.graph, state, reason)
        _record(opened, event, lambda state: choice.back_out(site, opened.graph, state, reason))

    def settled(state: "State") -> bool:
        return state.site(site).ended is not None or state.ended is not None

    raise typer.Exit(int(_carried_out(opened, plan, settled, site)))


def roll_forward(
    site: Annotated[str, typer.Argument(metavar="SITE", help="The site.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why: it is asked for.")],
    plan: PlanPath = HERE,
) -> None:
    """Go on with the new system at a site whose way back was tried and has failed."""
    from golive.run import choice

    opened = open_run(plan)
    _refuse_changed(opened, plan)
    event = choice.roll_forward(site, opened.graph, opened.journal.state, reason)
    _record(opened, event, lambda state: choice.roll_forward(site, opened.graph, state, reason))

    def settled(state: "State") -> bool:
        return state.ended is not None or state.site(site).backing_out

    raise typer.Exit(int(_carried_out(opened, plan, settled, forward=True)))


def abort(reason: Reason = "", plan: PlanPath = HERE) -> None:
    """End the run in order: nothing new begins, what runs is waited for, sites short of no return go back."""
    from golive.run import choice

    opened = open_run(plan)
    if ended := opened.journal.state.ended:
        typer.echo(f"{opened.journal.run} has ended: {Exit(ended.exit).meaning}")
        raise typer.Exit(ended.exit)
    if not opened.journal.state.abort:
        _record(opened, choice.abort(reason), lambda state: None)
    exit = _carried_out(opened, plan, lambda state: state.ended is not None)
    raise typer.Exit(opened.journal.state.ended.exit if opened.journal.state.ended else int(exit))


def _step(opened: Opened, name: str) -> "Step":
    step = opened.graph.by_id.get(name)
    if step is None:
        raise UsageError(f"there is no step {name}", "golive graph lists them")
    return step


def _refuse_changed(opened: Opened, plan: Path) -> None:
    """A step is not done again by a plan that says something else by now."""
    from golive.cli.run import changed, same_plan

    if (now := same_plan(opened, load_plan(plan))) is not None:
        raise changed(opened.graph, now, opened.journal)


def _record(opened: Opened, event: "Event", still: Callable[["State"], object]) -> None:
    opened.journal.append(event, still=still)


def _carried_out(
    opened: Opened, plan: Path, settled: Callable[["State"], bool], site: str | None = None, forward: bool = False
) -> Exit:
    """Carries out what was decided, or watches the golive that does; returns how it ended.

    Args:
        opened: the run.
        plan: where the plan is.
        settled: whether it is done, as far as another golive does it.
        site: the site whose outcome counts; by default all.
        forward: whether the run goes on from there.
    """
    from golive.cli.run import drive
    from golive.reconcile.verdict import outcome_of, verdict
    from golive.run.coordinator import Options
    from golive.run.journal import driver
    from golive.run.lock import locked

    said = False
    while True:
        with ExitStack() as held:
            try:
                held.enter_context(locked(opened.project.lock))
                held.enter_context(opened.store.driving(opened.journal.run, lambda: driver(opened.journal)))
            except LockedByAnother as other:
                if not said:
                    typer.echo(f"{other.message}: it takes this up")
                    _watch(opened)
                    said = True
            else:
                state = opened.journal.refresh()
                if said and settled(state):
                    break
                exit = asyncio.run(drive(opened.project, opened.journal, load_plan(plan), Options(forward=forward)))
                return outcome_of(site, opened.graph, opened.journal.refresh()) if site else exit
        if settled(opened.journal.refresh()):
            break
        time.sleep(LOOK)
    state = opened.journal.state
    return outcome_of(site, opened.graph, state) if site else verdict(opened.graph, state)


def _watch(opened: Opened) -> None:
    """From now on what the other golive writes down is printed here too."""
    from golive.cli.progress import Progress

    opened.journal.observe(Progress(opened.graph, opened.journal, opened.project.guide).event)
