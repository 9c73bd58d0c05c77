"""A milestone: a date that people agreed, beside those of stages and waves."""

from enum import StrEnum

from pydantic import Field

from golive.model import Duration, Model, Name, OneLine
from golive.plan.when import Day


class MilestoneKind(StrEnum):
    """What happens then, as far as it matters."""

    DECISION = "decision"
    OUTAGE = "outage"
    OTHER = "other"


class Milestone(Model):
    """A date, and what its sums and its order must fit."""

    name: OneLine = Field(description="What happens.")
    day: Day = Field(description="When: `Sat 2026-12-05`. A weekday that is not the date's own is a mistake.")
    kind: MilestoneKind = Field(MilestoneKind.OTHER, description="A decision must come before the outage.")
    site: Name | None = Field(None, description="Where; its holidays count. None: everywhere.")
    business_day: bool = Field(False, description="It must be a business day.")
    after: OneLine | None = Field(None, description="The milestone that it follows.")
    business_days: int | None = Field(None, ge=0, description="How many business days later.")
    takes: Duration | None = Field(None, description="How long it takes.")
    parts: tuple[OneLine, ...] = Field((), description="The milestones that it is made of: what they take adds up.")
