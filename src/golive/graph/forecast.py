"""When the steps of a graph are expected: as late as all planned dates can be kept, in windows and out of freezes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from golive.calendar.zone import shown
from golive.graph.graph import Graph
from golive.graph.order import Known, Schedule, latest_begin, schedule
from golive.graph.step import Step
from golive.graph.words import span


@dataclass(frozen=True)
class Forecast:
    """When the steps of a graph are expected, and from which instant on their times count."""

    graph: Graph
    zone: str = ""
    """In which times are told; empty: that of the first site with one."""

    @cached_property
    def begin(self) -> datetime | None:
        """The instant of the beginning; None: the plan gives no date."""
        return latest_begin(self.graph)

    @cached_property
    def times(self) -> Schedule:
        """The expected schedule."""
        return schedule(self.graph, Known(begin=self.begin))

    @cached_property
    def critical(self) -> frozenset[str]:
        """The ids of the steps on the critical path."""
        return frozenset(self.times.critical)

    def extent(self, steps: Sequence[Step]) -> tuple[float, float]:
        """From the first start to the last end of some steps, in seconds from the beginning."""
        return min(self.times.start[step.id] for step in steps), max(self.times.end[step.id] for step in steps)

    def working(self, steps: Sequence[Step]) -> tuple[Step, ...]:
        """Those in which something is done: without what people are asked before, and without the soak time's end.

        Of nothing but such all of them, so that there is an extent.
        """
        held = tuple(step for step in steps if step.do.kind not in ("person", "decision") and not step.soaked)
        return held or tuple(steps)

    def instant(self, seconds: float) -> datetime | None:
        """The instant of a time from the beginning; None: the plan gives no date."""
        return self.begin + timedelta(seconds=seconds) if self.begin else None

    def at(self, seconds: float) -> str:
        """A time as people read it."""
        if (found := self.instant(seconds)) is None:
            return f"T + {span(seconds)}" if round(seconds) else "T"
        first = next((timing.zone for timing in self.graph.timings.values()), "UTC")
        return shown(found, self.zone or first)
