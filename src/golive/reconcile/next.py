"""What to do next: a pure function of the graph, the state and the clock.

1. A step runs when all that it needs is done or was skipped, with the digest that the graph has now. At its site so is
   all that these need, and so on: what an amended plan has voided, as an approval, holds back all that comes after it.
2. One attempt at a time on a host; a site at which something failed begins nothing new.
3. An attempt of an earlier coordinator of which no end is known is probed before anything else is done at its site.
4. What failed is tried again as often as the plan's policy says, then only because a person wants it: by an answer, or
   by running golive again. What was refused while no golive ran is told by the next one, and asked by the one after.
5. A failure whose policy is to go back (by default those of the cutover), a person who asks for it, and an abort send a
   site back before its point of no return, once nothing runs there any more. A person who is being asked is waited for.
6. A back-out takes back, in reverse order, whatever may have had an effect in deploy and cutover. A failed inverse is
   residue and does not stop the others: the old system has to serve again. An inverse that cannot be told or reached
   does not stop them either; the back-out ends when a later coordinator has found out.
   What was done is undone as the revision says under which it was done, also when the plan has forgotten it.
7. A question is asked once, and again when it has expired.
8. A unit at a site is whole or nothing of it stays: when a step of it failed, what was done of it is taken back, unless
   the whole site goes back.
9. Waves, soak times and the error budget: the rules of ``waves.py``. Limits: those of ``limits.py``; what the rest
   waits for longest goes first.
10. As long as nothing else of a cutover was begun there is nothing to go back from: a gate, a task or a decision that
    refuses holds the site, and does not send it back.
11. A message holds back what waits for it, and nothing else. One of which nobody can tell whether it was sent asks.
12. The time of day holds steps back, and may send a late cutover back: see ``golive.reconcile.clock``.
13. After an abort nothing new begins anywhere.

What is found about a site depends on the events of that site and of those that it needs, so it is kept with the graph
until there are new ones: at the size of a large rollout an event costs the look at one site.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from golive.graph.graph import Graph
from golive.graph.order import remaining
from golive.graph.step import Stage, Step
from golive.journal.events import Do
from golive.reconcile.back import patience, taken_back
from golive.reconcile.clock import Clock
from golive.reconcile.limits import Room
from golive.reconcile.moves import Ask, Back, BackOut, Move, Resolve, Retry, Run, site_of
from golive.reconcile.standing import (
    REVERSED,
    asks_people,
    called_back,
    failed_at,
    has_failed,
    is_done,
    past_no_return,
    quiet,
    to_be_retried,
    wanted_digest,
)
from golive.reconcile.state import Attempt, Mark, State, Status, part
from golive.reconcile.waves import Course, never, plot

_LOOKING = frozenset({"survey", "login", "decision", "gate", "message"})
"""Actions that have no effect at a site."""


@dataclass(frozen=True)
class Ready:
    """What may begin at a site as far as the site is concerned; ``after``: not before this time."""

    move: Run | Ask
    rank: tuple[bool, float]
    """What is asked stands first, then what the rest waits for longest."""
    after: datetime | None = None


@dataclass(frozen=True)
class Sight:
    """What the events tell about a site, or about the steps of no site."""

    site: str | None
    ready: tuple[Ready, ...]
    back: tuple[Back, ...]
    patience: datetime | None
    """Nothing is taken back before: a person is being asked."""
    retries: tuple[Step, ...]
    """What the plan's policy has tried again."""
    waiting: tuple[Step, ...]
    goes_on: bool
    begun: frozenset[Stage]
    live: bool
    whole: bool
    criteria: bool
    at_rest: bool
    counts: bool


def next_steps(
    graph: Graph, state: State, now: datetime, until: Stage | None = None, done: Graph | None = None
) -> tuple[Move, ...]:
    """All that can be begun now.

    Args:
        graph: the current revision.
        state: the fold over the journal.
        now: the time, with zone.
        until: the last stage to run; by default all.
        done: the graph of what was done, which is what is taken back; by default the current revision.
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
    for move in _wanted(graph, state, now, until, done or graph):
        if site_of(move) in sites:
            continue
        if isinstance(move, Run):
            inverse = move.action is Do.UNDO
            if room.full and not inverse:
                break  # what is left goes forward too, and there may be thousands
            if move.step.id in held or not room.admits(move.step, inverse):
                continue
        moves.append(move)
    return tuple(moves)


def _orphan(attempt: Attempt, state: State) -> bool:
    """Whether it has to be found out what became of an attempt: nobody waits for it, or a person wants to know."""
    if attempt.lost and state.step(attempt.step).comes_again:
        return True
    return attempt.open and attempt.epoch < state.epoch and not (attempt.lost and _given_up(attempt, state))


def _given_up(attempt: Attempt, state: State) -> bool:
    return state.step(attempt.step).epoch == state.epoch


def _wanted(graph: Graph, state: State, now: datetime, until: Stage | None, done: Graph) -> Iterator[Move]:
    """What should begin, if there is room for it; going back before going on, and what needs room at the end."""
    sights = [sight(site, graph, state, done) for site in graph.of_site]
    for seen in sights:
        if seen.patience is None or seen.patience <= now:
            yield from seen.back
    if state.abort:
        return
    yield from _retries(sights, state, now, until)
    yield from _onward(graph, sights, state, now, until)


def _retries(sights: Sequence[Sight], state: State, now: datetime, until: Stage | None) -> Iterator[Retry]:
    steps = (step for seen in sights for step in seen.retries if _up_to(step, until))
    for step in steps:
        yield Retry(step, state.step(step.id).attempt or 0, now + timedelta(seconds=step.on_failure.pause))


def _onward(graph: Graph, sights: Sequence[Sight], state: State, now: datetime, until: Stage | None) -> Iterator[Move]:
    course = _course(graph, sights, state, now)
    yield from course.moves
    clock = clock_of(graph, state, now)
    late = tuple(_late(clock, frozenset(seen.site for seen in sights if not seen.goes_on)))
    yield from late
    moved = {move.site if isinstance(move, BackOut) else move.step.id for move in late}
    found = [(one, seen) for seen in sights for one in seen.ready]
    found.sort(key=lambda one: one[0].rank)
    for ready, seen in found:  # one by one, since there may be no room for most of them
        move = ready.move
        if (
            _up_to(move.step, until)
            and (ready.after is None or ready.after <= now)
            and course.allows(move.step, seen.begun)
            and not (moved and (seen.site in moved or move.step.id in moved))
            and _timely(move, clock)
        ):
            yield move


def _up_to(step: Step, until: Stage | None) -> bool:
    return until is None or step.stage.order <= until.order


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
    return tuple(step for step in waiting if _up_to(step, until))


def next_retry(graph: Graph, state: State, now: datetime, until: Stage | None = None) -> datetime | None:
    """When the plan's policy has the next step tried again; None: nothing waits for that."""
    ready = (ready for site in graph.of_site for ready in sight(site, graph, state).ready)
    times = (one.after for one in ready if isinstance(one.move, Run) and one.after and _up_to(one.move.step, until))
    return min((at for at in times if at > now), default=None)


def sight(site: str | None, graph: Graph, state: State, done: Graph | None = None) -> Sight:
    """What the events tell about a site; looked at again only after events that may have changed it.

    Without the graph of what was done, what is taken back is told by the current revision.
    """
    name = ("sight", site, done is None or done is graph)
    marks = (state.mark, *map(state.marks.get, _parts(site, graph)))
    kept: tuple[tuple[Mark | None, ...], Sight] | None = graph.memory.get(name)
    if kept is not None and kept[0] == marks:  # each is equal to itself alone
        return kept[1]
    found = look(site, graph, state, done or graph)
    graph.memory[name] = (marks, found)
    return found


def _parts(site: str | None, graph: Graph) -> tuple[str, ...]:
    """The parts of the run whose events the site's steps depend on."""
    if (known := graph.memory.get(("parts", site))) is None:
        steps = graph.of_site[site]
        names = [*(step.id for step in steps), *(need for step in steps for need in step.needs)]
        known = graph.memory["parts", site] = tuple(dict.fromkeys(part(name) for name in names))
    return known


def look(site: str | None, graph: Graph, state: State, done_as: Graph) -> Sight:
    """What the events tell about a site, from scratch."""
    steps = graph.of_site[site]
    stopped = state.site(site).backing_out
    failed = None if stopped or site is None else failed_at(steps, graph, state)
    called = bool(site and called_back(site, graph, state))
    back = taken_back(site, failed, graph, state, done_as) if site else ()
    leaves = any(isinstance(move, BackOut) for move in back)
    open_here = not (stopped or called or failed or state.abort)
    retries = () if stopped or called else tuple(step for step in steps if to_be_retried(step, state))
    done = {step.id for step in steps if is_done(step, graph, state)}
    held = [(step, state.step(step.id)) for step in steps]
    return Sight(
        site,
        ready=tuple(_ready(steps, done, graph, state)) if open_here else (),
        back=back,
        patience=None if stopped or called else patience(failed, state),
        retries=retries,
        waiting=tuple(step for step, now in held if now.status is Status.WAITING) if open_here else (),
        goes_on=open_here,
        begun=frozenset(step.stage for step, now in held if now.status is not Status.PENDING or now.touched),
        live=all(step.id in done or step.soaked for step in steps),
        whole=len(done) == len(steps),
        criteria=any(step.soaked for step in steps),
        at_rest=not (open_here or back or retries) and quiet(site, graph, state),
        counts=any(now.exposed and step.do.kind not in _LOOKING for step, now in held)
        and (stopped or leaves or any(now.spoiled for _, now in held)),
    )


def _ready(steps: Sequence[Step], done: set[str], graph: Graph, state: State) -> Iterator[Ready]:
    firm: set[str] = set()
    for step in steps:  # each behind what it needs
        needs = [graph.by_id[need] for need in step.needs]
        if not all(need.id in firm for need in needs if need.site == step.site):
            continue
        if step.id in done:
            firm.add(step.id)
        elif not has_failed(step, state) and all(need.id in firm or _stays_done(need, graph, state) for need in needs):
            yield from _forward(step, graph, state)


def _stays_done(step: Step, graph: Graph, state: State) -> bool:
    """Whether a step is done, and is not about to be taken back with its site."""
    of_site = state.site(step.site) if step.site and step.stage in REVERSED else None
    return is_done(step, graph, state) and not (of_site and of_site.backing_out and of_site.ended is None)


def _forward(step: Step, graph: Graph, state: State) -> Iterator[Ready]:
    held, left = state.step(step.id), -remaining(graph)[step.id]
    if held.status is Status.RUNNING:
        return
    if not asks_people(step, held):
        yield Ready(Run(step, Do.DO), (True, left), held.failing.not_before if held.failing else None)
        return
    asked = state.questions.get(step.id)
    asked_about = asked and (asked.covers or asked.scope)
    if asked is None or held.status is not Status.WAITING or asked_about != wanted_digest(step, graph):
        yield Ready(Ask(step), (False, left))
    else:
        yield Ready(Ask(step), (False, left), datetime.fromisoformat(asked.expires))


def _late(clock: Clock, closed: frozenset[str | None]) -> Iterator[Ask | BackOut]:
    """What becomes of cutovers that are not expected to pass their point of no return in time."""
    graph, state = clock.graph, clock.state
    for late in clock.late():
        if late.site in closed:
            continue
        if late.back:
            yield from [BackOut(late.site, late.because)] if quiet(late.site, graph, state) else []
        elif late.question:
            asked = (ready for ready in _forward(late.question, graph, state) if isinstance(ready.move, Ask))
            yield from (Ask(late.question) for ready in asked if ready.after is None or ready.after <= clock.now)


def _timely(move: Run | Ask, clock: Clock) -> bool:
    return isinstance(move, Ask) or clock.hold(move.step) is None


def clock_of(graph: Graph, state: State, now: datetime) -> Clock:
    """What the time of day allows in a graph, as its run stands."""
    return Clock(
        graph, state, now, lambda step: is_done(step, graph, state), lambda site: past_no_return(site, graph, state)
    )
