"""Times: a stretch of local time, once or recurring. Windows, freezes, leave and shifts are all of these."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from golive.calendar import rule
from golive.calendar.span import Span
from golive.calendar.zone import instant, oddity

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Times:
    """A stretch of local time, once or by a rule; plain values only, so that a graph can carry it."""

    zone: str
    """IANA name of the zone in which it is meant."""
    start: str
    """Local time of the first one, as ISO 8601."""
    seconds: float
    """How long one is."""
    elapsed: bool = False
    """Whether that is by a stopwatch; otherwise by the clock on the wall, which may jump meanwhile."""
    rule: str = ""
    """RFC 5545 rule by which it recurs; empty: once."""
    skips: tuple[str, ...] = ()
    """Local dates on which none begins, as ISO 8601."""
    name: str = ""
    scopes: tuple[str, ...] = ()
    """Stages, or patterns of names of steps, that it is about; none: all."""

    @property
    def first(self) -> datetime:
        """Local time at which the first one begins."""
        return datetime.fromisoformat(self.start)


@dataclass(frozen=True, order=True)
class Occurrence:
    """One of ``Times``, as instants."""

    span: Span
    name: str
    notes: tuple[str, ...] = ()
    """What a change of the clocks does to it."""


def occurrences(times: Times, since: datetime, until: datetime) -> Iterator[Occurrence]:
    """All that overlap the time between two instants, in order of their beginnings."""
    years = range((since - _longest(times)).year, until.year + 2)
    for year in years:
        for found in _in_year(times, year):
            if found.span.end > since and found.span.start < until:
                yield found


def spans(all_times: Iterable[Times], since: datetime, until: datetime) -> Iterator[Span]:
    """As ``occurrences``, of several."""
    for times in all_times:
        yield from (found.span for found in occurrences(times, since, until))


def next_of(times: Times, since: datetime) -> Occurrence | None:
    """The first one that has not ended at an instant; None when there is no further one in ``rule.YEARS`` years."""
    end = rule.horizon(max(times.first, since.replace(tzinfo=None)))
    for year in range((since - _longest(times)).year, end.year):
        if found := next((found for found in _in_year(times, year) if found.span.end > since), None):
            return found
        if not times.rule and year > times.first.year:
            return None
    return None


def first_of(times: Times) -> Occurrence | None:
    """The first one of all; None: it never occurs."""
    return next_of(times, instant(times.first, times.zone) - _DAY)


def _longest(times: Times) -> timedelta:
    return timedelta(seconds=times.seconds) + 2 * _DAY


@lru_cache(maxsize=4096)
def _in_year(times: Times, year: int) -> tuple[Occurrence, ...]:
    """Those that begin in a year by the clock on the wall, which is what rules are written in."""
    first = times.first
    if year < first.year or (not times.rule and year > first.year):
        return ()
    before = datetime(min(year, 9998) + 1, 1, 1)
    begins = (at for at in rule.starts(times.rule, first, times.zone, before) if at.year == year)
    return tuple(_one(times, at) for at in begins if at.date().isoformat() not in times.skips)


def _one(times: Times, begin: datetime) -> Occurrence:
    length = timedelta(seconds=times.seconds)
    start, end = instant(begin, times.zone), instant(begin + length, times.zone)
    notes = [oddity(begin, times.zone)]
    if times.elapsed:
        end = start + length
    else:
        notes.append(oddity(begin + length, times.zone))
    moved = (end - start - length).total_seconds()
    if moved and not times.elapsed:
        notes.append(
            f"the clocks change: it is {abs(moved) / 60:g} min {'longer' if moved > 0 else 'shorter'} than usual"
        )
    return Occurrence(Span(start, max(start, end)), times.name, tuple(note for note in notes if note))
