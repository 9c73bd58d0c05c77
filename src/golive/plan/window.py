"""Stretches of time, once or recurring: windows in which steps may run, freezes, leave, shifts."""

from datetime import datetime, time, timedelta
from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from golive.calendar import rule as rules
from golive.calendar.times import Times
from golive.calendar.zone import day
from golive.model import Duration, Model, OneLine
from golive.plan.when import Day, Local, Rule, Until, Zone

_DAY = timedelta(days=1)


def _wrong(message: str, hint: str) -> PydanticCustomError:
    return PydanticCustomError("window", "{said}", {"said": message, "hint": hint})


class Stretch(Model):
    """A stretch of time, once or recurring."""

    name: OneLine | None = Field(None, description="What people call it.")
    start: Local = Field(alias="from", description="Local time of the first one: `Sat 2026-12-05 22:00`, or a date.")
    until: Until | None = Field(
        None, description="Its end: a time of day, a date and time, or a date, whose end is meant; or else `lasts`."
    )
    lasts: Duration | None = Field(None, description="How long it is by a stopwatch, also when the clocks change.")
    rule: Rule | None = Field(None, description="How it recurs, as RFC 5545 says: `FREQ=WEEKLY;BYDAY=SA`.")
    skip: tuple[Day, ...] = Field((), alias="except", description="Dates on which it does not begin.")
    timezone: Zone | None = Field(None, description="The zone of its times; by default that of whom it is about.")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.until is not None and self.lasts is not None:
            raise _wrong("until and lasts are two ways to say its end", "take one of them out")
        if self.until is None and self.lasts is None and self.start.time() != time():
            raise _wrong("it has no end", "add until: or lasts:")
        if self.length() <= timedelta():
            raise _wrong(f"its end is not later than its start ({day(self.start)} {self.start:%H:%M})", "mend until:")
        if self.rule is not None:
            self._in_step(self.rule)
        return self

    def _in_step(self, rule: str) -> None:
        """The first one is one of the rule's, so that nobody reads a date at which nothing is."""
        found = next(rules.starts(rule, self.start, "UTC", rules.horizon(self.start)), None)
        if found is None:
            raise _wrong(f"it never occurs: {rule} gives no date in {rules.YEARS} years", "mend rule:")
        if found != self.start:
            raise _wrong(
                f"its first date {day(self.start)} is not one of its rule {rule}", f"the rule begins on {day(found)}"
            )

    def length(self) -> timedelta:
        """How long one of them is, by the clock on the wall."""
        match self.until:
            case datetime() as end:
                return end - self.start
            case time() as at:
                end = datetime.combine(self.start.date(), at)
                return end - self.start if end > self.start else end + _DAY - self.start
            case None:
                return _DAY if self.lasts is None else timedelta(seconds=self.lasts)

    def times(self, zone: str, scopes: tuple[str, ...] = ()) -> Times:
        """It as times, in this zone unless it has one of its own."""
        return Times(
            zone=self.timezone or zone,
            start=self.start.isoformat(timespec="minutes"),
            seconds=self.length().total_seconds(),
            elapsed=self.lasts is not None,
            rule=self.rule or "",
            skips=tuple(on.isoformat() for on in self.skip),
            name=self.name or "",
            scopes=scopes,
        )


class Window(Stretch):
    """When steps of a site may run. A step that can be expected to end later than its window does not begin."""

    scopes: tuple[OneLine, ...] = Field(
        (), alias="for", description="Stages, or steps such as `cutover/copy-*`, that it is for; none: all of the site."
    )


class Freeze(Stretch):
    """When no steps may run, whatever the windows say. A date alone is a freeze of that day."""

    scopes: tuple[OneLine, ...] = Field(
        (), alias="for", description="Stages, or steps such as `cutover/*`, that are held back; none: all."
    )


class Leave(Stretch):
    """When a person is away. A date alone is that day."""


class Shift(Stretch):
    """When a person works outside the ordinary hours, as agreed, such as the night of a cutover."""
