"""A changed plan: what stays valid and what does not, told by digests of steps, stages and sites."""

from collections.abc import Iterable
from dataclasses import replace

from golive.digest import canonical
from golive.graph.graph import Graph
from golive.journal.events import (
    Amended,
    AttemptAllocated,
    AttemptEnded,
    AttemptStarted,
    DecisionAsked,
    DecisionTaken,
    Do,
    Event,
    Outcome,
    RunStarted,
)
from golive.reconcile.amendment import Amendment
from golive.reconcile.fold import fold
from golive.reconcile.standing import is_done, scope_digest
from golive.reconcile.state import State, Status

from .plans import changed, compiled

TYPO = ("vars: {workers: 8} # values", "vars: {workers: 9} # values")
BEFORE = compiled()
AFTER = compiled(changed(TYPO))


def done(graph: Graph, steps: Iterable[str]) -> State:
    """A run in which these steps are done, and decisions approved by Claire."""
    events: list[Event] = [RunStarted("notes-1", "p", "g", "me", "here", "1")]
    for number, name in enumerate(steps, 1):
        step = graph.by_id[name]
        if step.do.kind == "decision":
            scope = scope_digest(step, graph)
            events.append(DecisionAsked(number, name, "?", "operator", "n", "2030-01-01T00:00:00+00:00", scope, "e"))
            events.append(DecisionTaken(number, name, "claire", "approve", "", canonical({}), "s"))
            continue
        events.append(AttemptAllocated(number, name, Do.DO, 1, step.digest, 1, step.lane))
        events += [AttemptStarted(number), AttemptEnded(number, Outcome.DONE)]
    return fold(events)


ALL = done(BEFORE, BEFORE.by_id)


def test_a_typo_at_one_site_leaves_the_other_sites_decisions_valid() -> None:
    signed, void = "osaka/handover/sign-off", "lyon/handover/sign-off"
    assert is_done(AFTER.by_id[signed], AFTER, ALL)
    assert is_done(BEFORE.by_id[void], BEFORE, ALL) and not is_done(AFTER.by_id[void], AFTER, ALL)


def test_the_difference_names_what_stays_and_what_does_not() -> None:
    lines = list(Amendment(BEFORE, AFTER, ALL).lines())
    (same,) = (line for line in lines if line.startswith("= osaka is as before; decisions stay valid: "))
    assert "osaka/handover/sign-off (claire)" in same
    assert any(line.startswith("~ lyon changes in ") and "deploy" in line for line in lines)
    assert (
        "  ! lyon/handover/sign-off: the decision (claire) is void: it was about another scope, and is asked again"
        in lines
    )
    changed_steps = [line for line in lines if line.startswith("  ~ ")]
    assert changed_steps and all("~ lyon/" in line for line in changed_steps)
    amendment = Amendment(BEFORE, AFTER, ALL)
    assert len(amendment.stays) + len(amendment.stale) == len(BEFORE.steps)
    assert (
        lines[-1]
        == f"= {len(amendment.stays)} that are done stay done, with their evidence; {len(amendment.stale)} do not"
    )


def test_a_question_that_waits_is_asked_again_at_the_changed_site_only() -> None:
    state = done(BEFORE, BEFORE.by_id)
    waiting = {name: replace(held, status=Status.WAITING) for name, held in state.steps.items() if "sign-off" in name}
    state = replace(state, steps={**state.steps, **waiting})
    again = Amendment(BEFORE, AFTER, state).asked_again
    assert [step.id for step in again] == ["lyon/handover/sign-off"]


def test_the_same_plan_changes_nothing() -> None:
    amendment = Amendment(BEFORE, compiled(), ALL)
    assert amendment.stale == () == amendment.asked_again
    assert all(line.startswith("= ") for line in amendment.lines())


def test_what_is_new_and_what_is_gone_is_named() -> None:
    fewer = replace(BEFORE, steps=tuple(step for step in BEFORE.steps if step.id != "lyon/deploy/pages@app-1"))
    gone = list(Amendment(BEFORE, fewer, ALL).lines())
    new = list(Amendment(fewer, BEFORE, ALL).lines())
    missing = next(step.id for step in BEFORE.steps if step.id not in fewer.by_id)
    assert f"  - {missing} is gone: what it did stays" in gone
    assert f"  + {missing} is new" in new


def test_what_was_begun_before_a_change_says_how_it_would_be_taken_back() -> None:
    events: list[Event] = [RunStarted("notes-1", "p", "one", "me", "here", "1")]
    step = next(s for s in AFTER.steps if s.stage == "deploy" and s.digest != BEFORE.by_id[s.id].digest)
    events += [AttemptAllocated(1, step.id, Do.DO, 1, "d", 1, step.lane), AttemptStarted(1)]
    events += [AttemptEnded(1, Outcome.FAILED), Amended(2, "two", "me", "here")]
    state = fold(events)
    assert (state.revision, state.graphs, state.step(step.id).revision) == (2, {1: "one", 2: "two"}, 1)
    said = f"  ~ {step.id} changed: it was begun under revision 1, which is how it would be taken back"
    assert said in list(Amendment(BEFORE, AFTER, state).lines())


def test_another_golive_is_named_only_where_it_may_be_why_what_is_done_changes() -> None:
    assert any("golive 1 wrote revision 1" in line for line in Amendment(BEFORE, AFTER, ALL, "2").lines())
    nothing_done = done(BEFORE, ())
    for same in (Amendment(BEFORE, AFTER, ALL, "1"), Amendment(BEFORE, AFTER, nothing_done, "2")):
        assert not any("wrote revision" in line for line in same.lines())
