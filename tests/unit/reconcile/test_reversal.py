"""Whatever fails when, and whatever people decide meanwhile: after a back-out all is as before, or named as residue."""

from dataclasses import replace
from random import Random

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from random_graphs import random_graph, random_rollout
from world import World, always, at_random

from golive.graph.graph import Graph
from golive.graph.policy import NOTHING_SAID, OnFailure
from golive.graph.step import Stage
from golive.journal.events import AbortAsked, BackOutAsked, Do, Outcome
from golive.reconcile.standing import past_no_return
from golive.reconcile.state import Attempt
from golive.reconcile.verdict import is_over

FEW = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SEEDS = st.integers(0, 2**40)


def with_policies(graph: Graph, random: Random) -> Graph:
    """Some steps get a policy of their own."""
    said = (
        NOTHING_SAID,
        OnFailure("back-out"),
        OnFailure("stop"),
        OnFailure("", 2, 3.0),
        OnFailure("back-out", 1, 3.0),
    )
    return replace(graph, steps=tuple(replace(step, on_failure=random.choice(said)) for step in graph.steps))


def meddled(seed: int) -> World:
    """A run under several coordinators, with people who retry, skip, back out and abort, and plans that are amended."""
    random = Random(seed)
    made = random.choice((random_graph, random_rollout))(random)
    world = World(with_policies(made, random), random, crashes=random.choice((0, 0.05, 0.2)))
    world.meddling = random.choice((0.02, 0.1, 0.3))
    for _ in range(random.randint(1, 5)):
        world.coordinate(at_random(random))
        world.roll_forward()
        if random.random() < 0.3 and not world.state.abort:
            world.amend(random.choice(world.graph.steps).id)
    return world


@FEW
@given(SEEDS)
@example(47734)  # a report of the whole run began while what it needs was taken back at a site
def test_the_laws_hold_whatever_people_decide(seed: int):
    meddled(seed)


@FEW
@given(SEEDS)
def test_a_site_that_is_back_is_as_before_or_names_the_residue(seed: int):
    world = meddled(seed)
    world.crashes = world.meddling = 0
    for _ in range(4):
        world.coordinate(always(Outcome.DONE))
    for site in world.truth.back:
        ended = world.state.site(site).ended
        assert ended is not None
        own = {
            s.id for s in world.graph.steps if s.site == site and s.undo and s.stage in (Stage.DEPLOY, Stage.CUTOVER)
        }
        assert own & world.truth.touched <= set(ended.residue), "what is left is named"


@FEW
@given(SEEDS)
def test_an_abort_ends_the_run_from_any_state(seed: int):
    world = meddled(seed)
    world.crashes = world.meddling = 0
    if world.state.ended is None and not world.state.abort:
        world.emit(AbortAsked("me", "here"))
    begun = len(world.truth.started)
    for _ in range(4):
        world.coordinate(always(Outcome.DONE))
    assert is_over(world.graph, world.state)
    again = [number for number in world.truth.started if world.truth.attempts[number].action == "do"]
    assert len(world.truth.started) >= begun and max(again, default=0) <= max(world.truth.numbers, default=0)
    world.coordinate(always(Outcome.DONE))
    assert is_over(world.graph, world.state), "given again it changes nothing"


@FEW
@given(SEEDS)
def test_the_laws_hold_where_ways_back_fail_and_sites_are_rolled_forward(seed: int):
    random = Random(seed)
    world = World(with_policies(random_graph(random), random), random, crashes=random.choice((0, 0.1)))
    anything = at_random(random)

    def ends(attempt: Attempt) -> Outcome | None:
        no_way_back = attempt.action is Do.UNDO and world.graph.by_id[attempt.step].serves
        return Outcome.FAILED if no_way_back else Outcome.DONE if random.random() < 0.8 else anything(attempt)

    for _ in range(3):
        world.coordinate(ends)
        for site in world.graph.sites:
            if not past_no_return(site, world.graph, world.state) and not world.state.site(site).backing_out:
                world.emit(BackOutAsked(site, "me", "here"))
        world.coordinate(ends)
        world.roll_forward()
    world.coordinate(always(Outcome.DONE))
