"""The cutover: how production processing moves from the existing system to the new one."""

from pydantic import Field

from golive.model import Duration, Model, Name, OneLine, Shell
from golive.plan.pick import AnyCheck, AnyFence, AnyMover, AnySwitch
from golive.plan.writer import Writer


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


class Total(Model):
    """A business total: both sides must say the same under the fence."""

    name: Name = Field(description="What is counted.")
    sql: Shell = Field(description="One SQL statement without a semicolon; its rows are compared as text.")


class NoReturn(Model):
    """The signature that lets a site pass its point of no return."""

    role: Name = Field(description="Role of the person who signs.")
    question: OneLine = Field(
        "Does the site pass its point of no return?", description="What is asked, before writes are let in."
    )
    valid_for: Duration = Field(86400.0, ge=60, description="How long the question stands before it is asked again.")


class Cutover(Model):
    """How processing moves over at each site.

    With a mover that follows (`postgresql`) by the protocol: register, front door, copy, then, follow, cross, verify,
    no-return, settle. Otherwise fence, copy, compare, then, switch, verify, release.
    """

    writers: tuple[Writer, ...] = Field((), description="Everybody who writes to the old database.")
    differ: dict[str, OneLine] = Field(
        default_factory=dict[str, str], description="Tables that cannot agree on both sides by nature, with the reason."
    )
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
        None, description="Who signs the point of no return; the only way past the last back-out time of a window."
    )
    outage: OneLine | None = Field(None, description="What users notice and for how long, for the guide.")
    secret: str | None = Field(
        None,
        pattern=r"^[a-z][a-z0-9_]*$",
        description="Secret from which the protocol's keys are derived; with movers that follow.",
    )
    port: int = Field(7432, ge=1, le=65535, description="Port of the register on the old host, for the front doors.")
    fence_for: Duration = Field(20.0, gt=0, le=600, description="When a fence lifts by itself, if nothing was decided.")
    requests: Duration = Field(
        10.0, gt=0, description="How long requests under way may take to end; then it is given up."
    )
    drain: Duration = Field(5.0, gt=0, description="How long the last write may take to arrive.")
    totals: tuple[Total, ...] = Field((), description="Business totals that must agree under the fence.")
    way_back: bool = Field(True, description="Whether the old release can take what the new one writes.")

    go: NoReturn | None = Field(
        None, description="Who signs, by the protocol, before anything is fenced: the copy follows until then."
    )

    @property
    def follows(self) -> bool:
        """Whether it goes by the protocol."""
        return any(mover.follows for mover in self.move)
