"""Words that the flags share. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta


def some(names: Sequence[str], most: int = 3) -> str:
    """The first names, and how many more there are."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else "".join(names)


def span(seconds: float) -> str:
    """A span of time as people say it."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    minutes = int(seconds // 60)
    return f"{minutes} min {seconds % 60:g} s" if minutes else f"{seconds:g} s"


def young_until(day: date, within: float) -> date:
    """The last day on which evidence of a day is young enough."""
    return day + timedelta(seconds=within)
