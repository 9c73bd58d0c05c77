"""The axis of time: where an instant lies across a sheet, and which times are named."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from golive.calendar.zone import DAYS, instant, local
from golive.graph.words import span

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(_MINUTE * count for count in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * count for count in (1, 3, 6, 12)),
    *(_DAY * count for count in (1, 2, 7, 14, 28, 91, 364)),
)


@dataclass(frozen=True)
class Axis:
    """From ``start`` to ``end``, in seconds from the beginning, over the room from ``left`` on."""

    start: float
    end: float
    left: float
    room: float
    begin: datetime | None = None
    """The instant of the beginning; None: times count from it."""
    zone: str = "UTC"
    most: int = 7
    """How many times are named at most."""

    def x(self, seconds: float) -> float:
        """Where a time lies; what is out of it lies at its edge."""
        share = (seconds - self.start) / max(self.end - self.start, 1.0)
        return self.left + min(max(share, 0.0), 1.0) * self.room

    def seconds(self, at: datetime) -> float:
        """An instant as seconds from the beginning."""
        return (at - (self.begin or at)).total_seconds()

    @property
    def step(self) -> int:
        """Seconds between two named times."""
        long = self.end - self.start
        return next((step for step in _STEPS if long / step <= self.most), _STEPS[-1])

    def ticks(self) -> Iterator[tuple[float, str]]:
        """The named times, each with where it lies and what it is called."""
        if self.begin is None:
            count = int(-(-self.start // self.step))
            while count * self.step <= self.end:
                yield self.x(count * self.step), f"+{span(count * self.step)}" if count else "T"
                count += 1
            return
        at = self._first(self.begin)
        while self.seconds(instant(at, self.zone)) <= self.end:
            if self.seconds(instant(at, self.zone)) >= self.start:
                yield self.x(self.seconds(instant(at, self.zone))), self._name(at)
            at += timedelta(seconds=self.step)

    def _first(self, begin: datetime) -> datetime:
        """The local midnight at or before the start; the Monday's where weeks are counted; later, a round time."""
        there = local((begin + timedelta(seconds=self.start)).astimezone(UTC), self.zone).replace(tzinfo=None)
        midnight = datetime(there.year, there.month, there.day)
        if self.step >= 7 * _DAY:
            return midnight - timedelta(days=midnight.weekday())
        gone = int((there - midnight).total_seconds() // self.step) * self.step if self.step < _DAY else 0
        return midnight + timedelta(seconds=gone)

    def _name(self, at: datetime) -> str:
        day = f"{DAYS[at.weekday()]} {at:%m-%d}"
        if self.step >= _DAY:
            return day if self.step < 91 * _DAY else f"{at:%Y-%m-%d}"
        return day if at.hour == at.minute == at.second == 0 else f"{at:%H:%M}" + (f":{at:%S}" if at.second else "")
