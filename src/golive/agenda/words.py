"""Hours of work as people write them."""

from golive.calendar.presence import Daily, Hours
from golive.calendar.zone import DAYS


def hours_said(hours: Hours) -> str:
    """When a person works in an ordinary week.

    >>> hours_said(Hours("UTC", (Daily((0, 1, 2, 3, 4), 480, 1020),)))
    'Mon-Fri 08:00-17:00'
    """
    return ", ".join(map(_daily, hours.daily)) or "hours not known"


def _daily(daily: Daily) -> str:
    days = daily.days
    named = DAYS[days[0]] if len(days) == 1 else f"{DAYS[days[0]]}-{DAYS[days[-1]]}"
    return f"{named} {_clock(daily.start)}-{_clock(daily.end)}"


def _clock(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours if hours <= 24 else hours - 24:02}:{rest:02}"
