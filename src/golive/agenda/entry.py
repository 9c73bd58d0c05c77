"""An entry of the agenda: something at a time, perhaps at a site, perhaps for one person alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from golive.calendar.zone import day, local


class Kind(StrEnum):
    """What an entry is about."""

    STAGE = "stage"
    """A stage of a site, when it is expected."""
    ASKED = "asked"
    """A person is asked for something: a task, a signature."""
    WINDOW = "window"
    """The window in which a stage is expected to begin."""
    FREEZE = "freeze"
    MILESTONE = "milestone"
    WAVE = "wave"
    HYPERCARE = "hypercare"
    HOLIDAY = "holiday"
    LEAVE = "leave"
    SHIFT = "shift"


@dataclass(frozen=True)
class Entry:
    """One entry."""

    key: str
    """Stays the same when the entry moves: by it a calendar knows what it holds already."""
    kind: Kind
    title: str
    start: datetime
    """An instant; of whole days the first midnight in the zone."""
    end: datetime
    """As ``start``; of whole days the midnight behind the last one."""
    zone: str
    days: bool = False
    """Whether it is about whole days, wherever one is."""
    site: str = ""
    roles: tuple[str, ...] = ()
    """Only for people with one of these roles; none: for all."""
    person: str = ""
    """Only for this person."""
    region: str = ""
    """Only for those who have the holidays of this region."""
    notes: tuple[str, ...] = ()
    source: str = ""
    """The line of the plan."""

    def when(self, zone: str) -> str:
        """Its time as people at a place read it; whole days are the same everywhere."""
        if self.days:
            first, last = local(self.start, self.zone), local(self.end, self.zone) - timedelta(days=1)
            return "all day" if first.date() == last.date() else f"until {day(last)}"
        start, end = local(self.start, zone), local(self.end, zone)
        if end - start < timedelta(minutes=1):
            return f"{start:%H:%M} {end:%Z}"
        until = f"{end:%H:%M}" if start.date() == end.date() else f"{day(end)} {end:%H:%M}"
        return f"{start:%H:%M} to {until} {end:%Z}"

    def day(self, zone: str) -> str:
        """The date under which people at a place look for it."""
        return day(local(self.start, self.zone if self.days else zone))
