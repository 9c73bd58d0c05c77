"""Recurrence rules (RFC 5545, section 3.3.10) over local times, expanded by python-dateutil.

Only rules by day, week, month or year: a window that opens every second is a mistake. A rule is searched for at most
``YEARS`` years from its start. One that can never come true (30 February) is refused before, since dateutil would look
for its first date up to the year 9999.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from golive.calendar.zone import local

YEARS = 30
_PARTS = frozenset(
    "FREQ INTERVAL COUNT UNTIL BYDAY BYMONTHDAY BYMONTH BYWEEKNO BYYEARDAY BYSETPOS WKST".split()  # noqa: SIM905
)
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_ONLY = {
    "BYWEEKNO": ("YEARLY",),
    "BYYEARDAY": ("YEARLY",),
    "BYSETPOS": ("MONTHLY", "YEARLY"),
    "BYMONTHDAY": ("DAILY", "MONTHLY", "YEARLY"),
}
_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def wrong(text: str) -> str:
    """What is wrong with a rule, in a sentence; empty: nothing.

    >>> wrong("FREQ=HOURLY")
    'FREQ is one of DAILY, WEEKLY, MONTHLY, YEARLY'
    """
    try:
        parts = _parts(text)
        if unknown := sorted(parts.keys() - _PARTS):
            return f"“{unknown[0]}” is no part of a rule that is known here"
        if parts.get("FREQ") not in _FREQUENCIES:
            return f"FREQ is one of {', '.join(_FREQUENCIES)}"
        if int(parts.get("COUNT", 1)) < 1:
            return "COUNT is a number from 1"
        if part := next((part for part, only in _ONLY.items() if part in parts and parts["FREQ"] not in only), ""):
            return f"{part} goes with {' or '.join(f'FREQ={frequency}' for frequency in _ONLY[part])}"
        if not _has_a_day(parts):
            return "no such day is in these months"
        next(_expanded(parts, datetime(2000, 1, 1), "UTC", datetime(2000, 1, 2)), None)
    except (ValueError, TypeError, IndexError, KeyError) as error:
        return f"not a rule: {str(error) or type(error).__name__}"
    return ""


def starts(rule: str, first: datetime, zone: str, before: datetime) -> Iterator[datetime]:
    """The local times at which a rule comes true, in order.

    Args:
        rule: the rule; empty: ``first`` alone.
        first: the local time at which it begins (``DTSTART``); its time of day is that of all.
        zone: in which an ``UNTIL`` that is given in UTC is read.
        before: none at or after this local time.
    """
    if rule:
        yield from _expanded(_parts(rule), first, zone, before)
    elif first < before:
        yield first


def horizon(first: datetime) -> datetime:
    """How far a rule that begins then is searched."""
    return first + timedelta(days=366 * YEARS)


def _parts(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.upper().removeprefix("RRULE:").strip(";").split(";")]
    parts = {name.strip(): value.strip() for name, _, value in pairs}
    if len(parts) < len(pairs):
        raise ValueError("a part stands twice")
    return parts


def _has_a_day(parts: dict[str, str]) -> bool:
    months = [int(month) for month in parts.get("BYMONTH", "1").split(",")]
    days = [abs(int(day)) for day in parts.get("BYMONTHDAY", "1").split(",")]
    return any(day <= _MONTHS[month - 1] for month in months for day in days)


def _expanded(parts: dict[str, str], first: datetime, zone: str, before: datetime) -> Iterator[datetime]:
    from dateutil.rrule import rrulestr

    last = before - timedelta(seconds=1)
    if "UNTIL" in parts:
        last = min(last, _until(parts["UNTIL"], zone))
    if last < first:
        return
    held = {name: value for name, value in parts.items() if name not in ("COUNT", "UNTIL")}
    text = ";".join(f"{name}={value}" for name, value in held.items())
    found = rrulestr(f"{text};UNTIL={last:%Y%m%dT%H%M%S}", dtstart=first)
    yield from islice(found, int(parts["COUNT"]) if "COUNT" in parts else None)


def _until(text: str, zone: str) -> datetime:
    """The last local time that an UNTIL allows; a date means the whole of that day."""
    if "T" not in text:
        return datetime.strptime(text, "%Y%m%d") + timedelta(days=1, seconds=-1)
    at = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")
    return local(at.replace(tzinfo=UTC), zone).replace(tzinfo=None) if text.endswith("Z") else at
