from dataclasses import replace
from itertools import pairwise

import pytest

from golive.graph.graph import Graph, ordered
from golive.graph.order import schedule
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
    for item in graph.steps:
        start, end = made.start[item.id], made.end[item.id]
        assert end == start + item.planned
        assert all(made.end[need] <= start for need in item.needs)
        if item.host:
            assert start >= busy.get(item.lane, 0)
            busy[item.lane] = end
    path = made.critical
    assert made.start[path[0]] == 0 and made.end[path[-1]] == made.total
    assert all(made.end[before] == made.start[after] for before, after in pairwise(path))
