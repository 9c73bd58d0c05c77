"""Whether a person works at a time: hours of work, shifts, leave and holidays, in the person's own zone.

``Hours`` says when a person works; ``golive.plan.timing.hours_of`` makes one of what the plan says. Shifts that were
agreed count on any day and hour, but not during leave. Of a person without hours only leave and shifts are known.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from golive.calendar.days import day_off, holiday
from golive.calendar.span import Span, minus, union, within
from golive.calendar.times import Times, occurrences, spans
from golive.calendar.zone import instant, local, shown

_DAY = timedelta(days=1)


class Presence(StrEnum):
    """How a person stands at a time."""

    WORKS = "works"
    OFF = "off"
    """Outside the hours of work, or on a weekend."""
    HOLIDAY = "holiday"
    LEAVE = "leave"
    UNKNOWN = "unknown"
    """The plan does not say when the person works."""


@dataclass(frozen=True)
class Daily:
    """Hours of work on some weekdays, in minutes from midnight; an end beyond 1440 lies on the next day."""

    days: tuple[int, ...]
    """Weekdays, Monday is 0."""
    start: int
    end: int


@dataclass(frozen=True)
class Hours:
    """When a person works."""

    zone: str
    daily: tuple[Daily, ...] = ()
    """Hours of an ordinary week; none: not known."""
    shifts: tuple[Times, ...] = ()
    leave: tuple[Times, ...] = ()
    regions: tuple[str, ...] = ()
    """Whose public holidays the person has."""


@dataclass(frozen=True)
class Found:
    """How a person stands at a time, and why, in words."""

    presence: Presence
    because: str

    @property
    def works(self) -> bool:
        """Whether the person is known to work then."""
        return self.presence is Presence.WORKS


@dataclass(frozen=True)
class Gap:
    """A part of a span in which a person does not work, as far as is known."""

    span: Span
    found: Found


def presence(hours: Hours, at: datetime) -> Found:
    """How a person stands at an instant."""
    there = local(at, hours.zone)
    if away := _at(hours.leave, at):
        return Found(Presence.LEAVE, f"on leave: {away}")
    if shift := _at(hours.shifts, at):
        return Found(Presence.WORKS, f"on shift: {shift}")
    if not hours.daily:
        return Found(Presence.UNKNOWN, "the plan does not say the hours of work")
    if any(span.holds(at) for span in _ordinary(hours, at - _DAY, at + _DAY)):
        return Found(Presence.WORKS, "in the hours of work")
    if name := holiday(there.date(), hours.regions):
        return Found(Presence.HOLIDAY, name)
    off = day_off(there.date(), hours.regions)
    return Found(Presence.OFF, f"{off or 'outside the hours of work'} ({shown(at, hours.zone)})")


def working(hours: Hours, since: datetime, until: datetime) -> tuple[Span, ...]:
    """When a person is known to work between two instants."""
    works = (*_ordinary(hours, since, until), *spans(hours.shifts, since, until))
    return within(minus(works, spans(hours.leave, since, until)), Span(since, until))


def gaps(hours: Hours, since: datetime, until: datetime) -> tuple[Gap, ...]:
    """The parts of the time between two instants in which a person is not known to work, each with how that begins.

    None: the person works all the time.
    """
    away = minus([Span(since, until)], working(hours, since, until))
    edges = sorted({edge for span in spans(hours.leave, since, until) for edge in (span.start, span.end)})
    cut = (part for span in away for part in _cut(span, edges))
    return tuple(Gap(span, presence(hours, span.start)) for span in cut)


def _cut(span: Span, edges: list[datetime]) -> list[Span]:
    marks = [span.start, *(edge for edge in edges if span.start < edge < span.end), span.end]
    return [Span(start, end) for start, end in pairwise(marks)]


def _at(all_times: tuple[Times, ...], at: datetime) -> str:
    """The name of the one that an instant lies in; empty: none."""
    for times in all_times:
        for found in occurrences(times, at, at + timedelta(seconds=1)):
            if found.span.holds(at):
                return found.name or "no name given"
    return ""


def _ordinary(hours: Hours, since: datetime, until: datetime) -> tuple[Span, ...]:
    """The hours of ordinary weeks, without holidays, that overlap the time between two instants."""
    first, last = local(since, hours.zone).date() - _DAY, local(until, hours.zone).date()
    every = (first + timedelta(days=number) for number in range((last - first).days + 1))
    made = (span for day in every if not holiday(day, hours.regions) for span in _on(hours, day))
    return union(span for span in made if span.end > since and span.start < until)


def _on(hours: Hours, day: date) -> list[Span]:
    midnight = datetime(day.year, day.month, day.day)
    return [
        Span(
            instant(midnight + timedelta(minutes=daily.start), hours.zone),
            instant(midnight + timedelta(minutes=daily.end), hours.zone),
        )
        for daily in hours.daily
        if day.weekday() in daily.days
    ]
