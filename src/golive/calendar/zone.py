"""Local times and instants: zones by their IANA names, and what happens on the nights when the clocks change.

The rule is that of RFC 5545, section 3.3.5. A local time that is skipped when the clocks go forward is read with the
offset before the change: 02:30 becomes 03:30. One that occurs twice when they go back means the first of the two.
"""

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""Short names of weekdays, Monday first, whatever the locale."""


def is_zone(name: str) -> bool:
    """Whether there is a zone of this name."""
    try:
        _zone(name)
    except (KeyError, ValueError, OSError):  # what zoneinfo raises on unknown names and on strange ones
        return False
    return True


def zones() -> frozenset[str]:
    """The names of all zones; slow, for hints only."""
    return frozenset(available_timezones())


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def instant(local: datetime, zone: str) -> datetime:
    """The instant, in UTC, of a local time without zone."""
    return local.replace(tzinfo=_zone(zone), fold=0).astimezone(UTC)


def local(at: datetime, zone: str) -> datetime:
    """The local time, with its zone, of an instant."""
    return at.astimezone(_zone(zone))


def oddity(local: datetime, zone: str) -> str:
    """What is odd about a local time, in words; empty for nearly all of them.

    >>> oddity(datetime(2026, 3, 29, 2, 30), "Europe/Paris")
    '02:30 does not exist on Sun 2026-03-29 (the clocks go forward): it is read as 03:30'
    """
    first, second = (local.replace(tzinfo=_zone(zone), fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return ""
    read = first.astimezone(UTC).astimezone(_zone(zone))
    if read.replace(tzinfo=None) != local:
        return f"{local:%H:%M} does not exist on {day(local)} (the clocks go forward): it is read as {read:%H:%M}"
    return f"{local:%H:%M} occurs twice on {day(local)} (the clocks go back): the first is meant, {read:%Z}"


def day(at: datetime) -> str:
    """The date with its weekday: ``Sat 2026-12-05``."""
    return f"{DAYS[at.weekday()]} {at:%Y-%m-%d}"


def shown(at: datetime, zone: str) -> str:
    """An instant as people at a place read it: ``Sat 2026-12-05 22:00 CET``."""
    there = local(at, zone)
    return f"{day(there)} {there:%H:%M} {there:%Z}"
