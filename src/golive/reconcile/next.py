"""What to do next: a pure function of the graph, the state and the clock.

1. A step runs when all that it needs is done, with the digest that the graph has now.
2. One attempt at a time on a host; a site at which something failed begins nothing new.
3. An attempt of an earlier coordinator of which no end is known is probed before anything else is done at its site.
4. What failed is tried again only by a new coordinator: a person who ran golive again wanted that.
5. A failure in the cutover before the point of no return sends the site back, once nothing runs there any more.
6. A back-out takes back, in reverse order, whatever may have had an effect in deploy and cutover. A failed inverse is
   residue and does not stop the others: the old system has to serve again. An inverse that cannot be told or reached
   does not stop them either; the back-out ends when a later coordinator has found out.
7. A question is asked once, and again when it has expired.
8. The time of day holds steps back, and may send a late cutover back: see ``golive.reconcile.clock``.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import datetime

from golive.graph.graph import Graph
from golive.graph.step import Rerun, Stage, Step
from golive.journal.events import Do, Outcome
from golive.reconcile.clock import Clock
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


@dataclass(frozen=True)
class EndBackOut:
    """Say what a back-out left."""

    site: str
    residue: tuple[str, ...]
    kept: tuple[str, ...]


Move = Run | Resolve | Ask | BackOut | EndBackOut

_FAILURES = frozenset({Status.FAILED, Status.REFUSED, Status.UNREACHABLE, Status.UNKNOWN})
_REVERSED = frozenset({Stage.DEPLOY, Stage.CUTOVER})


def next_steps(graph: Graph, state: State, now: datetime, until: Stage | None = None) -> tuple[Move, ...]:
    """All that can be begun now.

    Args:
        graph: the current revision.
        state: the fold over the journal.
        now: the time, with zone.
        until: the last stage to run; by default all.
    """
    if state.ended:
        return ()
    orphans = tuple(attempt for attempt in state.open_attempts if _orphan(attempt, state))
    busy = {attempt.lane for attempt in state.open_attempts if not attempt.lost or attempt in orphans}
    moves: list[Move] = [Resolve(attempt) for attempt in orphans]
    held = {attempt.step for attempt in orphans}
    sites = {graph.by_id[name].site for name in held if name in graph.by_id} - {None}
    for move in _wanted(graph, state, now, until):
        if _site_of(move) in sites or (isinstance(move, Run) and move.step.id in held):
            continue
        lane = move.step.lane if isinstance(move, Run) else "controller"
        if lane == "controller" or lane not in busy:
            busy.add(lane)
            moves.append(move)
    return tuple(moves)


def _site_of(move: Run | Ask | BackOut | EndBackOut) -> str | None:
    return move.step.site if isinstance(move, Run | Ask) else move.site


def awaited(graph: Graph, state: State, until: Stage | None = None) -> tuple[Step, ...]:
    """The decisions that people are asked for and whose answer moves the run on."""
    closed = {site for site in graph.sites if state.site(site).backing_out} | _failed_sites(graph, state).keys()
    return tuple(
        step
        for step in graph.steps
        if state.step(step.id).status is Status.WAITING
        and step.site not in closed
        and (until is None or step.stage.order <= until.order)
    )


def is_done(step: Step, graph: Graph, state: State) -> bool:
    """Whether the step is done as the graph wants it now; one done under other inputs is stale.

    Past the point of no return nothing of the cutover is stale: doing it again would replace the live data.
    """
    held = state.step(step.id)
    if held.status is not Status.DONE:
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
    return attempt.open and attempt.epoch < state.epoch and not (attempt.lost and _given_up(attempt, state))


def _given_up(attempt: Attempt, state: State) -> bool:
    return state.step(attempt.step).epoch == state.epoch


def _wanted(
    graph: Graph, state: State, now: datetime, until: Stage | None
) -> Iterator[Run | Ask | BackOut | EndBackOut]:
    stopped = {site for site in graph.sites if state.site(site).backing_out}
    for site in graph.sites:
        if site in stopped:
            yield from _back_out(site, graph, state)
    failed = _failed_sites(graph, state)
    for site, step in failed.items():
        if _goes_back(site, step, graph, state):
            yield BackOut(site, f"{step.id}: {state.step(step.id).note or state.step(step.id).status}")
    clock = clock_of(graph, state, now)
    late = tuple(_late(clock, failed))
    yield from late
    moved = {move.site if isinstance(move, BackOut) else move.step.id for move in late}
    for step in graph.steps:
        if step.site in stopped or step.site in failed or step.site in moved or has_failed(step, state):
            continue
        if (until and step.stage.order > until.order) or step.id in moved:
            continue
        if all(is_done(graph.by_id[need], graph, state) for need in step.needs):
            yield from (move for move in _forward(step, graph, state, now) if _timely(move, clock))


def _late(clock: Clock, failed: Container[str]) -> Iterator[Ask | BackOut]:
    """What becomes of cutovers that are not expected to pass their point of no return in time."""
    graph, state = clock.graph, clock.state
    for late in clock.late():
        if late.site in failed:
            continue
        if late.back:
            yield from [BackOut(late.site, late.because)] if _quiet(late.site, graph, state) else []
        elif late.question:
            yield from (move for move in _forward(late.question, graph, state, clock.now) if isinstance(move, Ask))


def _timely(move: Run | Ask, clock: Clock) -> bool:
    return isinstance(move, Ask) or clock.hold(move.step) is None


def clock_of(graph: Graph, state: State, now: datetime) -> Clock:
    """What the time of day allows in a graph, as its run stands."""
    return Clock(
        graph, state, now, lambda step: is_done(step, graph, state), lambda site: past_no_return(site, graph, state)
    )


def _quiet(site: str, graph: Graph, state: State) -> bool:
    """Whether nothing runs at a site."""
    return not any(graph.by_id[attempt.step].site == site for attempt in _running(state, graph))


def _failed_sites(graph: Graph, state: State) -> dict[str, Step]:
    """The sites at which something failed that stands in the way, each with the step that decides what follows."""
    found: dict[str, Step] = {}
    for step in graph.steps:
        if not step.site or state.site(step.site).backing_out:
            continue
        if has_failed(step, state) or _sends_back(step, graph, state):
            first = found.setdefault(step.site, step)
            if first.stage is not Stage.CUTOVER and step.stage is Stage.CUTOVER:
                found[step.site] = step
    return found


def _sends_back(step: Step, graph: Graph, state: State) -> bool:
    """Whether a failure in the cutover, under whichever coordinator, still waits for its site's back-out."""
    bad = step.stage is Stage.CUTOVER and _bad(state.step(step.id))
    return bad and not past_no_return(step.site or "", graph, state)


def _bad(held: StepState) -> bool:
    worn_out = held.status is Status.INTERRUPTED and held.interruptions >= MAX_INTERRUPTIONS
    return worn_out or held.status in _FAILURES


def has_failed(step: Step, state: State) -> bool:
    """Whether the step stands in the way until a person runs golive again, or for good."""
    held = state.step(step.id)
    if held.status is Status.INTERRUPTED and step.rerun is Rerun.NEVER:
        return True
    return held.epoch == state.epoch and _bad(held)


def past_no_return(site: str, graph: Graph, state: State) -> bool:
    """Whether the point of no return was reached at a site: an attempt at its step was begun, as far as is known."""
    crossing = {step.id for step in graph.steps if step.no_return and step.site == site}
    return any(attempt.step in crossing and _begun(attempt) for attempt in state.attempts.values())


def _begun(attempt: Attempt) -> bool:
    disproved = attempt.ended is not None and attempt.ended.outcome is Outcome.NEVER_BEGAN
    return attempt.action is Do.DO and attempt.started and not disproved


def _goes_back(site: str, step: Step, graph: Graph, state: State) -> bool:
    return step.stage is Stage.CUTOVER and _quiet(site, graph, state) and not past_no_return(site, graph, state)


def _running(state: State, graph: Graph) -> Iterator[Attempt]:
    return (attempt for attempt in state.open_attempts if not attempt.lost and attempt.step in graph.by_id)


def _forward(step: Step, graph: Graph, state: State, now: datetime) -> Iterator[Run | Ask]:
    held = state.step(step.id)
    if held.status is Status.RUNNING or is_done(step, graph, state):
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
