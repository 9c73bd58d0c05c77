"""What to do next: a pure function of the graph, the state and the clock.

1. A step runs when all that it needs is done, with the digest that the graph has now.
2. One attempt at a time on a host; a site at which something failed begins nothing new.
3. An attempt of an earlier coordinator of which no end is known is probed before anything else is done at its site.
4. What failed is tried again as often as the plan's policy says, then only because a person wants it: by an answer, or
   by running golive again.
5. A failure whose policy is to go back (by default those of the cutover), a person who asks for it, and an abort send a
   site back before its point of no return, once nothing runs there any more. A person who is being asked is waited for.
6. A back-out takes back, in reverse order, whatever may have had an effect in deploy and cutover. A failed inverse is
   residue and does not stop the others: the old system has to serve again. An inverse that cannot be told or reached
   does not stop them either; the back-out ends when a later coordinator has found out.
   What was done is undone as the revision says under which it was done, also when the plan has forgotten it.
7. A question is asked once, and again when it has expired.
8. After an abort nothing new begins anywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from golive.graph.graph import Graph
from golive.graph.policy import Then
from golive.graph.step import Rerun, Stage, Step
from golive.journal.events import Do, Outcome
from golive.reconcile.state import MAX_INTERRUPTIONS, Attempt, State, Status, StepState


@dataclass(frozen=True)
class Run:
    """Begin a new attempt."""

    step: Step
    action: Do


@dataclass(frozen=True)
class Resolve:
    """Find out what became of an attempt of an earlier coordinator."""

    attempt: Attempt


@dataclass(frozen=True)
class Ask:
    """Ask a person."""

    step: Step


@dataclass(frozen=True)
class BackOut:
    """Send a site back to the old system."""

    site: str
    because: str
    step: Step | None = None
    """The step whose failure sends it back; none: a person wants it."""


@dataclass(frozen=True)
class EndBackOut:
    """Say what a back-out left."""

    site: str
    residue: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True)
class Retry:
    """Have a failed step tried again after a pause, as the plan's policy says."""

    step: Step
    attempt: int
    at: datetime


Move = Run | Resolve | Ask | BackOut | EndBackOut | Retry

_FAILURES = frozenset({Status.FAILED, Status.REFUSED, Status.UNREACHABLE, Status.UNKNOWN})
_REVERSED = frozenset({Stage.DEPLOY, Stage.CUTOVER})


def next_steps(
    graph: Graph, state: State, now: datetime, until: Stage | None = None, done: Graph | None = None
) -> tuple[Move, ...]:
    """All that can be begun now.

    Args:
        graph: the current revision.
        state: the fold over the journal.
        now: the time, with zone.
        until: the last stage to run; by default all.
        done: the graph of what was done, which a back-out takes back; by default the current revision.
    """
    if state.ended:
        return ()
    orphans = tuple(attempt for attempt in state.open_attempts if _orphan(attempt, state))
    busy = {attempt.lane for attempt in state.open_attempts if not attempt.lost or attempt in orphans}
    moves: list[Move] = [Resolve(attempt) for attempt in orphans]
    held = {attempt.step for attempt in orphans}
    sites = {graph.by_id[name].site for name in held if name in graph.by_id} - {None}
    for move in _wanted(graph, state, now, until, done or graph):
        if _site_of(move) in sites or (isinstance(move, Run) and move.step.id in held):
            continue
        lane = move.step.lane if isinstance(move, Run) else "controller"
        if lane == "controller" or lane not in busy:
            busy.add(lane)
            moves.append(move)
    return tuple(moves)


def _site_of(move: Run | Ask | BackOut | EndBackOut | Retry) -> str | None:
    return move.step.site if isinstance(move, Run | Ask | Retry) else move.site


def awaited(graph: Graph, state: State, until: Stage | None = None) -> tuple[Step, ...]:
    """The decisions that people are asked for and whose answer moves the run on."""
    if state.abort:
        return ()
    closed = {site for site in graph.sites if state.site(site).backing_out} | failed_sites(graph, state).keys()
    return tuple(
        step
        for step in graph.steps
        if state.step(step.id).status is Status.WAITING
        and step.site not in closed
        and (until is None or step.stage.order <= until.order)
    )


def is_done(step: Step, graph: Graph, state: State) -> bool:
    """Whether the step is done, or was skipped, as the graph wants it now; one done under other inputs is stale.

    Past the point of no return nothing of the cutover is stale: doing it again would replace the live data.
    """
    held = state.step(step.id)
    if held.status not in (Status.DONE, Status.SKIPPED):
        return False
    crossed = step.stage is Stage.CUTOVER and held.digest and past_no_return(step.site or "", graph, state)
    return held.digest == wanted_digest(step, graph) or bool(crossed)


def wanted_digest(step: Step, graph: Graph) -> str:
    """What a done step's digest must be: its own, or for a decision its site's, since that is what was signed."""
    return scope_digest(step, graph) if step.do.kind == "decision" else step.digest


def scope_digest(step: Step, graph: Graph) -> str:
    """The digest of the site that a decision is about."""
    return graph.digests[step.site or "-"]


def _orphan(attempt: Attempt, state: State) -> bool:
    if attempt.lost and state.step(attempt.step).comes_again:
        return True
    return attempt.open and attempt.epoch < state.epoch and not (attempt.lost and _given_up(attempt, state))


def _given_up(attempt: Attempt, state: State) -> bool:
    return state.step(attempt.step).epoch == state.epoch


def _wanted(
    graph: Graph, state: State, now: datetime, until: Stage | None, done: Graph
) -> Iterator[Run | Ask | BackOut | EndBackOut | Retry]:
    stopped = {site for site in graph.sites if state.site(site).backing_out}
    for site in graph.sites:
        if site in stopped:
            yield from _back_out(site, done, state)
    failed = failed_sites(graph, state)
    leaving = {site: BackOut(site, _because(s, state), s) for site, s in failed.items() if _goes_back(s, state, now)}
    leaving |= {site: BackOut(site, why) for site, why in called_back(graph, state).items()}
    yield from (move for site, move in leaving.items() if _can_leave(site, graph, state))
    if state.abort:
        return
    for step in graph.steps:
        if step.site in stopped or step.site in failed or step.site in leaving or has_failed(step, state):
            continue
        if until and step.stage.order > until.order:
            continue
        if all(is_done(graph.by_id[need], graph, state) for need in step.needs):
            yield from _forward(step, graph, state, now)
    yield from _retries(graph, state, now, stopped)


def _because(step: Step, state: State) -> str:
    return f"{step.id}: {state.step(step.id).note or state.step(step.id).status}"


def called_back(graph: Graph, state: State) -> dict[str, str]:
    """The sites that people want back on the old system and that can still go there, each with why."""
    found: dict[str, str] = {}
    for site in graph.sites:
        held = state.site(site)
        if held.backing_out or past_no_return(site, graph, state):
            continue
        if held.wanted:
            found[site] = held.wanted
        elif state.abort and _begun_at(site, graph, state):
            found[site] = f"golive abort by {state.abort.who}" + (
                f": {state.abort.reason}" if state.abort.reason else ""
            )
    return found


def _begun_at(site: str, graph: Graph, state: State) -> bool:
    """Whether a back-out would find something to take back at a site that is not done."""
    steps = [step for step in graph.steps if step.site == site]
    whole = all(is_done(step, graph, state) for step in steps)
    return not whole and any(state.step(step.id).touched for step in steps if step.stage in _REVERSED)


def _can_leave(site: str, graph: Graph, state: State) -> bool:
    quiet = not any(graph.by_id[attempt.step].site == site for attempt in _running(state, graph))
    return quiet and not past_no_return(site, graph, state)


def _retries(graph: Graph, state: State, now: datetime, stopped: set[str]) -> Iterator[Retry]:
    """What failed is tried again by the plan's policy, as often as it says."""
    for step in graph.steps:
        held = state.step(step.id)
        planned = step.on_failure.retries > held.retries and held.failing is None
        retried = held.status in (Status.FAILED, Status.UNREACHABLE) and step.rerun is not Rerun.NEVER
        if planned and retried and has_failed(step, state) and step.site not in stopped and step.do.kind != "decision":
            yield Retry(step, held.attempt or 0, now + timedelta(seconds=step.on_failure.pause))


def failed_sites(graph: Graph, state: State) -> dict[str, Step]:
    """The sites at which something failed that stands in the way, each with the step that decides what follows."""
    found: dict[str, Step] = {}
    for step in graph.steps:
        if not step.site or state.site(step.site).backing_out:
            continue
        if has_failed(step, state) or _sends_back(step, graph, state):
            first = found.setdefault(step.site, step)
            if first.then is not Then.BACK_OUT and step.then is Then.BACK_OUT:
                found[step.site] = step
    return found


def _sends_back(step: Step, graph: Graph, state: State) -> bool:
    """Whether a failure whose policy is to go back, under whichever coordinator, still waits for that."""
    bad = step.then is Then.BACK_OUT and _bad(state.step(step.id))
    return bad and not past_no_return(step.site or "", graph, state)


def _bad(held: StepState) -> bool:
    worn_out = held.status is Status.INTERRUPTED and held.interruptions >= MAX_INTERRUPTIONS
    return (worn_out or held.status in _FAILURES) and not held.comes_again


def has_failed(step: Step, state: State) -> bool:
    """Whether the step stands in the way until a person runs golive again, or for good."""
    held = state.step(step.id)
    if held.status is Status.INTERRUPTED and step.rerun is Rerun.NEVER:
        return not held.comes_again
    return held.epoch == state.epoch and _bad(held)


def past_no_return(site: str, graph: Graph, state: State) -> bool:
    """Whether the point of no return was reached at a site: an attempt at its step was begun, as far as is known."""
    crossing = {step.id for step in graph.steps if step.no_return and step.site == site}
    return any(attempt.step in crossing and _begun(attempt) for attempt in state.attempts.values())


def _begun(attempt: Attempt) -> bool:
    disproved = attempt.ended is not None and attempt.ended.outcome is Outcome.NEVER_BEGAN
    return attempt.action is Do.DO and attempt.started and not disproved


def _goes_back(step: Step, state: State, now: datetime) -> bool:
    """Whether the step that failed sends its site back now."""
    held = state.step(step.id)
    more = step.on_failure.retries > held.retries and held.status in (Status.FAILED, Status.UNREACHABLE)
    waits = held.failing is not None and held.failing.holds_back(now) and held.epoch == state.epoch
    again = more and held.failing is None and has_failed(step, state) and step.rerun is not Rerun.NEVER
    again = again and not state.abort
    return step.then is Then.BACK_OUT and not waits and not again


def _running(state: State, graph: Graph) -> Iterator[Attempt]:
    return (attempt for attempt in state.open_attempts if not attempt.lost and attempt.step in graph.by_id)


def _forward(step: Step, graph: Graph, state: State, now: datetime) -> Iterator[Run | Ask]:
    held = state.step(step.id)
    if held.status is Status.RUNNING or is_done(step, graph, state):
        return
    if held.failing and not held.failing.may_run(now):
        return
    if step.do.kind != "decision":
        yield Run(step, Do.DO)
        return
    asked = state.questions.get(step.id)
    if (
        held.status is not Status.WAITING
        or asked is None
        or asked.scope != scope_digest(step, graph)
        or datetime.fromisoformat(asked.expires) <= now
    ):
        yield Ask(step)


def _back_out(site: str, graph: Graph, state: State) -> Iterator[Run | EndBackOut]:
    if state.site(site).ended:
        return
    steps = [step for step in graph.steps if step.site == site and step.stage in _REVERSED]
    held_up = _unguarded(steps, state)
    left = [step for step in steps if step.undo and _to_undo(step, state) and step.id not in held_up]
    if not left:
        residue = tuple(step.id for step in steps if state.step(step.id).status is Status.RESIDUE)
        yield EndBackOut(
            site, (*residue, *_unguarded(steps, state), *_gone(site, graph, state)), _kept(site, graph, state)
        )
        return
    left = [step for step in left if not _cannot_tell(step, state)]
    waiting = {step.id for step in left}
    above: set[str] = set()
    for step in reversed(graph.steps):
        if any(name in waiting or name in above for name in graph.needed_by[step.id]):
            above.add(step.id)
    for step in left:
        free = step.id not in above and not any(state.step(name).touched for name in step.undo_after)
        if free and state.step(step.id).status is not Status.RUNNING:
            yield Run(step, Do.UNDO)


def _unguarded(steps: list[Step], state: State) -> tuple[str, ...]:
    """Inverses that must not run: they would let writes in while something that they wait for could not be undone."""
    stuck = {step.id for step in steps if state.step(step.id).status is Status.RESIDUE}
    return tuple(step.id for step in steps if stuck.intersection(step.undo_after) and state.step(step.id).touched)


def _gone(site: str, graph: Graph, state: State) -> tuple[str, ...]:
    """Steps that had an effect and that an amended plan no longer has: nobody knows their inverse any more."""
    prefixes = tuple(f"{site}/{stage}/" for stage in _REVERSED)
    names = (name for name, held in state.steps.items() if held.touched and name not in graph.by_id)
    return tuple(name for name in names if name.startswith(prefixes))


def _to_undo(step: Step, state: State) -> bool:
    held = state.step(step.id)
    return held.touched and held.status is not Status.RESIDUE


def _cannot_tell(step: Step, state: State) -> bool:
    """Whether this coordinator tried the inverse and does not know what became of it, or did not reach the host."""
    held = state.step(step.id)
    latest = state.attempts.get(held.attempt or 0)
    inverse = latest is not None and latest.action is Do.UNDO
    return inverse and held.epoch == state.epoch and held.status in (Status.UNKNOWN, Status.UNREACHABLE)


def _kept(site: str, graph: Graph, state: State) -> tuple[str, ...]:
    return tuple(step.kept for step in graph.steps if step.site == site and step.kept and state.step(step.id).touched)
