"""Gates: the entry criteria of stages, and who may let a stage be entered although one does not hold."""

from pydantic import Field

from golive.model import Duration, Model, Name, OneLine
from golive.plan.approval import Attestation
from golive.plan.pick import AnyCheck


class Testing(Model):
    """Results of tests, as JUnit XML, of the very version that will be installed."""

    results: tuple[OneLine, ...] = Field(min_length=1, description="Files below the plan's folder; `*` is filled in.")
    within: Duration = Field(14 * 86400.0, description="Results that are older prove nothing.")
    components: dict[Name, OneLine] = Field(
        default_factory=dict[str, str],
        description="Names of tests by component, such as `tests.api.*`; without it the property `component` tells.",
    )
    scenarios: dict[Name, OneLine] = Field(
        default_factory=dict[str, str], description="Names of tests by scenario; none of these may be skipped."
    )
    exact: bool = Field(
        False, description="Results must name the digests of the artifacts: properties `artifact.COMPONENT`."
    )


class Defects(Model):
    """A register of defects: CSV with a head, or a YAML list; `id`, `priority` and `status` of each."""

    file: OneLine = Field(description="The register, from the plan's folder.")
    at_most: dict[OneLine, int] = Field(min_length=1, description="How many may be open, by priority.")
    closed: tuple[OneLine, ...] = Field(
        ("closed", "fixed", "done", "resolved", "rejected"), description="The states that are not open."
    )


class GateCheck(Model):
    """A check that must hold on all hosts of a role."""

    name: Name = Field(description="What it is called by.")
    on: Name = Field(description="Role of the hosts.")
    check: AnyCheck = Field(description="What must hold.")


class GateFile(Model):
    """A file that must be there."""

    name: Name = Field(description="What it is called by.")
    file: OneLine = Field(description="The file, from the plan's folder.")
    within: Duration | None = Field(None, description="It must not be older.")
    purpose: OneLine | None = Field(None, description="What it proves, for the guide.")


class StageGate(Model):
    """The entry criteria of one stage, beside those that golive has: the survey, the baseline."""

    testing: Testing | None = Field(None, description="Testing is complete.")
    defects: Defects | None = Field(None, description="Open defects are within limits.")
    checks: tuple[GateCheck, ...] = Field((), description="Checks on hosts.")
    files: tuple[GateFile, ...] = Field((), description="Files of evidence.")
    attest: tuple[Attestation, ...] = Field((), description="What people sign.")


class Gates(Model):
    """The gates of a site. A stage that stands here has a step that opens on evidence before anything of it begins."""

    waived_by: tuple[Name, ...] = Field((), description="Roles of people who may waive a refused rule; none: nobody.")
    baseline: StageGate | None = Field(None, description="Before hosts are changed, once they are surveyed.")
    deploy: StageGate | None = Field(None, description="Before anything is deployed.")
    cutover: StageGate | None = Field(None, description="Before writes are held.")
    handover: StageGate | None = Field(None, description="Before anything is handed over.")

    def of(self, stage: str) -> StageGate | None:
        """The gate of a stage."""
        return getattr(self, stage, None)
