"""The state of a run, as ``golive.reconcile.fold`` makes it from the journal's events. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from golive.journal.events import (
    AbortAsked,
    AttemptEnded,
    BackOutEnded,
    CoordinatorStarted,
    DecisionAsked,
    DecisionTaken,
    Do,
    RolloutHalted,
    RunEnded,
    RunStarted,
    UnitReturned,
    Waived,
)
from golive.reconcile.failing import Failing

T = TypeVar("T")


def changed(one: T, **changes: Any) -> T:
    """As ``dataclasses.replace``, a few times as quick: the fold over a large run does little else."""
    made = object.__new__(type(one))
    known = vars(made)
    known.update(vars(one))
    assert known.keys() >= changes.keys()
    known.update(changes)
    return made


class Status(StrEnum):
    """Where a step stands."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    INTERRUPTED = "interrupted"
    UNKNOWN = "unknown"
    UNDONE = "undone"
    RESIDUE = "residue"


@dataclass(frozen=True)
class Attempt:
    """One attempt as the journal tells it."""

    number: int
    step: str
    action: Do
    revision: int
    digest: str
    epoch: int
    lane: str
    started: bool = False
    lost: bool = False
    ended: AttemptEnded | None = None

    @property
    def open(self) -> bool:
        """Whether it is not known what became of it."""
        return self.ended is None


@dataclass(frozen=True)
class StepState:
    """One step as the journal tells it."""

    status: Status = Status.PENDING
    attempt: int | None = None
    """The latest attempt, or the latest question."""
    epoch: int = 0
    """The coordinator under which it got this status."""
    touched: bool = False
    """Whether it may have had an effect that was not taken back."""
    digest: str = ""
    """The step's digest when it was done."""
    revision: int = 1
    """The revision of the graph under which it was last done."""
    interruptions: int = 0
    note: str = ""
    spoiled: bool = False
    """Whether it has failed and was not done since."""
    exposed: bool = False
    """Whether it may ever have had an effect."""
    failing: Failing | None = None
    """What was decided about its latest attempt, which failed."""
    retries: int = 0
    """How often in a row the plan's policy had it tried again."""

    @property
    def comes_again(self) -> bool:
        """Whether it is decided that it is run again although it failed."""
        return self.failing is not None and self.failing.comes_again


@dataclass(frozen=True)
class SiteState:
    """One site as the journal tells it."""

    backing_out: bool = False
    because: str = ""
    wanted: str = ""
    """Why a person wants it back on the old system; empty: nobody does."""
    ended: BackOutEnded | None = None


@dataclass(frozen=True)
class UnitState:
    """A unit that was withdrawn at a site, as the journal tells it."""

    because: str
    epoch: int
    """The coordinator under which it was withdrawn, or had returned."""
    ended: UnitReturned | None = None


@dataclass(frozen=True, eq=False)
class Mark:
    """Stands for what has happened to a part of the run: something else once more has."""


_NEW = StepState()
_NEW_SITE = SiteState()


@dataclass(frozen=True)
class State:
    """The run as the journal tells it."""

    started: RunStarted | None = None
    coordinator: CoordinatorStarted | None = None
    revision: int = 1
    graph: str = ""
    steps: Mapping[str, StepState] = field(default_factory=dict[str, StepState])
    attempts: Mapping[int, Attempt] = field(default_factory=dict[int, Attempt])
    questions: Mapping[str, DecisionAsked] = field(default_factory=dict[str, DecisionAsked])
    sites: Mapping[str, SiteState] = field(default_factory=dict[str, SiteState])
    abort: AbortAsked | None = None
    ended: RunEnded | None = None
    graphs: Mapping[int, str] = field(default_factory=dict[int, str])
    """The digest of each revision's graph."""
    units: Mapping[tuple[str, str], UnitState] = field(default_factory=dict[tuple[str, str], UnitState])
    """Units that were withdrawn, by site and unit."""
    soaks: Mapping[str, str] = field(default_factory=dict[str, str])
    """Since when each wave is live."""
    halted: RolloutHalted | None = None
    numbers: Mapping[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])
    """The attempts of each step."""
    open_numbers: frozenset[int] = frozenset()
    last: int = 0
    """The highest number of an attempt or question."""
    mark: Mark = field(default_factory=Mark, compare=False)
    """Another one after whatever may concern all sites."""
    marks: Mapping[str, Mark] = field(default_factory=dict[str, Mark], compare=False)
    """Another one for each part (the first word of its steps' ids) at which an attempt got on."""
    used: int = 0
    """Numbers of attempts up to this one may be in use on hosts, although the journal has been lost since."""
    answers: Mapping[str, tuple[DecisionTaken, ...]] = field(default_factory=dict[str, tuple[DecisionTaken, ...]])
    """What was answered to the latest question of each step, in order."""
    unheard: tuple[str, ...] = ()
    """Steps that people refused or could not do since a coordinator last ended: the next one tells of them."""
    waivers: tuple[Waived, ...] = ()
    plan: str = ""
    """Digest of the plan, as the user wrote it, that the current revision's graph was compiled from."""
    golive: str = ""
    """Which golive wrote the current revision's graph."""
    drivers: Mapping[int, str] = field(default_factory=dict[int, str])
    """Who ran golive, by the epoch of the coordinator."""

    @property
    def epoch(self) -> int:
        """The epoch of the latest coordinator; 0 before the first."""
        return self.coordinator.epoch if self.coordinator else 0

    def step(self, name: str) -> StepState:
        """The state of a step."""
        return self.steps.get(name, _NEW)

    def site(self, name: str | None) -> SiteState:
        """The state of a site."""
        return self.sites.get(name or "", _NEW_SITE)

    @property
    def open_attempts(self) -> tuple[Attempt, ...]:
        """Attempts of which it is not known what became of them; one that a later attempt replaced does not count."""
        return tuple(self.attempts[number] for number in sorted(self.open_numbers))

    @property
    def next_attempt(self) -> int:
        """The number for the next attempt or question; numbers are never used twice in a run."""
        return max(self.last, self.used) + 1


MAX_INTERRUPTIONS = 3
"""After so many tries in a row without an end of its own a step is not run again by itself."""


FAILURES = frozenset({Status.FAILED, Status.REFUSED, Status.UNREACHABLE, Status.UNKNOWN})


def worn_out(step: StepState) -> bool:
    """Whether a step was cut off so often that it is not run again by itself."""
    return step.status is Status.INTERRUPTED and step.interruptions >= MAX_INTERRUPTIONS


def part(step: str) -> str:
    """The part of the run that a step belongs to, by its id: its site, as a rule."""
    return step.partition("/")[0]
