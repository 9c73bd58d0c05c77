"""What takes things back at a site: its back-out, or the withdrawal of a unit. Pure.

1. A site goes back because people want it, or because of a failure whose policy that is; never past its point of no
   return, and only once nothing runs there. A person who is being asked is waited for; one who chose to stop is obeyed.
2. A site that goes back takes its units along: none of them is withdrawn on its own any more.
3. Everything is undone as the revision says under which it was done, also when the plan has forgotten it.
4. What has made the new system serve comes first, and is tried again each time that golive is run: as long as the new
   system serves, nothing that it stands on is taken away.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from golive.graph.graph import Graph
from golive.graph.step import Step
from golive.journal.events import Do
from golive.reconcile.moves import Back, BackOut, EndBackOut, EndWithdraw, Run, Withdraw
from golive.reconcile.standing import (
    REVERSED,
    called_back,
    has_failed,
    left_alone,
    past_no_return,
    quiet,
    sends_back,
    to_be_retried,
)
from golive.reconcile.state import State, Status


def taken_back(site: str, failed: Step | None, graph: Graph, state: State, done: Graph) -> tuple[Back, ...]:
    """What takes things back at a site now, or once a person was waited for: see ``patience``.

    Args:
        site: the site.
        failed: the step at which it failed.
        graph: the current revision.
        state: the fold over the journal.
        done: the graph of what was done.
    """
    if state.site(site).backing_out:
        return tuple(_back_out(site, done, state))
    if past_no_return(site, graph, state):
        return ()
    if why := called_back(site, graph, state):
        return (BackOut(site, why),) if quiet(site, graph, state) else ()
    if failed and sends_back(failed, graph, state):
        if to_be_retried(failed, state) or left_alone(failed, state) or not quiet(site, graph, state):
            return ()
        return (BackOut(site, because(failed, state), failed),)
    return tuple(_units(site, graph, state, done))


def patience(failed: Step | None, state: State) -> datetime | None:
    """Until when a person is being asked about a failure, so that its site goes back no earlier."""
    failing = state.step(failed.id).failing if failed else None
    if failed is None or failing is None or failing.answer or not failing.until:
        return None
    return datetime.fromisoformat(failing.until) if state.step(failed.id).epoch == state.epoch else None


def because(step: Step, state: State) -> str:
    """What is said about a failed step."""
    return f"{step.id}: {state.step(step.id).note or state.step(step.id).status}"


def _units(site: str, graph: Graph, state: State, done: Graph) -> Iterator[Run | Withdraw | EndWithdraw]:
    """What takes back the units of a site of which a step failed for good."""
    for unit, steps in _units_of(site, done):
        held = state.units.get((site, unit))
        if held and held.ended is None:
            yield from _withdrawing(site, unit, steps, done, state)
            continue
        if held and held.epoch == state.epoch:
            continue
        bad = next((step for step in steps if has_failed(step, state) and not _may_change(step, state)), None)
        if bad and quiet(site, graph, state) and any(_to_undo(step, state) for step in steps):
            yield Withdraw(site, unit, because(bad, state))


def _may_change(step: Step, state: State) -> bool:
    return to_be_retried(step, state) or left_alone(step, state)


def _units_of(site: str, graph: Graph) -> Iterator[tuple[str, list[Step]]]:
    found: dict[str, list[Step]] = {}
    for step in graph.of_site[site]:
        if step.unit:
            found.setdefault(step.unit, []).append(step)
    yield from found.items()


def _withdrawing(site: str, unit: str, steps: list[Step], done: Graph, state: State) -> Iterator[Run | EndWithdraw]:
    left = [step for step in steps if step.undo and _to_undo(step, state)]
    if left:
        yield from _inverses(left, done, state)
    else:
        yield EndWithdraw(site, unit, tuple(step.id for step in steps if state.step(step.id).status is Status.RESIDUE))


def _back_out(site: str, done: Graph, state: State) -> Iterator[Run | EndBackOut]:
    if state.site(site).ended:
        return
    steps = [step for step in done.of_site[site] if step.stage in REVERSED]
    held_up, below = _unguarded(steps, state), _below_what_serves(site, done, state)
    left = [step for step in steps if step.undo and _to_undo(step, state) and step.id not in (*held_up, *below)]
    if not left:
        residue = tuple(step.id for step in steps if state.step(step.id).status is Status.RESIDUE)
        kept = tuple(step.kept for step in done.of_site[site] if step.kept and state.step(step.id).touched)
        yield EndBackOut(site, (*residue, *held_up, *_gone(site, done, state)), kept)
        return
    yield from _inverses(left, done, state)


def _inverses(left: Sequence[Step], done: Graph, state: State) -> Iterator[Run]:
    """The inverses of steps that may run now: those on which none of the others stands."""
    left = [step for step in left if not _cannot_tell(step, state)]
    waiting = {step.id for step in left}
    above: set[str] = set()
    for step in reversed(done.steps):
        if any(name in waiting or name in above for name in done.needed_by[step.id]):
            above.add(step.id)
    for step in left:
        free = step.id not in above and not any(state.step(name).touched for name in step.undo_after)
        if free and state.step(step.id).status is not Status.RUNNING:
            yield Run(step, Do.UNDO)


def _below_what_serves(site: str, done: Graph, state: State) -> set[str]:
    """What the site's new system stands on, as far as it may be serving."""
    below: set[str] = set()
    for step in reversed(done.steps):
        serves = step.serves and step.site == site and step.undo and state.step(step.id).touched
        if serves or step.id in below:
            below.update(step.needs)
    return below


def _unguarded(steps: list[Step], state: State) -> tuple[str, ...]:
    """Inverses that must not run: they would let writes in while something that they wait for could not be undone."""
    stuck = {step.id for step in steps if state.step(step.id).status is Status.RESIDUE}
    return tuple(step.id for step in steps if stuck.intersection(step.undo_after) and state.step(step.id).touched)


def _gone(site: str, done: Graph, state: State) -> tuple[str, ...]:
    """Steps that had an effect and of which no revision is at hand: nobody knows their inverse."""
    prefixes = tuple(f"{site}/{stage}/" for stage in REVERSED)
    names = (name for name, held in state.steps.items() if held.touched and name not in done.by_id)
    return tuple(name for name in names if name.startswith(prefixes))


def _to_undo(step: Step, state: State) -> bool:
    held = state.step(step.id)
    return held.touched and (step.serves or held.status is not Status.RESIDUE)


def _cannot_tell(step: Step, state: State) -> bool:
    """Whether this coordinator tried the inverse and does not know what became of it, or did not reach the host.

    For what made the new system serve a failure counts as well: the next coordinator tries it again.
    """
    held = state.step(step.id)
    latest = state.attempts.get(held.attempt or 0)
    inverse = latest is not None and latest.action is Do.UNDO
    again = (Status.UNKNOWN, Status.UNREACHABLE, *([Status.RESIDUE] if step.serves else []))
    return inverse and held.epoch == state.epoch and held.status in again
