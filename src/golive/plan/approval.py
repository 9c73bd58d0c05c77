"""Approvals: a decision that one or two people sign before a stage is entered or once it has ended."""

from pydantic import Field

from golive.model import Duration, Model, Name, OneLine
from golive.plan.moment import Moment


class Attestation(Model):
    """A person's signed word. Whoever did the work cannot give it."""

    name: Name = Field(description="Stands in the step's id.")
    role: Name = Field(description="Role of the people who sign.")
    question: OneLine = Field(description="What is asked.")
    persons: int = Field(1, ge=1, le=2, description="How many different people must sign: 1 or 2.")
    due: Duration = Field(86400.0, description="How long after it was asked it should be answered.")
    valid_for: Duration = Field(7 * 86400.0, ge=60, description="How long the question stands.")


class Approval(Attestation):
    """A decision at each site."""

    at: Moment = Field(description="`before` or `after` a stage, such as `before cutover`: the stage waits for it.")
    sites: tuple[Name, ...] = Field((), description="At these sites only; none named: at all.")
