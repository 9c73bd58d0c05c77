"""How long a graph takes: expected starts and ends, the critical path and the expected end. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from golive.graph.graph import Graph
from golive.graph.step import Stage, Step


@dataclass(frozen=True)
class Known:
    """What is known better than the plan knows it; times are in seconds from the beginning.

    A step that has begun and not ended has a start alone. Nothing that has not begun starts before ``now``.
    """

    seconds: Mapping[str, float] = field(default_factory=dict[str, float])
    """Expected durations by step, where they were learned."""
    start: Mapping[str, float] = field(default_factory=dict[str, float])
    end: Mapping[str, float] = field(default_factory=dict[str, float])
    live: Mapping[str, float] = field(default_factory=dict[str, float])
    """When the soak time of a wave began."""
    now: float = 0.0


@dataclass(frozen=True)
class Schedule:
    """Times in seconds from the beginning, when nothing but needs, hosts, waves and soak times holds a step back."""

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


_NOTHING = Known()


def schedule(graph: Graph, known: Known = _NOTHING) -> Schedule:
    """The expected schedule: a step starts when what it needs has ended, its host is free, and its wave has begun.

    Args:
        graph: the graph.
        known: what was learned and what has happened; by default nothing.
    """
    line = _Line(graph, known)
    for step in line.in_order():
        line.place(step)
    return Schedule(line.start, line.end, tuple(line.back_from_last()))


_Wait = tuple[float, str]
"""Until when, and for which step."""


class _Line:
    """Steps in time, placed one after the other."""

    def __init__(self, graph: Graph, known: Known) -> None:
        self._graph, self._known, self._rollout = graph, known, graph.rollout
        self.start: dict[str, float] = {}
        self.end: dict[str, float] = {}
        self._before: dict[str, str | None] = {}
        self._free: dict[str, _Wait] = {}
        self._live: dict[int, _Wait] = {}
        self._met: dict[int, _Wait] = {}
        self._opened: dict[int, _Wait | None] = {}

    def in_order(self) -> list[Step]:
        """Wave by wave, the exit criteria of each behind the rest of it."""
        return sorted(self._graph.steps, key=lambda step: (self._wave(step), step.soaked))

    def _wave(self, step: Step) -> int:
        return self._rollout.wave_of.get(step.site or "", -1)

    def place(self, step: Step) -> None:
        """Gives the step its start and its end."""
        start, self._before[step.id] = max(self._waits(step), default=(0.0, None))
        start = self._known.start.get(step.id, max(start, self._known.now))
        end = start + self._known.seconds.get(step.id, step.planned)
        if step.id in self._known.start:
            end = max(end, self._known.now)
        self.start[step.id], self.end[step.id] = start, self._known.end.get(step.id, end)
        mine = (self.end[step.id], step.id)
        self._free[step.lane] = max(mine, self._free.get(step.lane, mine))
        ends, wave = self._met if step.soaked else self._live, self._wave(step)
        ends[wave] = max(mine, ends.get(wave, mine))

    def _waits(self, step: Step) -> Iterator[_Wait]:
        for need in step.needs:
            yield self.end[need], need
        if step.host and step.lane in self._free:
            yield self._free[step.lane]
        wave = self._wave(step)
        if step.soaked:
            yield from self._soaked(wave)
        if wave > 0 and step.stage.order >= Stage.DEPLOY.order:
            if wave not in self._opened:
                waits = (wait for before in range(wave) for wait in self._passed(before))
                self._opened[wave] = max(waits, default=None)
            if (opened := self._opened[wave]) is not None:
                yield opened

    def _passed(self, wave: int) -> Iterator[_Wait]:
        yield from self._soaked(wave)
        if wave in self._met:
            yield self._met[wave]

    def _soaked(self, wave: int) -> Iterator[_Wait]:
        """When a wave has run live for its soak time."""
        if wave in self._live:
            end, last = self._live[wave]
            spec = self._rollout.waves[wave]
            yield max(end, self._known.live.get(spec.name, end) + spec.soak), last

    def back_from_last(self) -> list[str]:
        """The critical path: from the last step back along what each waited for."""
        path: list[str] = []
        step = max(self.end, key=lambda name: self.end[name], default=None)
        while step is not None:
            path.append(step)
            step = self._before[step]
        return path[::-1]
