"""Dates and times as people write them: ``Sat 2026-12-05 22:00``; a weekday before a date must be its own."""

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from golive.calendar import rule
from golive.calendar.days import is_region
from golive.calendar.presence import Daily
from golive.calendar.zone import DAYS, is_zone, zones
from golive.plan.pick import similar

_CLOCK = r"([01]\d|2[0-3]):([0-5]\d)"
_DATE = re.compile(rf"(?:([A-Za-z]+),? +)?(\d{{4}})-(\d\d)-(\d\d)(?:[T ]+{_CLOCK}(?::00)?)?")
_HOURS = re.compile(rf"([A-Za-z]+)(?: ?- ?([A-Za-z]+))? +{_CLOCK} ?- ?(?:{_CLOCK}|(24:00))")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TEXT = WithJsonSchema({"type": "string"})


def _wrong(message: str, hint: str) -> PydanticCustomError:
    return PydanticCustomError("when", "{said}", {"said": message, "hint": hint})


def weekday(word: str) -> int | None:
    """The weekday that a word means, Monday is 0: ``Sat``, ``saturday``; None: it means none."""
    found = [number for number, name in enumerate(_FULL) if len(word) >= 2 and name.startswith(word.lower())]
    return found[0] if len(found) == 1 else None


def _read(value: Any, hint: str) -> tuple[date, time | None]:
    match = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise _wrong(f"“{str(value)[:40]}” is no date", hint)
    word, year, month, day, hour, minute = match.groups()
    try:
        on = date(int(year), int(month), int(day))
    except ValueError as error:
        raise _wrong(f"there is no {year}-{month}-{day}", "look at the calendar") from error
    if word and weekday(word) is None:
        raise _wrong(f"“{word}” is no weekday", f"write one of {', '.join(DAYS)}, or leave it out")
    if word and weekday(word) != on.weekday():
        raise _wrong(
            f"{on} is a {_FULL[on.weekday()].capitalize()}, not a {word}", "one of them is wrong: ask who wrote it"
        )
    return on, time(int(hour), int(minute)) if hour else None


def _day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    on, at = _read(value, "write it as 2026-12-05 or Sat 2026-12-05")
    if at:
        raise _wrong("a date is asked for here, without a time of day", f"write {on}")
    return on


def _local(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    on, at = _read(value, "write it as 2026-12-05 22:00 or Sat 2026-12-05 22:00")
    return datetime.combine(on, at or time())


def _until(value: Any) -> Any:
    if isinstance(value, datetime | time):
        return value
    if isinstance(value, str) and (match := re.fullmatch(_CLOCK, value.strip())):
        return time(int(match[1]), int(match[2]))
    on, at = _read(value, "write a time of day such as 04:00, a date, or both")
    return datetime.combine(on, at) if at else datetime.combine(on, time()) + timedelta(days=1)


def _zone(name: str) -> str:
    if not is_zone(name):
        raise _wrong(
            f"there is no time zone {name}", similar(name, zones()) if _near(name) else "write one such as Europe/Paris"
        )
    return name


def _near(name: str) -> bool:
    from golive.plan.pick import closest

    return bool(closest(name, zones()))


def _region(name: str) -> str:
    if not is_region(name):
        raise _wrong(
            f"no public holidays are known for {name}", "write a country such as FR, or a part of one such as DE-BY"
        )
    return name


def _rule(text: str) -> str:
    if wrong := rule.wrong(text):
        raise _wrong(wrong, "write a rule of RFC 5545 such as FREQ=WEEKLY;BYDAY=SA")
    return text


def _daily(value: Any) -> Any:
    """``Mon-Fri 08:00-17:00`` as hours; an end that is not later than the start lies on the next day."""
    if isinstance(value, Daily):
        return value
    match = _HOURS.fullmatch(value.strip()) if isinstance(value, str) else None
    first = weekday(match[1]) if match else None
    last = (weekday(match[2]) if match[2] else first) if match else None
    if match is None or first is None or last is None:
        raise _wrong(f"“{str(value)[:40]}” does not say hours", "write them as Mon-Fri 08:00-17:00")
    start = 60 * int(match[3]) + int(match[4])
    end = 1440 if match[7] else 60 * int(match[5]) + int(match[6])
    days = tuple(number % 7 for number in range(first, last + (1 if last >= first else 8)))
    return Daily(days, start, end if end > start else end + 1440)


Day = Annotated[date, BeforeValidator(_day), _TEXT]
"""A date, perhaps with its weekday before it."""

Local = Annotated[datetime, BeforeValidator(_local), _TEXT]
"""A local time; a date alone means its beginning."""

Until = Annotated[datetime | time, BeforeValidator(_until), _TEXT]
"""An end: a time of day, a local time, or a date, whose end is meant."""

Zone = Annotated[str, AfterValidator(_zone)]
"""The IANA name of a time zone."""

Region = Annotated[str, AfterValidator(_region)]
"""A country whose public holidays count, or a part of one: ``FR``, ``DE-BY``."""

Rule = Annotated[str, AfterValidator(_rule)]
"""A recurrence rule of RFC 5545."""

WorkingHours = Annotated[Daily, BeforeValidator(_daily), _TEXT, Field()]
"""Hours of work on some weekdays: ``Mon-Fri 08:00-17:00``."""
