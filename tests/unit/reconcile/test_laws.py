"""Any graph, any outcomes, any deaths of coordinators, any answers: the laws of ``laws.py`` hold."""

from random import Random

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from random_graphs import random_graph
from world import World, always, at_random, stubborn

from golive.errors import WORST_FIRST, Exit
from golive.graph.step import Rerun
from golive.journal.events import AttemptEnded, Outcome
from golive.reconcile.fold import apply, fold
from golive.reconcile.next import next_steps
from golive.reconcile.standing import has_failed
from golive.reconcile.state import Status
from golive.reconcile.verdict import is_over, verdict

FEW = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SEEDS = st.integers(0, 2**40)


def chaos(seed: int, epochs: int = 4) -> World:
    """A run under several coordinators that see anything happen; some of them die."""
    random = Random(seed)
    world = World(random_graph(random), random, crashes=random.choice((0, 0.05, 0.2)))
    for _ in range(random.randint(1, epochs)):
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
def test_a_coordinator_ends_however_stubbornly_steps_fail(seed: int):
    random = Random(seed)
    world = World(random_graph(random), random)
    for _ in range(6):
        assert world.coordinate(stubborn(random))


def test_each_single_end_repeated_for_ever_lets_the_coordinator_end():
    for seed in range(60):
        for outcome in (*Outcome, None):
            random = Random(seed)
            assert World(random_graph(random), random, approves=1).coordinate(always(outcome))


@FEW
@given(SEEDS)
def test_when_all_goes_well_at_last_nothing_is_lost(seed: int):
    world = chaos(seed)
    world.crashes, world.approves = 0, 1
    for _ in range(4):
        world.coordinate(always(Outcome.DONE))
    given_up = {step.id for step in world.graph.steps if has_failed(step, world.state) and step.rerun is Rerun.NEVER}
    held_up = {step.site for step in world.graph.steps if step.id in given_up and step.site}
    out: set[str] = set()
    for step in world.graph.steps:
        if step.id in given_up or step.site in world.truth.back | held_up or not out.isdisjoint(step.needs):
            out.add(step.id)
        else:
            assert world.truth.done(step.id), f"{step.id} was lost"
    assert not world.state.open_attempts
    assert is_over(world.graph, world.state) or given_up


@FEW
@given(SEEDS)
def test_an_undisturbed_run_does_each_step_once(seed: int):
    random = Random(seed)
    world = World(random_graph(random), random, approves=1)
    world.coordinate(always(Outcome.DONE))
    assert verdict(world.graph, world.state) is Exit.DONE
    assert is_over(world.graph, world.state)
    assert len(world.truth.numbers) == len(world.graph.steps)


@FEW
@given(SEEDS)
def test_the_state_is_the_fold_and_a_second_end_changes_nothing(seed: int):
    world = chaos(seed)
    assert fold(world.events) == world.state
    for number, attempt in world.state.attempts.items():
        if attempt.ended:
            assert apply(world.state, AttemptEnded(number, Outcome.FAILED, "again")) == world.state


@FEW
@given(SEEDS)
@example(48462)  # what made the new system serve could not be undone yet
def test_the_verdict_agrees_with_the_worst_site(seed: int):
    world = chaos(seed)
    exit, state = verdict(world.graph, world.state), world.state
    ended = {site: state.site(site).ended for site in world.graph.sites}
    held = {state.step(step.id).status for step in world.graph.steps if not (step.site and ended[step.site])}
    least = {
        Exit.UNKNOWN: bool(held & {Status.UNKNOWN, Status.UNREACHABLE, Status.INTERRUPTED}),
        Exit.RESIDUE: any(end and end.residue for end in ended.values()),
        Exit.FAILED: bool(held & {Status.FAILED, Status.RESIDUE}),  # residue under way: the way back is tried again
        Exit.BACKED_OUT: any(end and not end.residue for end in ended.values()),
        Exit.GATE_REFUSED: Status.REFUSED in held,
    }
    worst = next((code for code in WORST_FIRST if least.get(code)), None)
    assert exit is worst if worst else exit in (Exit.WAITING, Exit.INTERRUPTED, Exit.DONE)
    whole = all(world.truth.done(step.id) for step in world.graph.steps)
    assert (exit is Exit.DONE) == (whole and not any(ended.values()))


@FEW
@given(SEEDS)
def test_what_is_over_moves_no_more(seed: int):
    world = chaos(seed)
    if is_over(world.graph, world.state):
        assert next_steps(world.graph, world.state, world.now) == ()
