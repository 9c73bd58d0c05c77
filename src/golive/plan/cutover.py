"""The cutover: how production processing moves from the existing system to the new one."""

from pydantic import Field

from golive.model import Duration, Model, Name, OneLine, Shell
from golive.plan.pick import AnyCheck, AnyFence, AnyMover, AnySwitch


class Task(Model):
    """Shell text that runs at a certain point on the hosts of a role."""

    name: Name = Field(description="Stands in the step's id.")
    on: Name = Field(description="Role of the hosts.")
    command: Shell = Field(description="POSIX shell text; it must be fit to run again after it died half-way.")
    undo: Shell | None = Field(None, description="POSIX shell text that takes it back; without it, what it did stays.")
    undone: Shell | None = Field(None, description="POSIX shell text that succeeds when `undo` has taken it back.")
    once: bool = Field(False, description="On the first host of the role only.")
    planned: Duration = Field(10.0, description="How long it should take.")


class FrontCheck(Model):
    """A check through the front door, run from a host of a role."""

    on: Name = Field(description="Role of the host from which it is checked.")
    check: AnyCheck = Field(description="What must hold.")


class NoReturn(Model):
    """The signature that lets a site pass its point of no return."""

    role: Name = Field(description="Role of the person who signs.")
    question: OneLine = Field(
        "Does the site pass its point of no return?", description="What is asked, before writes are let in."
    )
    valid_for: Duration = Field(86400.0, ge=60, description="How long the question stands before it is asked again.")


class Cutover(Model):
    """Fence, copy, compare, prepare, switch, check, release: in this order at each site."""

    serves: tuple[FrontCheck, ...] = Field(
        (), description="What holds while the old system serves: checked before the fence and after a back-out."
    )
    fence: tuple[AnyFence, ...] = Field((), description="What holds the writes to the old system, from outside in.")
    move: tuple[AnyMover, ...] = Field((), description="What moves the data.")
    then: tuple[Task, ...] = Field((), description="What the new system needs once the data is there, in order.")
    switch: tuple[AnySwitch, ...] = Field((), description="What moves the traffic.")
    verify: tuple[FrontCheck, ...] = Field((), description="What must hold through the front door before release.")
    skills: tuple[Name, ...] = Field((), description="Skills that its steps need.")
    planned: Duration = Field(30.0, description="How long each move of data should take.")
    back_out: Duration | None = Field(
        None, description="How long a back-out takes, as rehearsed; by default as long as what it takes back."
    )
    margin: Duration = Field(0.0, description="What has to be left of a window when a back-out has ended.")
    no_return: NoReturn | None = Field(
        None, description="Who signs before writes are let in; the only way past the last back-out time of a window."
    )
    outage: OneLine | None = Field(None, description="What users notice and for how long, for the guide.")
