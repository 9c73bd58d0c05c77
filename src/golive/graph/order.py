"""How long a graph takes: earliest starts, the critical path and the expected end. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from golive.graph.graph import Graph


@dataclass(frozen=True)
class Schedule:
    """Expected times in seconds from the start, when nothing but needs and hosts holds a step back."""

    start: Mapping[str, float]
    end: Mapping[str, float]
    critical: tuple[str, ...]

    @property
    def total(self) -> float:
        """Expected duration of the whole in seconds."""
        return max(self.end.values(), default=0.0)


def remaining(graph: Graph) -> Mapping[str, float]:
    """For each step how long, in seconds, what it begins is expected to go on: itself, and what waits for it."""
    if (known := graph.memory.get("remaining")) is None:
        known = graph.memory["remaining"] = dict[str, float]()
        for step in reversed(graph.steps):
            known[step.id] = step.planned + max((known[name] for name in graph.needed_by[step.id]), default=0.0)
    return known


def schedule(graph: Graph) -> Schedule:
    """The expected schedule: a step starts when what it needs has ended and its host is free."""
    start: dict[str, float] = {}
    end: dict[str, float] = {}
    before: dict[str, str | None] = {}
    free: dict[str, tuple[float, str]] = {}
    for step in graph.steps:
        waits = [(end[need], need) for need in step.needs]
        if step.host and step.lane in free:
            waits.append(free[step.lane])
        start[step.id], before[step.id] = max(waits, default=(0.0, None))
        end[step.id] = start[step.id] + step.planned
        free[step.lane] = (end[step.id], step.id)
    return Schedule(start, end, _back_from_last(end, before))


def _back_from_last(end: Mapping[str, float], before: Mapping[str, str | None]) -> tuple[str, ...]:
    path: list[str] = []
    step = max(end, key=lambda name: end[name], default=None)
    while step is not None:
        path.append(step)
        step = before[step]
    return tuple(reversed(path))
