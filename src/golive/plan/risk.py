"""A risk of the rollout: how likely, how bad, who watches it, and what is done about it."""

from enum import StrEnum

from pydantic import Field

from golive.model import Model, Name, OneLine


class Level(StrEnum):
    """How likely something is, or how bad."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def order(self) -> int:
        """From 0, the lowest."""
        return list(Level).index(self)


class Risk(Model):
    """Something that may happen and would hurt."""

    name: Name = Field(description="What it is called by.")
    about: OneLine = Field(description="What may happen, and what that would do.")
    likelihood: Level = Field(description="`low`, `medium` or `high`.")
    impact: Level = Field(description="How bad it would be: `low`, `medium` or `high`.")
    owner: Name = Field(description="The person who watches it.")
    response: OneLine = Field(description="What is done about it, before or when it happens.")
