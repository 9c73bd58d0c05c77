"""A person's entries as iCalendar (RFC 5545).

1. An entry keeps its UID when it moves; a later export has a higher SEQUENCE, so that calendars replace what they hold.
2. What an earlier export held and this one does not is said to be cancelled: a calendar would keep it otherwise.
3. Times are local times of a zone, whose rules are in the file; the second of two equal local times is told in UTC.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from golive import __version__
from golive.agenda.entry import Entry, Kind
from golive.calendar.zone import local
from golive.digest import digest

_BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
_BUSY = frozenset({Kind.STAGE, Kind.ASKED, Kind.LEAVE, Kind.SHIFT})
"""Kinds in which the person has no time for anything else."""


def ical(solution: str, owner: str, held: Sequence[Entry], now: datetime, before: str = "") -> str:
    """A calendar.

    Args:
        solution: name of the solution; with an entry's key it makes the entry's UID.
        owner: whose calendar it is, for its name.
        held: the entries.
        now: the time of the export, with zone.
        before: the earlier export that this one replaces; empty: there is none.
    """
    from icalendar import Calendar

    made: Any = Calendar()
    made.add("prodid", f"-//golive//golive {__version__}//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("x-wr-calname", f"{solution}: {owner}")
    uids = set[str]()
    for entry in held:
        made.add_component(_event(solution, entry, now))
        uids.add(uid(solution, entry.key))
    for gone in _cancelled(before, uids, now):
        made.add_component(gone)
    made.add_missing_timezones()
    return made.to_ical().decode("utf-8")


def uid(solution: str, key: str) -> str:
    """What a calendar knows an entry by."""
    return f"{digest([solution, key])[:32]}@golive"


def _event(solution: str, entry: Entry, now: datetime) -> Any:
    from icalendar import Event

    event: Any = Event()
    event.add("uid", uid(solution, entry.key))
    _stamp(event, now)
    event.add("summary", entry.title)
    start, end = _moment(entry, entry.start), _moment(entry, entry.end)
    event.add("dtstart", start)
    if end > start:  # what takes no time has no end: RFC 5545 wants one later than the start
        event.add("dtend", end)
    event.add("categories", [str(entry.kind)])
    event.add("transp", "OPAQUE" if entry.kind in _BUSY else "TRANSPARENT")
    event.add("status", "CONFIRMED")
    told = [*entry.notes, *([f"plan: {entry.source}"] if entry.source else [])]
    if told:
        event.add("description", "\n".join(told))
    if entry.site:
        event.add("location", entry.site)
    return event


def _stamp(event: Any, now: datetime) -> None:
    for name in ("dtstamp", "sequence"):
        event.pop(name, None)
    event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", int((now - _BEGAN) / timedelta(seconds=1)))


def _moment(entry: Entry, at: datetime) -> Any:
    """A date of whole days; else the local time, or UTC where the local time alone would mean another instant."""
    there = local(at, entry.zone)
    if entry.days:
        return there.date()
    return at.astimezone(UTC) if there.fold else there.replace(tzinfo=ZoneInfo(entry.zone), microsecond=0)


def _cancelled(before: str, uids: set[str], now: datetime) -> Iterator[Any]:
    """The events of an earlier export that are no more; those of other programs are none of ours."""
    from icalendar import Calendar

    if not before:
        return
    earlier: Any = Calendar.from_ical(before)
    for event in earlier.walk("VEVENT"):
        if str(event["uid"]).endswith("@golive") and str(event["uid"]) not in uids:
            event.pop("status", None)
            event.add("status", "CANCELLED")
            _stamp(event, now)
            yield event
