"""When the steps of a site may run: windows, freezes, and dates before which a stage does not begin.

A step may run in any window that is about it, in none of the freezes that are about it, and not before the date that is
planned for its stage. A step that no window is about may run at any other time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from functools import lru_cache

from golive.calendar.span import Span, minus, union
from golive.calendar.times import Occurrence, Times, next_of, occurrences, spans
from golive.calendar.zone import instant

FAR = timedelta(days=400)
"""How far ahead a next opening is looked for."""
NEAR = timedelta(days=12)
"""How far it is looked for first: most of the time that is enough, and cheap."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Timing:
    """What the time of day and the date mean for the steps of one site; plain values, carried by the graph."""

    zone: str
    windows: tuple[Times, ...] = ()
    freezes: tuple[Times, ...] = ()
    planned: tuple[tuple[str, str], ...] = ()
    """Stages with the local time, as ISO 8601, before which they do not begin."""
    back_out: float = 0.0
    """How long a back-out of the site takes, in seconds."""
    margin: float = 0.0
    """What has to be left of a window behind a back-out, in seconds."""

    @property
    def empty(self) -> bool:
        """Whether it holds nothing back at any time."""
        return not (self.windows or self.freezes or self.planned)


@dataclass(frozen=True)
class Scope:
    """What is asked about: a step, by its stage and its name behind the site's (``cutover/copy@db-1``)."""

    stage: str
    name: str

    def of(self, times: Times) -> bool:
        """Whether these times are about it."""
        return not times.scopes or any(scope == self.stage or fnmatchcase(self.name, scope) for scope in times.scopes)


@dataclass(frozen=True)
class Closed:
    """Why nothing may run at a time."""

    kind: str
    """``window``, ``freeze`` or ``date``."""
    name: str


def open_spans(timing: Timing, scope: Scope, since: datetime, until: datetime) -> tuple[Span, ...]:
    """When a step may run between two instants.

    Args:
        timing: the site's.
        scope: the step.
        since: from then on; the first span may begin earlier.
        until: up to then; the last span may end later.
    """
    freezes = tuple(times for times in timing.freezes if scope.of(times))
    return minus(_openings(timing, scope, since, until), spans(freezes, since, until))


def _openings(timing: Timing, scope: Scope, since: datetime, until: datetime) -> tuple[Span, ...]:
    """When the windows are open, from the planned date on."""
    about = tuple(times for times in timing.windows if scope.of(times))
    begin = begins(timing, scope.stage)
    opened = spans(about, since, until) if about else iter((Span(since, until),))
    return tuple(opened) if begin is None else tuple(Span(max(span.start, begin), span.end) for span in opened)


def begins(timing: Timing, stage: str) -> datetime | None:
    """The instant before which a stage does not begin; None: there is no date for it."""
    planned = dict(timing.planned).get(stage)
    return instant(datetime.fromisoformat(planned), timing.zone) if planned else None


@lru_cache(maxsize=8192)
def _ahead(timing: Timing, scope: Scope, day: datetime, ahead: timedelta) -> tuple[Span, ...]:
    return union(open_spans(timing, scope, day, day + ahead))


def next_opening(timing: Timing, scope: Scope, at: datetime, seconds: float = 0.0) -> Span | None:
    """The first span in which something that takes so long can begin at ``at`` or later, and end in it.

    It is open now when the span's start is not later than ``at``. None: there is no such span in ``FAR``. The end of a
    span that no window and no freeze ends is that of the search: see ``open_until``.
    """
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    need = timedelta(seconds=seconds)
    for ahead in (NEAR, FAR + _DAY):
        for span in _ahead(timing, scope, day, ahead):
            if span.end >= day + NEAR and ahead is NEAR:
                break  # it may go on behind what was looked at
            if span.end > at and max(span.start, at) + need <= span.end:
                return span
    return None


def is_open(timing: Timing, scope: Scope, at: datetime, seconds: float = 0.0) -> bool:
    """Whether something that takes so long may begin at an instant."""
    found = next_opening(timing, scope, at, seconds)
    return found is not None and found.start <= at


def open_until(timing: Timing, scope: Scope, at: datetime) -> datetime | None:
    """When what is open at an instant closes; ``at`` itself when it is closed, None when no end is in sight."""
    found = next_opening(timing, scope, at)
    if found is None or found.start > at:
        return at
    return None if found.end >= at + FAR else found.end


def closed(timing: Timing, scope: Scope, at: datetime) -> Closed | None:
    """Why nothing may run at an instant; None: it is open."""
    for times in timing.freezes:
        if scope.of(times) and any(found.span.holds(at) for found in occurrences(times, at, at + _DAY)):
            return Closed("freeze", times.name)
    begin = begins(timing, scope.stage)
    if begin and at < begin:
        return Closed("date", scope.stage)
    about = [times for times in timing.windows if scope.of(times)]
    if not about or any(found.span.holds(at) for times in about for found in occurrences(times, at, at + _DAY)):
        return None
    coming = sorted(found for times in about if (found := next_of(times, at)))
    return Closed("window", coming[0].name if coming else "")


def all_occurrences(timing: Timing, since: datetime, until: datetime) -> Iterator[tuple[str, Times, Occurrence]]:
    """All windows and freezes of a site between two instants: the kind, the times, the occurrence."""
    for kind, group in (("window", timing.windows), ("freeze", timing.freezes)):
        for times in group:
            yield from ((kind, times, found) for found in occurrences(times, since, until))
