"""The plan as a whole: what the user wrote, in one file or in many, as one frozen model."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from golive.model import Model, Name, OneLine
from golive.plan.approval import Approval
from golive.plan.calendar import Calendar
from golive.plan.component import Component
from golive.plan.contingency import Contingency
from golive.plan.cutover import Cutover
from golive.plan.evidence import Evidence
from golive.plan.failure import Failures
from golive.plan.flags import Flags
from golive.plan.gates import Gates
from golive.plan.handover import Handover
from golive.plan.message import Message
from golive.plan.milestone import Milestone
from golive.plan.people import Access, Person
from golive.plan.positions import Loc
from golive.plan.risk import Risk
from golive.plan.role import Role
from golive.plan.rollout import Limits, Wave
from golive.plan.secret import SecretName, SecretSource
from golive.plan.site import Site
from golive.plan.skill import Hypercare, Licence, Skill
from golive.plan.task import HumanTask
from golive.resources.content import Content
from golive.resources.interface import Resource


class Solution(Model):
    """What is taken live."""

    name: Name = Field(description="Name of the solution.")
    version: OneLine = Field(description="Its version; quoted, so that YAML does not take it for a number.")
    summary: OneLine | None = Field(None, description="What it does, in a sentence.")


class Standards(Model):
    """The rollout standards that are text for people."""

    support: str | None = Field(None, description="End user support: whom users call, when, and what they are told.")
    contingency: str | None = Field(None, description="How business goes on if it takes longer than planned.")
    outage: str | None = Field(None, description="Who is affected, when, and how they are told.")
    constraints: str | None = Field(None, description="What the rollout must keep to.")
    assumptions: str | None = Field(None, description="What it takes for granted.")
    training: str | None = Field(None, description="Who is trained for what, by whom and when.")
    monitoring: str | None = Field(None, description="What is watched, and who answers alarms.")
    capacity: str | None = Field(None, description="What it carries, and how it behaves when a part of it fails.")
    retention: str | None = Field(None, description="How long the old system is kept after the cutover.")
    command_centre: str | None = Field(
        None, description="Hypercare: who answers, how it is sorted, who is called next."
    )
    service_levels: str | None = Field(None, description="Contracts and service levels from the handover on.")


class Plan(Model):
    """The deployment plan."""

    golive: Literal[1] = Field(description="Version of this format.")
    solution: Solution = Field(description="The solution that is taken live.")
    roles: dict[Name, Role] = Field(default_factory=dict[str, Role], description="The technical architecture.")
    components: dict[Name, Component] = Field(
        default_factory=dict[str, Component], description="The components of the solution."
    )
    sites: dict[Name, Site] = Field(
        default_factory=dict[str, Site], description="The client sites, at least one; or one file for each in `sites/`."
    )
    calendar: Calendar = Field(
        default_factory=lambda: Calendar.model_validate({}), description="Time zone, holidays and freezes for all."
    )
    waves: tuple[Wave, ...] = Field((), description="The order of the sites; by default all in one wave.")
    error_budget: int = Field(
        0, ge=0, description="How many exposed sites may fail before the rollout halts by itself."
    )
    limits: Limits = Field(default_factory=lambda: Limits.model_validate({}), description="How much runs at once.")
    cutover: Cutover | None = Field(None, description="How processing moves over; left out where nothing is replaced.")
    handover: Handover | None = Field(None, description="What the client's people take over.")
    on_failure: Failures | None = Field(None, description="What happens by itself when a step fails.")
    access: Access = Field(default_factory=lambda: Access.model_validate({}), description="Logins of the two parties.")
    people: dict[Name, Person] = Field(default_factory=dict[str, Person], description="Who does what.")
    skills: dict[Name, Skill] = Field(default_factory=dict[str, Skill], description="Skills that the rollout needs.")
    hypercare: Hypercare | None = Field(None, description="The time in which the project still looks after a site.")
    licences: dict[Name, Licence] = Field(default_factory=dict[str, Licence], description="Licences, by product.")
    milestones: tuple[Milestone, ...] = Field((), description="Dates beside those of stages and waves.")
    risks: tuple[Risk, ...] = Field((), description="What may happen and would hurt.")
    evidence: Evidence = Field(default_factory=lambda: Evidence.model_validate({}), description="What has been shown.")
    contingency: Contingency | None = Field(None, description="What is done when it goes wrong.")
    flags: Flags = Field(default_factory=lambda: Flags.model_validate({}), description="Thresholds of `golive flags`.")
    secrets: dict[SecretName, SecretSource] = Field(
        default_factory=dict[str, SecretSource], description="Where secrets come from, by name."
    )
    vars: dict[str, Any] = Field(default_factory=dict[str, Any], description="Values for templates.")
    gates: Gates | None = Field(None, description="What must be proven before a stage is entered, and who may waive.")
    tasks: tuple[HumanTask, ...] = Field((), description="What people do by hand at each site.")
    approvals: tuple[Approval, ...] = Field((), description="What people sign at each site.")
    messages: tuple[Message, ...] = Field((), description="What people are told, and when.")
    standards: Standards = Field(default_factory=lambda: Standards.model_validate({}), description="Rollout standards.")

    def resource_lists(self) -> Iterator[tuple[Loc, tuple[Resource, ...]]]:
        """All lists of resources, each with its path."""
        for role, spec in self.roles.items():
            yield ("roles", role, "baseline"), spec.baseline
        for name, component in self.components.items():
            yield ("components", name, "install"), component.install

    def all_waves(self) -> tuple[tuple[str, ...], ...]:
        """The sites of each wave; sites that no wave names form the last one."""
        return tuple(wave.sites for wave in self.named_waves())

    def named_waves(self) -> tuple[Wave, ...]:
        """All waves; sites that no wave names form the last one."""
        named = {site for wave in self.waves for site in wave.sites}
        rest = tuple(site for site in self.sites if site not in named)
        return (*self.waves, Wave.model_validate({"name": "rest", "sites": rest})) if rest else self.waves


class Locked(Model):
    """One delivered file, as the lock file holds it."""

    file: str = Field(pattern=r"^[^/\x00\n]+$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)


class Loaded(Model):
    """A plan together with the contents of the files that it names, so that compiling needs no I/O."""

    plan: Plan
    files: Mapping[str, str]
    """Text of templates and public keys, by the path in the plan."""
    sources: Mapping[str, Content] = Field(default_factory=dict[str, Content])
    """Digests of the files whose bytes go to hosts as they are, by the path in the plan."""
    artifacts: Mapping[str, tuple[Locked, ...]]
    """The files of each component's artifact, by component."""
    written: str = ""
    """Digest of what the user wrote: all documents, comments aside, and the contents of the files that they name."""
    positions: Mapping[str, str] = Field(default_factory=dict[str, str])
    """Where each part was written, as file:line, by dotted path."""

    def where(self, path: str) -> str:
        """Where the part at a dotted path, or the nearest part around it, was written; empty when nowhere."""
        while path and path not in self.positions:
            path = path.rpartition("[")[0] if path.endswith("]") else path.rpartition(".")[0]
        return self.positions.get(path, "")
