"""When the run is expected to end, from what has happened and from how long steps took so far. Pure.

1. A step takes as long as its like took: the median of the same step at other hosts and sites, in this run and in those
   that are given besides. What was never done takes as long as the plan says.
2. What is done lies where it was; what runs ends when it is expected to, and not before now; the rest begins now at the
   earliest, behind what it needs, its host, its wave and the soak time.
3. What can never begin in this run takes no time.
"""

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from golive.graph.graph import Graph
from golive.graph.order import Known, Schedule, schedule
from golive.graph.step import Step
from golive.journal.events import (
    AttemptAllocated,
    AttemptEnded,
    AttemptStarted,
    DecisionAsked,
    DecisionTaken,
    Do,
    Entry,
    Outcome,
)
from golive.reconcile.next import end_of_the_road
from golive.reconcile.standing import is_done
from golive.reconcile.state import State, Status

_UNDER_WAY = frozenset({Status.RUNNING, Status.WAITING})


def like(step: str) -> str:
    """What the same step at other hosts and sites shares with it: ``deploy/kinto`` of ``lyon/deploy/kinto@app-1``."""
    return step.partition("@")[0].partition("/")[2]


@dataclass
class Times:
    """When steps began and ended, and how long they took: kept up entry by entry."""

    began: datetime | None = None
    start: dict[str, datetime] = field(default_factory=dict[str, datetime])
    end: dict[str, datetime] = field(default_factory=dict[str, datetime])
    took: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    """Seconds, by what steps have in common."""
    _doing: dict[int, str] = field(default_factory=dict[int, str])

    def see(self, entry: Entry) -> None:
        """Takes an entry in."""
        at, event = datetime.fromisoformat(entry.at), entry.event
        self.began = self.began or at
        match event:
            case AttemptAllocated() if event.action is Do.DO:
                self._doing[event.attempt] = event.step
            case AttemptStarted() if event.attempt in self._doing:
                self.start[self._doing[event.attempt]] = at
            case AttemptEnded() if event.attempt in self._doing:
                self._ended(self._doing[event.attempt], at, event)
            case DecisionAsked():
                self.start[event.step] = at
            case DecisionTaken():
                self.end[event.step] = at
            case _:
                pass

    def _ended(self, step: str, at: datetime, event: AttemptEnded) -> None:
        self.end[step] = at
        self.start.setdefault(step, at - timedelta(seconds=event.seconds))
        if event.outcome is Outcome.DONE:
            self.took.setdefault(like(step), []).append(event.seconds)


def times(entries: Iterable[Entry]) -> Times:
    """Those of a journal."""
    found = Times()
    for entry in entries:
        found.see(entry)
    return found


@dataclass(frozen=True)
class Expected:
    """What is expected of a run that is under way."""

    schedule: Schedule
    end: datetime
    learned: int
    """How many of the steps that are still to come were estimated from what their like took."""


def expected(graph: Graph, state: State, known: Times, now: datetime, before: Iterable[Times] = ()) -> Expected:
    """What is expected from now on.

    Args:
        graph: the current revision.
        state: the fold over the journal.
        known: the times of this run.
        now: the time, with zone.
        before: the times of earlier runs.
    """
    began = known.began or now
    medians = _medians([known, *before])
    never = end_of_the_road(graph, state)
    seconds, start, end = dict[str, float](), dict[str, float](), dict[str, float]()
    learned = 0
    for step in graph.steps:
        held = state.step(step.id)
        if is_done(step, graph, state):
            start[step.id] = _since(began, known.start.get(step.id, now))
            end[step.id] = _since(began, known.end.get(step.id, now))
        elif _over(step, state) or never(step):
            start[step.id] = end[step.id] = _since(began, now)
        else:
            if held.status in _UNDER_WAY:
                start[step.id] = _since(began, known.start.get(step.id, now))
            if (found := medians.get(like(step.id))) is not None:
                seconds[step.id] = found
                learned += 1
    live = {wave: _since(began, datetime.fromisoformat(at)) for wave, at in state.soaks.items()}
    made = schedule(graph, Known(seconds, start, end, live, _since(began, now)))
    return Expected(made, began + timedelta(seconds=made.total), learned)


def _medians(all_of_them: Iterable[Times]) -> Mapping[str, float]:
    found: dict[str, list[float]] = {}
    for one in all_of_them:
        for name, seconds in one.took.items():
            found.setdefault(name, []).extend(seconds)
    return {name: statistics.median(seconds) for name, seconds in found.items()}


def _over(step: Step, state: State) -> bool:
    """Whether nothing more is done at the step's site but going back."""
    return bool(state.ended or state.abort or state.site(step.site).backing_out)


def _since(began: datetime, at: datetime) -> float:
    return (at - began).total_seconds()
