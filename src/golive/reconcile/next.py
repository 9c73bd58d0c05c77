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
8. A unit at a site is whole or nothing of it stays: when a step of it failed, what was done of it is taken back.
9. Waves, soak times and the error budget: the rules of ``waves.py``. Limits: those of ``limits.py``; what the rest
   waits for longest goes first.
10. As long as nothing else of a cutover was begun there is nothing to go back from: a gate, a task or a decision that
    refuses holds the site, and does not send it back.
11. A message holds back what waits for it, and nothing else. One of which nobody can tell whether it was sent asks.

What is found about a site depends on the events of that site and of those that it needs, so it is kept with the graph
until there are new ones: at the size of a large rollout an event costs the look at one site.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from golive.graph.graph import Graph
from golive.graph.order import remaining
from golive.graph.step import Rerun, Stage, Step
from golive.journal.events import Do, Outcome
from golive.reconcile.limits import Room
from golive.reconcile.state import FAILURES, Attempt, Mark, State, Status, StepState, part, worn_out
from golive.reconcile.waves import Course, Halt, Resume, Soak, never, plot


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


@dataclass(frozen=True)
class Withdraw:
    """Take back what was done of a unit."""

    site: str
    unit: str
    because: str


@dataclass(frozen=True)
class EndWithdraw:
    """Say what is left of a unit that was taken back."""

    site: str
    unit: str
    residue: tuple[str, ...]


Back = Run | BackOut | EndBackOut | Withdraw | EndWithdraw
Move = Back | Resolve | Ask | Soak | Halt | Resume

_LOOKING = frozenset({"survey", "login", "decision", "gate", "message"})
"""Actions that have no effect at a site."""
_BEFORE_THE_FENCE = frozenset({"decision", "person", "gate", "message"})
_REVERSED = frozenset({Stage.DEPLOY, Stage.CUTOVER})


@dataclass(frozen=True)
class Ready:
    """What may begin at a site as far as the site is concerned; ``after``: not before this time."""

    move: Run | Ask
    after: datetime | None = None


@dataclass(frozen=True)
class Sight:
    """What the events tell about a site, or about the steps of no site."""

    site: str | None
    ready: tuple[Ready, ...]
    back: tuple[Back, ...]
    waiting: tuple[Step, ...]
    begun: frozenset[Stage]
    live: bool
    whole: bool
    criteria: bool
    at_rest: bool
    counts: bool


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
    running = [attempt for attempt in state.open_attempts if not attempt.lost or attempt in orphans]
    held = {attempt.step for attempt in orphans}
    sites = {graph.by_id[name].site for name in held if name in graph.by_id} - {None}
    known = (graph.by_id[attempt.step] for attempt in running if attempt.step in graph.by_id)
    room = Room(graph.rollout, {attempt.lane for attempt in running} - {"controller"}, known)
    moves: list[Move] = [Resolve(attempt) for attempt in orphans]
    for move in _wanted(graph, state, now, until):
        if _site_of(move) in sites:
            continue
        if isinstance(move, Run) and (move.step.id in held or not room.admits(move.step, move.action is Do.UNDO)):
            continue
        moves.append(move)
    return tuple(moves)


def _site_of(move: Move) -> str | None:
    match move:
        case Run(step) | Ask(step):
            return step.site
        case BackOut(site) | EndBackOut(site) | Withdraw(site) | EndWithdraw(site):
            return site
        case _:
            return None


def _wanted(graph: Graph, state: State, now: datetime, until: Stage | None) -> Iterator[Move]:
    """What should begin, if there is room for it; going back before going on."""
    sights = [sight(site, graph, state) for site in graph.of_site]
    course = _course(graph, sights, state, now)
    yield from course.moves
    for seen in sights:
        yield from seen.back
    forward = [
        ready.move
        for seen in sights
        for ready in seen.ready
        if (until is None or ready.move.step.stage.order <= until.order)
        and (ready.after is None or ready.after <= now)
        and course.allows(ready.move.step, seen.begun)
    ]
    left = remaining(graph)
    yield from sorted(forward, key=lambda move: -left[move.step.id])


def _course(graph: Graph, sights: Sequence[Sight], state: State, now: datetime) -> Course:
    return plot(graph.rollout, {seen.site: seen for seen in sights if seen.site}, state, now)


def course(graph: Graph, state: State, now: datetime) -> Course:
    """How far waves and the error budget let the rollout go now."""
    return _course(graph, [sight(site, graph, state) for site in graph.of_site], state, now)


def end_of_the_road(graph: Graph, state: State) -> Callable[[Step], bool]:
    """Tells of a step whether waves and the error budget keep it from ever beginning in this run."""
    sights = {site: sight(site, graph, state) for site in graph.of_site}
    gone = frozenset(site for site in graph.sites if state.site(site).ended)
    best = never(graph.rollout, {site: seen for site, seen in sights.items() if site}, gone)
    return lambda step: not best.allows(step, sights[step.site].begun)


def awaited(graph: Graph, state: State, until: Stage | None = None) -> tuple[Step, ...]:
    """The decisions that people are asked for and whose answer moves the run on."""
    waiting = (step for site in graph.of_site for step in sight(site, graph, state).waiting)
    return tuple(step for step in waiting if until is None or step.stage.order <= until.order)


def sight(site: str | None, graph: Graph, state: State) -> Sight:
    """What the events tell about a site; looked at again only after events that may have changed it."""
    parts = _parts(site, graph)
    marks = (state.mark, *(state.marks.get(name) for name in parts))
    kept: tuple[tuple[Mark | None, ...], Sight] | None = graph.memory.get(("sight", site))
    if kept is not None and all(old is new for old, new in zip(kept[0], marks, strict=True)):
        return kept[1]
    found = look(site, graph, state)
    graph.memory["sight", site] = (marks, found)
    return found


def _parts(site: str | None, graph: Graph) -> tuple[str, ...]:
    """The parts of the run whose events the site's steps depend on."""
    if (known := graph.memory.get(("parts", site))) is None:
        steps = graph.of_site[site]
        names = [*(step.id for step in steps), *(need for step in steps for need in step.needs)]
        known = graph.memory["parts", site] = tuple(dict.fromkeys(part(name) for name in names))
    return known


def look(site: str | None, graph: Graph, state: State) -> Sight:
    """What the events tell about a site, from scratch."""
    steps = graph.of_site[site]
    stopped = state.site(site).backing_out
    failed = None if stopped or site is None else _failed_at(site, steps, graph, state)
    back = tuple(_back(site, failed, graph, state)) if site else ()
    open_here = not stopped and failed is None
    done = {step.id for step in steps if is_done(step, graph, state)}
    held = [(step, state.step(step.id)) for step in steps]
    return Sight(
        site,
        ready=tuple(_ready(steps, done, graph, state)) if open_here else (),
        back=back,
        waiting=tuple(step for step, now in held if now.status is Status.WAITING) if open_here else (),
        begun=frozenset(step.stage for step, now in held if now.status is not Status.PENDING or now.touched),
        live=all(step.id in done or step.soaked for step in steps),
        whole=len(done) == len(steps),
        criteria=any(step.soaked for step in steps),
        at_rest=not open_here and not back and _quiet(site, graph, state),
        counts=any(now.exposed and step.do.kind not in _LOOKING for step, now in held)
        and (stopped or any(now.spoiled for _, now in held) or any(isinstance(move, BackOut) for move in back)),
    )


def _ready(steps: Sequence[Step], done: set[str], graph: Graph, state: State) -> Iterator[Ready]:
    for step in steps:
        if step.id in done or has_failed(step, state):
            continue
        if all(need in done or is_done(graph.by_id[need], graph, state) for need in step.needs):
            yield from _forward(step, graph, state)


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


def asks_people(step: Step, held: StepState) -> bool:
    """Whether the step goes on by a person's answer: a decision, a task, a message that may have been sent or not."""
    if step.do.kind == "message":
        return held.status in (Status.INTERRUPTED, Status.WAITING)
    return step.do.kind in ("decision", "person")


def scope_digest(step: Step, graph: Graph) -> str:
    """The digest of the site that a decision is about."""
    return graph.digests[step.site or "-"]


def _orphan(attempt: Attempt, state: State) -> bool:
    return attempt.open and attempt.epoch < state.epoch and not (attempt.lost and _given_up(attempt, state))


def _given_up(attempt: Attempt, state: State) -> bool:
    return state.step(attempt.step).epoch == state.epoch


def _back(site: str, failed: Step | None, graph: Graph, state: State) -> Iterator[Back]:
    """What takes things back at a site."""
    if state.site(site).backing_out:
        yield from _back_out(site, graph, state)
        return
    if failed and _goes_back(site, failed, graph, state):
        yield BackOut(site, f"{failed.id}: {state.step(failed.id).note or state.step(failed.id).status}")
        return
    if not past_no_return(site, graph, state):
        yield from _units(site, graph, state)


def _failed_at(site: str, steps: Sequence[Step], graph: Graph, state: State) -> Step | None:
    """The step at which a site failed so that nothing more begins there; one of the cutover comes first."""
    first: Step | None = None
    for step in steps:
        if step.do.kind == "message":
            continue
        if has_failed(step, state) or _sends_back(step, graph, state) or _withdrawn(step, state):
            if step.stage is Stage.CUTOVER:
                return step
            first = first or step
    return first


def _withdrawn(step: Step, state: State) -> bool:
    """Whether the step's unit is being taken back, or was so under this coordinator."""
    unit = state.units.get((step.site or "", step.unit)) if step.unit else None
    return unit is not None and (unit.ended is None or unit.epoch == state.epoch)


def _sends_back(step: Step, graph: Graph, state: State) -> bool:
    """Whether a failure in the cutover, under whichever coordinator, still waits for its site's back-out."""
    bad = step.stage is Stage.CUTOVER and _bad(state.step(step.id)) and _cutting_over(step.site or "", graph, state)
    return bad and not past_no_return(step.site or "", graph, state)


def _cutting_over(site: str, graph: Graph, state: State) -> bool:
    """Whether anything of the cutover was ever begun at a site, beside what people do and gates look at."""
    steps = (step for step in graph.of_site[site] if step.stage is Stage.CUTOVER)
    return any(state.step(step.id).attempt is not None for step in steps if step.do.kind not in _BEFORE_THE_FENCE)


def _bad(held: StepState) -> bool:
    return worn_out(held) or held.status in FAILURES


def has_failed(step: Step, state: State) -> bool:
    """Whether the step stands in the way until a person runs golive again, or for good."""
    held = state.step(step.id)
    if held.status in (Status.INTERRUPTED, Status.RESIDUE) and step.rerun is Rerun.NEVER:
        return not asks_people(step, held)
    return held.epoch == state.epoch and _bad(held)


def past_no_return(site: str, graph: Graph, state: State) -> bool:
    """Whether the point of no return was reached at a site: an attempt at its step was begun, as far as is known."""
    tried = (state.attempts[n] for name in graph.crossings.get(site, ()) for n in state.numbers.get(name, ()))
    return any(_begun(attempt) for attempt in tried)


def _begun(attempt: Attempt) -> bool:
    disproved = attempt.ended is not None and attempt.ended.outcome is Outcome.NEVER_BEGAN
    return attempt.action is Do.DO and attempt.started and not disproved


def _goes_back(site: str, step: Step, graph: Graph, state: State) -> bool:
    begun = step.stage is Stage.CUTOVER and _cutting_over(site, graph, state)
    return begun and _quiet(site, graph, state) and not past_no_return(site, graph, state)


def _quiet(site: str | None, graph: Graph, state: State) -> bool:
    """Whether nothing runs at a site."""
    return not any(graph.by_id[attempt.step].site == site for attempt in _running(state, graph))


def _running(state: State, graph: Graph) -> Iterator[Attempt]:
    return (attempt for attempt in state.open_attempts if not attempt.lost and attempt.step in graph.by_id)


def _forward(step: Step, graph: Graph, state: State) -> Iterator[Ready]:
    held = state.step(step.id)
    if held.status is Status.RUNNING:
        return
    if not asks_people(step, held):
        yield Ready(Run(step, Do.DO))
        return
    asked = state.questions.get(step.id)
    asked_about = asked and (asked.covers or asked.scope)
    if asked is None or held.status is not Status.WAITING or asked_about != wanted_digest(step, graph):
        yield Ready(Ask(step))
    else:
        yield Ready(Ask(step), datetime.fromisoformat(asked.expires))


def _units(site: str, graph: Graph, state: State) -> Iterator[Run | Withdraw | EndWithdraw]:
    """What takes back the units of a site of which a step failed."""
    for unit in dict.fromkeys(step.unit for step in graph.of_site[site] if step.unit):
        steps = [step for step in graph.of_site[site] if step.unit == unit]
        held = state.units.get((site, unit))
        if held and held.ended is None:
            yield from _withdrawing(site, unit, steps, graph, state)
            continue
        bad = next((step for step in steps if has_failed(step, state)), None)
        fresh = held is None or held.epoch != state.epoch
        if bad and fresh and _quiet(site, graph, state) and any(_to_undo(step, state) for step in steps):
            yield Withdraw(site, unit, f"{bad.id}: {state.step(bad.id).note or state.step(bad.id).status}")


def _withdrawing(site: str, unit: str, steps: list[Step], graph: Graph, state: State) -> Iterator[Run | EndWithdraw]:
    left = [step for step in steps if step.undo and _to_undo(step, state)]
    if left:
        yield from _inverses(left, graph, state)
    else:
        yield EndWithdraw(site, unit, tuple(step.id for step in steps if state.step(step.id).status is Status.RESIDUE))


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
    yield from _inverses(left, graph, state)


def _inverses(left: list[Step], graph: Graph, state: State) -> Iterator[Run]:
    """The inverses of steps that may run now: those on which none of the others stands."""
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
