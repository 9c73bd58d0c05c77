"""How long a graph takes: expected starts and ends, the critical path and the expected end. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from golive.calendar.timing import next_opening
from golive.calendar.zone import instant
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
    begin: datetime | None = None
    """The instant of the beginning; with it steps wait for windows, freezes and planned dates as well."""


@dataclass(frozen=True)
class Schedule:
    """Times in seconds from the beginning, when nothing but needs, hosts, waves and soak times holds a step back.

    Where the instant of the beginning is known, windows, freezes and planned dates hold steps back too.
    """

    start: Mapping[str, float]
    end: Mapping[str, float]
    critical: tuple[str, ...]
    never: tuple[str, ...] = ()
    """Steps for which nothing opens in sight; their times are those at which they would be ready."""

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


def direct(steps: Iterable[Step]) -> Mapping[str, tuple[str, ...]]:
    """For each of these steps those of them that it needs and that no other of its needs implies.

    Args:
        steps: each behind what it needs.
    """
    above: dict[str, set[str]] = {}
    found: dict[str, tuple[str, ...]] = {}
    for step in steps:
        needs = [need for need in step.needs if need in above]
        far = {name for need in needs for name in above[need]}
        above[step.id] = far | set(needs)
        found[step.id] = tuple(need for need in needs if need not in far)
    return found


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
    return Schedule(line.start, line.end, tuple(line.back_from_last()), tuple(line.never))


def latest_begin(graph: Graph) -> datetime | None:
    """The latest beginning with which every planned date can be kept; None: the plan gives no date.

    A date that comes before all that its stage waits for leaves no time for it, as when only cutovers have dates: then
    the rollout has to begin so much earlier.
    """
    plain, begins = schedule(graph), list[datetime]()
    for site, timing in graph.timings.items():
        for stage, at in timing.planned:
            first = [plain.start[step.id] for step in graph.of_site.get(site, ()) if step.stage == stage]
            if first:
                planned = instant(datetime.fromisoformat(at), timing.zone)
                begins.append(planned - timedelta(seconds=min(first)))
    return min(begins).replace(second=0, microsecond=0) if begins else None


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
        self._begun: set[str] = set()
        """Sites whose cutover has begun: no window holds it any more."""
        self.never: list[str] = []

    def in_order(self) -> list[Step]:
        """Wave by wave, the exit criteria of each behind the rest of it."""
        return sorted(self._graph.steps, key=lambda step: (self._wave(step), step.soaked))

    def _wave(self, step: Step) -> int:
        return self._rollout.wave_of.get(step.site or "", -1)

    def place(self, step: Step) -> None:
        """Gives the step its start and its end."""
        start, self._before[step.id] = max(self._waits(step), default=(0.0, None))
        start = self._known.start.get(step.id, self._opens(step, max(start, self._known.now)))
        end = start + self._known.seconds.get(step.id, step.planned)
        if step.id in self._known.start:
            end = max(end, self._known.now)
        self.start[step.id], self.end[step.id] = start, self._known.end.get(step.id, end)
        mine = (self.end[step.id], step.id)
        self._free[step.lane] = max(mine, self._free.get(step.lane, mine))
        ends, wave = self._met if step.soaked else self._live, self._wave(step)
        ends[wave] = max(mine, ends.get(wave, mine))

    def _opens(self, step: Step, start: float) -> float:
        """When the time of day lets a step begin that is ready at ``start``; as ``golive.reconcile.clock`` has it."""
        site, begin = step.site or "", self._known.begin
        timing = self._graph.timings.get(site)
        cutover = step.stage is Stage.CUTOVER
        if begin is None or timing is None or step.do.kind == "decision" or (cutover and site in self._begun):
            return start
        seconds = self._known.seconds.get(step.id, step.planned)
        if cutover:
            self._begun.add(site)
            seconds = self._graph.ahead[step.id] + timing.back_out + timing.margin
        found = next_opening(timing, step.scope, begin + timedelta(seconds=start), seconds)
        if found is None:
            self.never.append(step.id)
            return start
        return max(start, (found.start - begin).total_seconds())

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
