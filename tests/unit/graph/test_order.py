from dataclasses import replace
from itertools import pairwise

import pytest

from golive.graph.graph import Graph, ordered
from golive.graph.order import Known, schedule
from golive.graph.step import Action, Stage, Step

from .plans import compiled


def step(name: str, *needs: str, planned: float = 10, host: str | None = None) -> Step:
    made = Step(id=name, stage=Stage.DEPLOY, title=name, do=Action("script"), needs=needs, planned=planned)
    return replace(made, site="lyon", host=host) if host else made


CASES: list[tuple[list[Step], float, list[str]]] = [
    ([], 0, []),
    ([step("a")], 10, ["a"]),
    ([step("a"), step("b", "a"), step("c", "a", planned=30), step("d", "b", "c")], 50, ["a", "c", "d"]),
    ([step("a", host="x"), step("b", host="x")], 20, ["a", "b"]),
    ([step("a", host="x"), step("b", host="y")], 10, ["a"]),
    ([step("a"), step("b")], 10, ["a"]),
    ([step("a", planned=0), step("b", "a", planned=0)], 0, ["a"]),
]


@pytest.mark.parametrize(("steps", "total", "critical"), CASES)
def test_schedule(steps: list[Step], total: float, critical: list[str]):
    made = schedule(Graph("notes", "1", ordered(steps)))
    assert (made.total, list(made.critical)) == (total, critical)


def test_the_schedule_of_a_whole_plan_is_possible():
    graph = compiled()
    made = schedule(graph)
    busy: dict[str, float] = {}
    for item in sorted(graph.steps, key=lambda step: made.start[step.id]):
        start, end = made.start[item.id], made.end[item.id]
        assert end == start + item.planned
        assert all(made.end[need] <= start for need in item.needs)
        if item.host:
            assert start >= busy.get(item.lane, 0)
            busy[item.lane] = end
    path = made.critical
    assert made.start[path[0]] == 0 and made.end[path[-1]] == made.total
    soak = graph.rollout.waves[0].soak
    assert all(made.start[after] - made.end[before] in (0, soak) for before, after in pairwise(path))
    assert sum(made.start[after] - made.end[before] for before, after in pairwise(path)) == soak


def test_the_next_wave_is_expected_behind_soak_time_and_exit_criteria():
    graph = compiled()
    made = schedule(graph)
    lyon = max(made.end[step.id] for step in graph.of_site["lyon"] if not step.soaked)
    criteria = [step for step in graph.of_site["lyon"] if step.soaked]
    assert [made.start[step.id] for step in criteria] == [lyon + 7200]
    assert made.start["osaka/deploy/gate"] == made.end[criteria[0].id]
    assert made.start["osaka/baseline/survey@db-1"] == 0


def test_what_has_happened_moves_what_is_still_to_come():
    graph = Graph("notes", "1", ordered([step("a"), step("b", "a"), step("c", "b")]))
    ran_over = schedule(graph, Known(start={"a": 0}, now=25))
    assert (ran_over.end["a"], ran_over.total) == (25, 45)
    done = schedule(graph, Known(start={"a": 0, "b": 4}, end={"a": 4}, now=5))
    assert (done.start["c"], done.total) == (14, 24)
    learned = schedule(graph, Known(seconds={"b": 1}))
    assert learned.total == 21
