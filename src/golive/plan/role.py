"""A role: what a host is for, what it must be made of, and what it must look like before anything is deployed."""

from pydantic import Field

from golive.model import Duration, Model, Name, OneLine, Size
from golive.plan.pick import AnyResource


class Hardware(Model):
    """What the technical architecture asks of a host; what is left out is not asked."""

    os: OneLine | None = Field(None, description="Distribution and version, such as `debian 13`.")
    cpus: int | None = Field(None, ge=1, description="Processors at least.")
    memory: Size | None = Field(None, description="Memory at least.")
    disk: Size | None = Field(None, description="Free space on the root file system at least.")
    clock_within: Duration = Field(5.0, description="How far the host's clock may be from the controller's.")


class Role(Model):
    """One role of the technical architecture."""

    purpose: OneLine | None = Field(None, description="What hosts of this role are for, in a sentence.")
    existing: bool = Field(False, description="The host belongs to the existing system: surveyed, never converged.")
    hardware: Hardware = Field(default_factory=lambda: Hardware.model_validate({}), description="What it must have.")
    baseline: tuple[AnyResource, ...] = Field((), description="Desired state before anything is deployed, in order.")
    skills: tuple[Name, ...] = Field((), description="Skills that its steps need.")
    planned: Duration = Field(120.0, description="How long the baseline of one host should take.")
