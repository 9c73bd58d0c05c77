"""Contingency: what is done when it goes wrong. Back-out returns the software, rollback the data."""

from pydantic import Field

from golive.model import Duration, Model, Name, OneLine
from golive.plan.when import Day


class Criterion(Model):
    """When to go back: something that is measured, and a number."""

    says: OneLine = Field(description="The criterion, in a sentence.")
    metric: OneLine | None = Field(None, description="What is measured.")
    above: float | None = Field(None, description="Go back when it is more.")
    below: float | None = Field(None, description="Go back when it is less.")


class BackOutAction(Model):
    """Something that a person does in a back-out, beside what golive takes back."""

    do: OneLine = Field(description="What is done.")
    check: OneLine | None = Field(None, description="How it is known that it worked.")


class BackOut(Model):
    """The software returns to the old system."""

    artifact: OneLine | None = Field(
        None, description="File of the old version, from the plan's folder; left out where the old system stays."
    )
    criteria: tuple[Criterion, ...] = Field((), description="When to go back.")
    authority: tuple[Name, ...] = Field((), description="The person who decides: one.")
    rehearsed: Day | None = Field(None, description="When it was last rehearsed.")
    took: Duration | None = Field(None, description="How long it took then.")
    window: Duration | None = Field(None, description="The time there is; by default the windows of each site say it.")
    actions: tuple[BackOutAction, ...] = Field((), description="What people do beside golive.")


class Rollback(Model):
    """The data returns."""

    strategy: OneLine | None = Field(None, description="How what was entered meanwhile gets back, in a sentence.")
    until: OneLine | None = Field(None, description="Up to when it can be done.")
    rehearsed: Day | None = Field(None, description="When it was last rehearsed.")


class Alarm(Model):
    """An alarm, who gets it, and whether it was ever heard."""

    says: OneLine | None = Field(None, description="What it tells.")
    route: Name | None = Field(None, description="The person, or the role, that gets it.")
    acknowledge_within: Duration | None = Field(None, description="How soon somebody must say that they have it.")
    fired: Day | None = Field(None, description="When it was last set off in a test.")


class KillSwitch(Model):
    """What stops the new system at once."""

    how: OneLine = Field(description="What is done.")
    tested: Day | None = Field(None, description="When it was last tried.")


class Contingency(Model):
    """What is done when it goes wrong."""

    failures: tuple[Name, ...] = Field((), description="What may go wrong, each a scenario to be tested.")
    back_out: BackOut | None = Field(None, description="The software returns to the old system.")
    rollback: Rollback | None = Field(None, description="The data returns.")
    alarms: dict[Name, Alarm] = Field(default_factory=dict[str, Alarm], description="Alarms, by name.")
    kill_switch: KillSwitch | None = Field(None, description="What stops the new system at once.")
