"""Evidence: what has been shown, counted and attested before going live. What is not claimed is not judged."""

from enum import StrEnum

from pydantic import Field

from golive.model import Duration, Model, Name, OneLine
from golive.plan.backup import Backup
from golive.plan.when import Day


class TestResults(Model):
    """Results of tests, as JUnit XML."""

    file: OneLine = Field(description="From the plan's folder.")
    version: OneLine | None = Field(None, description="What was tested; by default the property `version` says it.")


class Register(Model):
    """Who has looked, host by host, and what was found."""

    file: OneLine = Field(description="CSV with the columns site, host, component, version and, better, sha256.")
    by: Name = Field(description="The person who looked; not one who installs.")


class Twins(Model):
    """Hosts that are to be alike: what holds for one must hold for all."""

    hosts: tuple[OneLine, ...] = Field(min_length=2, description="As `SITE/HOST`.")
    differ: tuple[OneLine, ...] = Field((), description="Facts and texts that may differ, as patterns.")


class Forecast(Model):
    """How much load somebody expects."""

    by: OneLine = Field(description="Who says so.")
    peak: float = Field(gt=0, description="At the busiest time.")


class LoadTest(Model):
    """A load that was tried and held."""

    peak: float = Field(gt=0, description="The highest load that was held.")
    version: OneLine = Field(description="Version of the solution that was tested.")
    production_sized: bool = Field(False, description="On hosts of the size and number of production.")
    evidence: OneLine | None = Field(None, description="File with the result, from the plan's folder.")


class Load(Model):
    """Forecast and tested load, in one unit."""

    unit: OneLine = Field("users at once", description="What is counted.")
    forecasts: tuple[Forecast, ...] = Field((), description="What is expected, and by whom.")
    tests: tuple[LoadTest, ...] = Field((), description="What was tried.")


class Signed(Model):
    """A document that a person has signed with `ssh-keygen -Y sign -n golive`."""

    by: Name = Field(description="The person, who has a key in people.")
    document: OneLine = Field(description="The file that was signed; the signature lies beside it, with `.sig` behind.")


class TrialKind(StrEnum):
    """A stage that proves something before all sites depend on it."""

    PILOT = "pilot"
    PARALLEL = "parallel-run"
    REHEARSAL = "rehearsal"


class TrialState(StrEnum):
    """How it stands."""

    PLANNED = "planned"
    DONE = "done"
    DROPPED = "dropped"


class Trial(Model):
    """A pilot, a parallel run or a rehearsal."""

    name: OneLine = Field(description="What people call it.")
    kind: TrialKind = Field(description="What it is.")
    state: TrialState = Field(TrialState.PLANNED, description="How far it is.")
    day: Day | None = Field(None, description="When it is due, or when it was done.")
    owner: Name | None = Field(None, description="The person who answers for it.")
    version: OneLine | None = Field(None, description="Version of the solution that was tried.")
    shows: tuple[OneLine, ...] = Field((), description="Scenarios that it has shown to work, as patterns.")
    took: Duration | None = Field(None, description="How long it took.")
    evidence: OneLine | None = Field(None, description="File with what was seen, from the plan's folder.")
    impact: OneLine | None = Field(None, description="Where it was dropped: file with the assessment of the impact.")
    signed: Signed | None = Field(None, description="Where it was dropped: who, independent of its owner, agreed.")


class Deferred(Model):
    """Something in scope that is removed, or goes live untested: somebody owns that, and has a way around it."""

    scenario: OneLine = Field(description="Scenarios, as `golive flags --matrix` names them: a pattern.")
    owner: Name = Field(description="The person who answers for it.")
    workaround: OneLine | None = Field(None, description="What people do meanwhile.")
    signed: Signed | None = Field(None, description="Who agreed.")


class Figure(Model):
    """A number that deciders are shown, and the register that it comes from."""

    shown: OneLine = Field(description="What it is, such as `open defects`.")
    value: int = Field(description="The number that is shown.")
    day: Day = Field(description="The day on which it was counted.")
    register_file: OneLine = Field(alias="register", description="CSV with a line for each, from the plan's folder.")
    where: dict[str, str] = Field(default_factory=dict[str, str], description="Columns and values that are counted.")
    dropped: int = Field(0, ge=0, description="Lines of the register that are left out on purpose.")
    because: OneLine | None = Field(None, description="Why they are left out.")


class Condition(Model):
    """A condition of an attestation: an open blocker until it is closed."""

    says: OneLine = Field(description="What has to be done.")
    closed: Day | None = Field(None, description="When it was.")


class Attestation(Model):
    """What somebody vouches for."""

    says: OneLine = Field(description="The sentence, word for word.")
    by: Name = Field(description="The person.")
    day: Day | None = Field(None, description="When it was given.")
    evidence: OneLine | None = Field(None, description="File on which it rests, from the plan's folder.")
    conditions: tuple[Condition, ...] = Field((), description="What it depends on.")


class Tickets(Model):
    """How earlier increments and sites went, from the tool in which tickets are kept."""

    file: OneLine = Field(
        description="CSV with the columns kind, site, component, installer, outcome (`done` or `failed`), planned and "
        "took (seconds), cause, remedy and remedy_state (`done` or `open`); what is not known stays empty."
    )


class Evidence(Model):
    """All of it."""

    tests: tuple[TestResults, ...] = Field((), description="Results of tests.")
    fleet: tuple[Register, ...] = Field((), description="What was found on the hosts by somebody who did not install.")
    twins: tuple[Twins, ...] = Field((), description="Hosts that are to be alike.")
    load: Load | None = Field(None, description="Forecast and tested load.")
    trials: tuple[Trial, ...] = Field((), description="Pilots, parallel runs and rehearsals.")
    deferred: tuple[Deferred, ...] = Field((), description="What is removed from the scope, or goes live untested.")
    backups: tuple[Backup, ...] = Field((), description="The backups that the rollout relies on.")
    figures: tuple[Figure, ...] = Field((), description="What deciders are shown.")
    attestations: tuple[Attestation, ...] = Field((), description="What people vouch for.")
    tickets: Tickets | None = Field(None, description="How earlier increments and sites went.")
