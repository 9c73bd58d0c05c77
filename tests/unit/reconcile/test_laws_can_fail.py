"""A planner that breaks a law is found out: the laws of ``laws.py`` are no idle words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from random import Random

import pytest
from laws import LawBroken
from random_graphs import random_graph
from world import Planner, World, at_random

from golive.graph.graph import Graph
from golive.graph.step import Stage
from golive.journal.events import Do
from golive.reconcile.moves import BackOut, EndBackOut, Move, Run
from golive.reconcile.next import next_steps
from golive.reconcile.standing import has_failed
from golive.reconcile.state import State, Status


def without_needs(
    graph: Graph, state: State, now: datetime, until: Stage | None, done: Graph | None = None
) -> Sequence[Move]:
    free = replace(graph, steps=tuple(replace(step, needs=()) for step in graph.steps))
    return next_steps(free, state, now, until)


def without_lanes(
    graph: Graph, state: State, now: datetime, until: Stage | None, done: Graph | None = None
) -> Sequence[Move]:
    moves = next_steps(graph, state, now, until, done)
    free = [
        Run(step, Do.DO)
        for step in graph.steps
        if state.step(step.id).status is Status.PENDING and all(state.step(n).status is Status.DONE for n in step.needs)
    ]
    return [*moves, *(move for move in free if move not in moves and not any(isinstance(m, BackOut) for m in moves))]


def without_memory_of_failure(
    graph: Graph, state: State, now: datetime, until: Stage | None, done: Graph | None = None
) -> Sequence[Move]:
    again = [Run(step, Do.DO) for step in graph.steps if step.site and has_failed(step, state)]
    return [*next_steps(graph, state, now, until, done), *again]


def without_back_out(
    graph: Graph, state: State, now: datetime, until: Stage | None, done: Graph | None = None
) -> Sequence[Move]:
    return [move for move in next_steps(graph, state, now, until, done) if not isinstance(move, BackOut)]


def without_inverses(
    graph: Graph, state: State, now: datetime, until: Stage | None, done: Graph | None = None
) -> Sequence[Move]:
    kept = [
        move
        for move in next_steps(graph, state, now, until, done)
        if not (isinstance(move, Run) and move.action is Do.UNDO)
    ]
    backing = [site for site in graph.sites if state.site(site).backing_out and not state.site(site).ended]
    return kept or [EndBackOut(site, (), ()) for site in backing]


def inverses_in_any_order(
    graph: Graph, state: State, now: datetime, until: Stage | None, done: Graph | None = None
) -> Sequence[Move]:
    moves = list(next_steps(graph, state, now, until, done))
    for step in graph.steps:
        held, site = state.step(step.id), state.site(step.site)
        waits = held.touched and held.status is Status.DONE and step.undo
        if waits and step.stage in (Stage.DEPLOY, Stage.CUTOVER) and site.backing_out and not site.ended:
            return [Run(step, Do.UNDO)]
    return moves


def without_care_for_what_serves(
    graph: Graph, state: State, now: datetime, until: Stage | None, done: Graph | None = None
) -> Sequence[Move]:
    careless = replace(graph, steps=tuple(replace(step, serves=False) for step in graph.steps))
    return next_steps(careless, state, now, until)


BROKEN: tuple[tuple[Planner, str], ...] = (
    (without_needs, "begins before what it needs"),
    (without_lanes, "two at a time on"),
    (without_memory_of_failure, "begins at a site that"),
    (without_back_out, "failed in the cutover, and the site is not backed out"),
    (without_inverses, "were not taken back"),
    (inverses_in_any_order, "which stands on it"),
    (without_care_for_what_serves, "with which the new system serves"),
)


@pytest.mark.parametrize(("planner", "law"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_a_planner_that_breaks_a_law_is_found_out(planner: Planner, law: str):
    found: set[str] = set()
    for seed in range(400):
        random = Random(seed)
        try:
            World(random_graph(random), random, planner).coordinate(at_random(random))
        except LawBroken as broken:
            found.add(str(broken))
            if law in str(broken):
                return
    pytest.fail(f"{planner.__name__} broke nothing but {sorted(found)[:5]}")
