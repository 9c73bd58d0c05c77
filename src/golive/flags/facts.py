"""What the flags are judged by: the plan, its graph, the clock, and evidence that was read before. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from golive.calendar.zone import instant, local
from golive.graph.graph import Graph
from golive.graph.step import Step
from golive.plan.evidence import Signed
from golive.plan.plan import Loaded, Plan
from golive.plan.timing import zone_of

Row = Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """A test: the names by which it tells its scenarios, and how it ended (passed, failed, error, skipped)."""

    names: tuple[str, ...]
    outcome: str
    version: str
    file: str


@dataclass(frozen=True)
class Tried:
    """One thing that was done before: at an earlier site, in an earlier run, or in an earlier increment."""

    kind: str
    """Kind of step, such as ``deploy/application``."""
    component: str = ""
    site: str = ""
    installer: str = ""
    failed: bool = False
    planned: float = 0.0
    """Seconds; 0: not known."""
    took: float = 0.0
    cause: str = ""
    remedy: str = ""
    remedy_done: bool = False
    where: str = ""
    """The run, or the file and line, that says so."""


@dataclass(frozen=True)
class Run:
    """What an earlier run of golive showed at one site: it went through, or a stage was backed out cleanly."""

    name: str
    version: str
    site: str
    through: bool = False
    backed_out: str = ""
    """The stage up to which it had come; empty: it was not backed out, or not cleanly."""


@dataclass(frozen=True)
class Facts:
    """Everything that a flag may look at."""

    loaded: Loaded
    graph: Graph
    now: datetime
    """The time, with zone."""
    cases: tuple[Case, ...] = ()
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict[str, tuple[Row, ...]])
    """Lines of the CSV files that the plan names."""
    files: frozenset[str] = frozenset()
    """Files of evidence that are there and not empty."""
    signatures: Mapping[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    """By person and document: why the signature proves nothing; empty: it is that person's."""
    surveyed: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """What hosts were found to be, by lane."""
    past: tuple[Tried, ...] = ()
    runs: tuple[Run, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict[str, str])
    """Files that could not be read, each with why."""

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.loaded.plan

    @property
    def large(self) -> bool:
        """Whether the rollout has so many sites that silence of the plan is flagged."""
        return len(self.plan.sites) >= self.plan.flags.expect_from

    @cached_property
    def today(self) -> date:
        """The day, in the rollout's time zone."""
        return local(self.now, self.plan.calendar.timezone).date()

    @cached_property
    def steps_at(self) -> Mapping[str, tuple[Step, ...]]:
        """The steps of each lane."""
        found: dict[str, list[Step]] = {}
        for step in self.graph.steps:
            found.setdefault(step.lane, []).append(step)
        return {lane: tuple(steps) for lane, steps in found.items()}

    @cached_property
    def steps_of(self) -> Mapping[str, tuple[Step, ...]]:
        """The steps of each site."""
        found: dict[str, list[Step]] = {}
        for step in self.graph.steps:
            found.setdefault(step.site or "", []).append(step)
        return {site: tuple(steps) for site, steps in found.items()}

    @cached_property
    def wave_of(self) -> Mapping[str, int]:
        """The index of each site's wave in ``plan.waves``; sites that no wave names have none."""
        return {site: index for index, wave in enumerate(self.plan.waves) for site in wave.sites}

    def go_live(self, site: str) -> datetime | None:
        """When a site is planned to go live: its cutover, or its deployment, or the first day of its wave."""
        planned, zone = self.plan.sites[site].planned, zone_of(self.plan, site)
        for stage in ("cutover", "deploy"):
            if stage in planned:
                return instant(planned[stage].start, zone)
        index = self.wave_of.get(site)
        days = self.plan.waves[index].planned if index is not None else None
        return instant(datetime.combine(days.start, datetime.min.time()), zone) if days else None

    def is_signed(self, signed: Signed | None) -> str:
        """Why a document is not signed; empty: it is."""
        if signed is None:
            return "nobody has signed it"
        why = self.signatures.get((signed.by, signed.document), "the signature was not looked at")
        return f"{signed.document} is not signed by {signed.by}: {why}" if why else ""

    def missing(self, file: str | None) -> str:
        """Why a file of evidence shows nothing; empty: it is there."""
        if file is None:
            return "no file shows it"
        return "" if file in self.files else f"{file} is not there, or is empty"
