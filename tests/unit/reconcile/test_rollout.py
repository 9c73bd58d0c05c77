"""Waves, budget, limits, units: the laws of ``laws.py`` hold for any of them, and sites do not block each other."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from laws import LawBroken
from random_graphs import SITES, random_rollout
from world import Planner, World, always, at_random, stubborn

from golive.errors import Exit
from golive.graph.graph import Graph, ordered
from golive.graph.rollout import Limits, Rollout, Wave
from golive.graph.step import Action, Stage, Step
from golive.journal.events import Do, Outcome, RolloutHalted, RolloutResumed, UnitReturned
from golive.reconcile.moves import Move, Run, Withdraw
from golive.reconcile.next import next_steps
from golive.reconcile.state import Attempt, State, Status
from golive.reconcile.verdict import is_over, verdict

FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SEEDS = st.integers(0, 2**40)


def kept_and_anew(
    graph: Graph, state: State, now: datetime, until: Stage | None, done: Graph | None = None
) -> Sequence[Move]:
    """What is kept between events gives the same as looking at everything again."""
    moves = next_steps(graph, state, now, until, done)
    anew = replace(graph)
    assert "memory" not in anew.__dict__ and next_steps(anew, state, now, until, done) == moves
    return moves


def chaos(seed: int, planner: Planner = next_steps) -> World:
    random = Random(seed)
    world = World(random_rollout(random), random, planner, crashes=random.choice((0, 0.05)))
    for _ in range(random.randint(1, 3)):
        world.coordinate(at_random(random))
        if random.random() < 0.2:
            world.amend(random.choice(world.graph.steps).id)
    return world


@FEW
@given(SEEDS)
def test_the_laws_hold_whatever_happens(seed: int):
    chaos(seed)


@FEW
@given(SEEDS)
def test_what_is_kept_between_events_is_what_is_found_anew(seed: int):
    chaos(seed, kept_and_anew)


def test_what_is_kept_for_one_state_is_not_taken_for_another():
    graph = _rollout_of((("lyon", "oslo"),))
    worlds = [World(graph, Random(1)), World(graph, Random(1))]
    worlds[0].coordinate(always(Outcome.FAILED))
    worlds[1].coordinate(always(Outcome.DONE))
    for world in worlds * 2:
        kept_and_anew(graph, world.state, world.now, None)


@FEW
@given(SEEDS)
def test_a_coordinator_ends_however_stubbornly_steps_fail(seed: int):
    random = Random(seed)
    world = World(random_rollout(random), random)
    for _ in range(4):
        assert world.coordinate(stubborn(random))


def _rollout_of(waves: Sequence[Sequence[str]], budget: int | None = 0, soak: float = 0, unit: str = "") -> Graph:
    """Each site with a survey, a baseline, two steps of deploy and one of cutover, each with an inverse."""
    steps: list[Step] = []
    for site in (site for wave in waves for site in wave):
        names = ("baseline/survey", "baseline/converge", "deploy/api", "deploy/web", "cutover/switch")
        before: tuple[str, ...] = ()
        for name in names:
            stage = Stage(name.partition("/")[0])
            do = Action("survey" if name.endswith("survey") else "sim")
            undo = Action("sim") if stage in (Stage.DEPLOY, Stage.CUTOVER) else None
            mine = unit if stage is Stage.DEPLOY else ""
            steps.append(Step(f"{site}/{name}", stage, name, do, site, "h", needs=before, undo=undo, unit=mine))
            before = (steps[-1].id,)
    made = tuple(Wave(f"w{n}", tuple(wave), soak) for n, wave in enumerate(waves))
    return Graph("notes", "1", ordered(steps), rollout=Rollout(made, budget))


def bad(*steps: str):
    """Everything goes well but these steps."""

    def end(attempt: Attempt) -> Outcome:
        return Outcome.FAILED if attempt.step in steps and attempt.action is Do.DO else Outcome.DONE

    return end


def live(world: World) -> set[str]:
    return {site for site in world.graph.sites if all(world.truth.done(step.id) for step in world.graph.of_site[site])}


WAVES = (("a", "b"), ("c", "d"), ("e", "f"))


def test_with_a_budget_of_two_two_bad_sites_stop_nobody_else():
    world = World(_rollout_of(WAVES, 2), Random(1))
    world.coordinate(bad("a/cutover/switch", "c/cutover/switch"))
    assert live(world) == {"b", "d", "e", "f"}
    assert world.truth.back == {"a", "c"}
    assert not [event for event in world.events if isinstance(event, RolloutHalted)]
    assert verdict(world.graph, world.state) is Exit.BACKED_OUT and is_over(world.graph, world.state)


def test_with_a_budget_of_one_the_third_wave_never_starts():
    world = World(_rollout_of(WAVES, 1), Random(1))
    world.coordinate(bad("a/cutover/switch", "c/cutover/switch"))
    begun = {event.step for event in world.truth.attempts.values()}
    assert not [name for name in begun if name[0] in "ef" and "baseline" not in name]
    assert [(event.budget, event.sites) for event in world.events if isinstance(event, RolloutHalted)] == [
        (1, ("a", "c"))
    ]
    assert verdict(world.graph, world.state) is Exit.BACKED_OUT
    assert is_over(world.graph, world.state), "what can never begin keeps no run open"


def test_a_site_at_which_nothing_had_an_effect_does_not_count():
    world = World(_rollout_of(WAVES, 0), Random(1))
    world.coordinate(bad("a/baseline/survey"))
    assert live(world) == {"b", "c", "d", "e", "f"}


def test_a_wave_of_which_no_site_went_live_is_not_followed_by_another():
    world = World(_rollout_of((("a",), ("b",)), None), Random(1))
    world.coordinate(bad("a/deploy/web"))
    assert not [name for name in world.truth.attempts.values() if name.step.startswith("b/deploy")]


def test_a_mended_site_gives_the_budget_back_and_the_rollout_goes_on():
    world = World(_rollout_of((("a", "b"), ("c",)), 0), Random(1))
    world.coordinate(bad("a/deploy/web"))
    assert world.state.halted and "c" not in live(world)
    world.coordinate(bad())
    assert [event for event in world.events if isinstance(event, RolloutResumed)] and not world.state.halted
    assert live(world) == {"a", "b", "c"}


def test_the_next_wave_waits_for_the_soak_time_and_the_exit_criteria():
    graph = _rollout_of((("a",), ("b",)), 0, soak=7200)
    criterion = Step("a/handover/exit-criterion-1", Stage.HANDOVER, "", Action("sim"), "a", "h", soaked=True)
    criterion = replace(criterion, needs=("a/cutover/switch",))
    world = World(replace(graph, steps=ordered([*graph.steps, criterion])), Random(1))
    began = world.now
    world.coordinate(bad())
    names = [event.step for event in world.truth.attempts.values()]
    assert names.index("a/cutover/switch") < names.index(criterion.id) < names.index("b/deploy/api")
    assert (world.now - began).total_seconds() == 7200 and live(world) == {"a", "b"}


def test_a_unit_is_whole_or_nothing_of_it_stays():
    world = World(_rollout_of((("a", "b"),), None, unit="pair"), Random(1))
    world.coordinate(bad("a/deploy/web"))
    assert {world.state.step(name).status for name in ("a/deploy/api", "a/deploy/web")} == {Status.UNDONE}
    assert [event.residue for event in world.events if isinstance(event, UnitReturned)] == [()]
    assert world.state.step("a/baseline/converge").status is Status.DONE and live(world) == {"b"}
    assert verdict(world.graph, world.state) is Exit.FAILED
    world.coordinate(bad())
    assert live(world) == {"a", "b"}


@FEW
@given(SEEDS, st.sampled_from(SITES))
def test_one_sites_failure_never_blocks_another(seed: int, ill: str):
    random = Random(seed)
    graph = replace(random_rollout(random), rollout=Rollout())
    steps = [replace(step, needs=tuple(need for need in step.needs if _own(step, need))) for step in graph.steps]
    graph = replace(graph, steps=ordered(step for step in steps if step.site or step.stage is Stage.DEFINE))
    world = World(graph, random, approves=1)
    fails = random.choice([Outcome.FAILED, Outcome.UNREACHABLE, Outcome.INTERRUPTED, None])
    world.coordinate(lambda attempt: fails if attempt.step.startswith(ill) else Outcome.DONE)
    assert {site for site in graph.sites if site != ill} <= live(world)


def _own(step: Step, need: str) -> bool:
    return need.partition("/")[0] == step.site or need.startswith("all/define")


def without_limits(
    graph: Graph, state: State, now: datetime, until: Stage | None, done: Graph | None = None
) -> Sequence[Move]:
    free = replace(graph, rollout=replace(graph.rollout, limits=Limits(), at={}))
    return next_steps(free, state, now, until)


def without_waves(
    graph: Graph, state: State, now: datetime, until: Stage | None, done: Graph | None = None
) -> Sequence[Move]:
    return next_steps(replace(graph, rollout=replace(graph.rollout, waves=())), state, now, until)


def without_budget(
    graph: Graph, state: State, now: datetime, until: Stage | None, done: Graph | None = None
) -> Sequence[Move]:
    return next_steps(replace(graph, rollout=replace(graph.rollout, budget=None)), state, now, until)


def units_in_any_order(
    graph: Graph, state: State, now: datetime, until: Stage | None, done: Graph | None = None
) -> Sequence[Move]:
    moves = next_steps(graph, state, now, until, done)
    touched = [step for step in graph.steps if step.unit and step.undo and state.step(step.id).touched]
    withdrawing = [
        step for step in touched if (unit := state.units.get((step.site or "", step.unit))) and not unit.ended
    ]
    first = withdrawing[0] if withdrawing and state.step(withdrawing[0].id).status is Status.DONE else None
    return [Run(first, Do.UNDO)] if first else [move for move in moves if not isinstance(move, Withdraw)] or moves


BROKEN: tuple[tuple[Planner, str], ...] = (
    (without_limits, "is too much for"),
    (without_waves, "begins before its wave"),
    (without_budget, "and the budget is spent"),
    (units_in_any_order, "before what stands on it in its unit"),
)


@pytest.mark.parametrize(("planner", "law"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_a_planner_that_breaks_a_law_is_found_out(planner: Planner, law: str):
    for seed in range(400):
        random = Random(seed)
        try:
            World(random_rollout(random), random, planner).coordinate(at_random(random))
        except LawBroken as broken:
            if law in str(broken):
                return
    pytest.fail(f"{planner.__name__} broke no law of this kind")
