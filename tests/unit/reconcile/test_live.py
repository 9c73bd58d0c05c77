"""A live site is never cut over a second time, and a back-out never lets writes in behind a switch that is stuck.

Nor does it take away what the new system stands on, as long as that serves.
"""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from golive.errors import Exit
from golive.graph.graph import Graph, ordered
from golive.graph.step import Action, Stage, Step
from golive.journal.events import (
    AttemptAllocated,
    AttemptEnded,
    AttemptLost,
    AttemptStarted,
    BackOutAsked,
    BackOutStarted,
    CoordinatorStarted,
    Do,
    Event,
    Outcome,
    RollForwardAsked,
)
from golive.reconcile.fold import apply, fold
from golive.reconcile.moves import EndBackOut, Run
from golive.reconcile.next import next_steps
from golive.reconcile.standing import at_a_dead_end, is_done
from golive.reconcile.state import State
from golive.reconcile.verdict import verdict

NOW = datetime(2026, 1, 1, tzinfo=UTC)
UNDO = Action("script", {"script": "undo"})


def step(name: str, *needs: str, **more: object) -> Step:
    site, stage, _ = name.split("/")
    do = Action("script", {"script": name})
    return Step(name, Stage(stage), name, do, site, "h", needs=needs, undo=UNDO, **more)  # type: ignore[arg-type]


FENCE = step("lyon/cutover/fence", undo_after=("lyon/cutover/switch",))
COPY = step("lyon/cutover/copy", FENCE.id)
SWITCH = step("lyon/cutover/switch", COPY.id)
RELEASE = step("lyon/cutover/release", SWITCH.id, no_return=True)
GRAPH = Graph("s", "1", ordered([FENCE, COPY, SWITCH, RELEASE]))


def attempt(number: int, of: Step, outcome: Outcome, action: Do = Do.DO) -> list[Event]:
    allocated = AttemptAllocated(number, of.id, action, 1, of.digest, 1, of.lane)
    return [allocated, AttemptStarted(number), AttemptEnded(number, outcome)]


def after(*done: Step) -> State:
    events: list[Event] = [CoordinatorStarted(1, "h", "w", "m", 1, "0")]
    for number, of in enumerate(done, 1):
        events += attempt(number, of, Outcome.DONE)
    return fold(events)


def changed() -> Graph:
    return Graph("s", "1", ordered([FENCE, replace(COPY, do=Action("script", {"script": "other"})), SWITCH, RELEASE]))


def test_before_the_release_a_changed_copy_runs_again():
    assert not is_done(changed().by_id[COPY.id], changed(), after(FENCE, COPY))


def test_past_the_release_a_changed_copy_never_runs_again():
    state = after(FENCE, COPY, SWITCH, RELEASE)
    assert is_done(changed().by_id[COPY.id], changed(), state)
    assert next_steps(changed(), state, NOW) == ()


def test_writes_are_not_let_in_while_the_switch_is_not_back():
    state = apply(after(FENCE, COPY, SWITCH), BackOutStarted("lyon", "test"))
    assert [move.step.id for move in next_steps(GRAPH, state, NOW) if isinstance(move, Run)] == [SWITCH.id]
    for event in attempt(4, SWITCH, Outcome.FAILED, Do.UNDO) + attempt(5, COPY, Outcome.DONE, Do.UNDO):
        state = apply(state, event)
    (end,) = next_steps(GRAPH, state, NOW)
    assert isinstance(end, EndBackOut)
    assert set(end.residue) == {SWITCH.id, FENCE.id}


def test_with_the_switch_back_the_fence_is_lifted():
    state = apply(after(FENCE, COPY, SWITCH), BackOutStarted("lyon", "test"))
    for event in attempt(4, SWITCH, Outcome.DONE, Do.UNDO) + attempt(5, COPY, Outcome.DONE, Do.UNDO):
        state = apply(state, event)
    assert [move.step.id for move in next_steps(GRAPH, state, NOW) if isinstance(move, Run)] == [FENCE.id]


def test_what_an_amended_plan_forgot_is_residue():
    state = apply(after(FENCE, COPY), BackOutStarted("lyon", "test"))
    without = Graph("s", "1", ordered([replace(COPY, needs=()), replace(SWITCH, needs=())]))
    for event in attempt(4, COPY, Outcome.DONE, Do.UNDO):
        state = apply(state, event)
    (end,) = next_steps(without, state, NOW)
    assert isinstance(end, EndBackOut)
    assert end.residue == (FENCE.id,)


INSTALL = step("lyon/deploy/shop")
FOLLOW = step("lyon/cutover/follow", INSTALL.id)
CROSS = step("lyon/cutover/cross", FOLLOW.id, serves=True)
PROTOCOL = Graph("s", "1", ordered([INSTALL, FOLLOW, CROSS]))


def backing(*then: Event) -> State:
    state = apply(after(INSTALL, FOLLOW, CROSS), BackOutStarted("lyon", "test"))
    for event in then:
        state = apply(state, event)
    return state


def taken_back(state: State) -> list[str]:
    moves = next_steps(PROTOCOL, state, NOW)
    assert all(isinstance(move, Run) and move.action is Do.UNDO for move in moves)
    return [move.step.id for move in moves if isinstance(move, Run)]


NOT_BACK = (Outcome.FAILED, Outcome.UNREACHABLE)


@pytest.mark.parametrize("outcome", NOT_BACK)
def test_a_way_back_that_failed_takes_nothing_away_from_the_system_that_serves(outcome: Outcome):
    assert taken_back(backing()) == [CROSS.id]
    state = backing(*attempt(4, CROSS, outcome, Do.UNDO))
    assert next_steps(PROTOCOL, state, NOW) == ()
    assert verdict(PROTOCOL, state) in (Exit.FAILED, Exit.UNKNOWN)


def test_a_way_back_of_which_nobody_knows_takes_nothing_away():
    state = backing(*attempt(4, CROSS, Outcome.DONE, Do.UNDO)[:2], AttemptLost(4, "gone"))
    assert next_steps(PROTOCOL, state, NOW) == ()
    assert verdict(PROTOCOL, state) is Exit.UNKNOWN


@pytest.mark.parametrize("outcome", NOT_BACK)
def test_the_next_golive_run_tries_the_way_back_again(outcome: Outcome):
    state = backing(*attempt(4, CROSS, outcome, Do.UNDO), CoordinatorStarted(2, "h", "w", "m", 1, "0"))
    assert taken_back(state) == [CROSS.id]
    for event in attempt(5, CROSS, Outcome.DONE, Do.UNDO):
        state = apply(state, event)
    assert taken_back(state) == [FOLLOW.id]


FORWARD = RollForwardAsked("lyon", "me", "here", "its log is spent")


@pytest.mark.parametrize("outcome", NOT_BACK)
def test_a_site_that_cannot_go_back_goes_on_when_somebody_says_so(outcome: Outcome):
    state = apply(backing(*attempt(4, CROSS, outcome, Do.UNDO)), BackOutAsked("lyon", "me", "here"))
    assert at_a_dead_end("lyon", PROTOCOL, state)
    state = apply(state, FORWARD)
    [again] = next_steps(PROTOCOL, state, NOW)
    assert isinstance(again, Run)
    assert (again.step, again.action) == (CROSS, Do.DO)
    for event in attempt(5, CROSS, Outcome.DONE):
        state = apply(state, event)
    assert next_steps(PROTOCOL, state, NOW) == ()
    assert verdict(PROTOCOL, state) is Exit.DONE
    assert not at_a_dead_end("lyon", PROTOCOL, state)


def test_one_that_was_rolled_forward_can_be_sent_back_again():
    state = backing(*attempt(4, CROSS, Outcome.FAILED, Do.UNDO), FORWARD, BackOutStarted("lyon", "mended"))
    assert taken_back(state) == [CROSS.id]


@pytest.mark.parametrize(
    "then",
    [(), attempt(4, CROSS, Outcome.FAILED, Do.UNDO)[:2], attempt(4, CROSS, Outcome.DONE, Do.UNDO)],
    ids=["not tried", "under way", "went back"],
)
def test_a_way_back_that_may_be_there_is_not_given_up(then: list[Event]):
    assert not at_a_dead_end("lyon", PROTOCOL, backing(*then))
