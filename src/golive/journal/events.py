"""The events of a run, as types. The journal holds nothing else, and nothing else is true.

Times are for people and for measuring; order is by sequence alone. Output lies in blobs, by digest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar


class Do(StrEnum):
    """What an attempt does with its step."""

    DO = "do"
    UNDO = "undo"


class Outcome(StrEnum):
    """How an attempt ended, as it was probed."""

    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    """A gate did not open: a requirement was found unmet."""
    UNREACHABLE = "unreachable"
    """The host could not be reached, and nothing was begun on it."""
    INTERRUPTED = "interrupted"
    """It was begun, and its process is gone without an exit status."""
    NEVER_BEGAN = "never began"
    """It was allocated, and its witness says that it was not begun."""


@dataclass(frozen=True)
class Event:
    """Base of all events; each subclass is one type, named by its class."""

    types: ClassVar[dict[str, type["Event"]]] = {}

    def __init_subclass__(cls) -> None:
        Event.types[cls.__name__] = cls


@dataclass(frozen=True)
class RunStarted(Event):
    """A run of one graph began."""

    run: str
    project: str
    graph: str
    who: str
    machine: str
    golive: str
    signers: Mapping[str, str] = field(default_factory=dict[str, str])
    """The public keys that may sign, by person; pinned for the whole run."""
    plan: str = ""
    """Digest of what the user wrote: as long as it is the same, the graph is not compiled again."""


@dataclass(frozen=True)
class Amended(Event):
    """The run goes on with another graph, as a new revision."""

    revision: int
    graph: str
    who: str
    machine: str
    plan: str = ""
    golive: str = ""
    """Which golive wrote the graph."""


@dataclass(frozen=True)
class Recovered(Event):
    """The run was rebuilt from what hosts held; what else was written before has been lost."""

    who: str
    machine: str
    hosts: tuple[str, ...]
    missing: tuple[str, ...]
    """Hosts that could not be asked: they may hold more."""
    attempts: int
    """Numbers up to this one may be in use on hosts, and are not given again."""


@dataclass(frozen=True)
class CoordinatorStarted(Event):
    """A coordinator took the run; earlier ones are refused from now on."""

    epoch: int
    holder: str
    who: str
    machine: str
    pid: int
    golive: str


@dataclass(frozen=True)
class CoordinatorStopped(Event):
    """A coordinator let go of the run, in order."""

    epoch: int
    reason: str


@dataclass(frozen=True)
class AttemptAllocated(Event):
    """An attempt has a number, before anything of it is dispatched."""

    attempt: int
    step: str
    action: Do
    revision: int
    digest: str
    epoch: int
    lane: str = "controller"


@dataclass(frozen=True)
class AttemptStarted(Event):
    """The executor is about to cause the effect."""

    attempt: int


@dataclass(frozen=True)
class AttemptLost(Event):
    """The coordinator cannot tell for now what became of the attempt: it will be probed."""

    attempt: int
    note: str


@dataclass(frozen=True)
class AttemptAbandoned(Event):
    """The worker that carried the attempt is gone: another one finds out what became of it."""

    attempt: int
    note: str


@dataclass(frozen=True)
class AttemptEnded(Event):
    """What became of an attempt. Idempotent: a second one for the same attempt changes nothing."""

    attempt: int
    outcome: Outcome
    note: str = ""
    exit: int | None = None
    output: str = ""
    """Digest of the output's blob; empty: there was none."""
    seconds: float = 0.0
    evidence: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class DecisionAsked(Event):
    """A person is asked. The answer must be signed over exactly this question."""

    attempt: int
    step: str
    question: str
    role: str
    nonce: str
    expires: str
    """UTC, ISO 8601."""
    scope: str
    """Digest of the site's part of the graph."""
    evidence: str
    """Digest of the evidence on which the person decides."""
    due: str = ""
    """When it should be answered, UTC; later is late, and still counts until it expires."""
    persons: int = 1
    """How many different persons must approve."""
    covers: str = ""
    """The digest under which the step is done once it is answered; empty: that of the scope."""


@dataclass(frozen=True)
class DecisionTaken(Event):
    """A person answered, with a signature that was verified when it was received."""

    attempt: int
    step: str
    person: str
    verb: str
    """``approve`` or ``refuse`` a decision; ``do`` a task, or ``cannot``; ``sent`` or ``unsent`` for a message."""
    reason: str
    statement: str
    signature: str
    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the person answered, by the name of the question."""
    attached: Mapping[str, str] = field(default_factory=dict[str, str])
    """Digests of the files that the person attached, by name; the files are blobs."""


@dataclass(frozen=True)
class Waived(Event):
    """A person lets a stage be entered although a rule of its gate refuses; verified when it was received."""

    attempt: int
    """The attempt at the gate that refused."""
    step: str
    rule: str
    covers: str
    """Digest of what the rule found: when that changes, the waiver covers nothing."""
    person: str
    reason: str
    expires: str
    statement: str
    signature: str


@dataclass(frozen=True)
class BackOutStarted(Event):
    """A site goes back to the old system."""

    site: str
    because: str


@dataclass(frozen=True)
class BackOutEnded(Event):
    """A site is back; ``residue`` names what could not be taken back, ``kept`` what stays on purpose."""

    site: str
    residue: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnitWithdrawn(Event):
    """Components that go together did not all succeed at a site: what was done of them is taken back."""

    site: str
    unit: str
    because: str


@dataclass(frozen=True)
class UnitReturned(Event):
    """What was done of a unit has been taken back; ``residue`` names what could not be."""

    site: str
    unit: str
    residue: tuple[str, ...] = ()


@dataclass(frozen=True)
class SoakStarted(Event):
    """A wave is live; from now on it runs for as long as the plan wants before the next one begins."""

    wave: str
    at: str
    """UTC, ISO 8601."""


@dataclass(frozen=True)
class RolloutHalted(Event):
    """More exposed sites have failed than the error budget allows: no site begins anything any more."""

    budget: int
    sites: tuple[str, ...]


@dataclass(frozen=True)
class RolloutResumed(Event):
    """The error budget suffices again: sites were mended, or the budget was raised."""

    budget: int | None


@dataclass(frozen=True)
class RetryPlanned(Event):
    """The plan's policy has a failed step tried again."""

    step: str
    attempt: int
    """The attempt that failed."""
    at: str
    """Not before this time; UTC, ISO 8601."""


@dataclass(frozen=True)
class FailureAsked(Event):
    """A person at the terminal is asked what to do about a failure; until then the plan's policy waits."""

    step: str
    attempt: int
    until: str
    """UTC, ISO 8601."""


@dataclass(frozen=True)
class FailureAnswered(Event):
    """A person said what to do about a failed step: ``retry``, ``skip`` (with a signature) or ``stop``."""

    step: str
    attempt: int
    answer: str
    who: str
    machine: str
    digest: str = ""
    """The digest of the step that is skipped."""
    person: str = ""
    reason: str = ""
    statement: str = ""
    signature: str = ""


@dataclass(frozen=True)
class BackOutAsked(Event):
    """A person wants a site back on the old system."""

    site: str
    who: str
    machine: str
    reason: str = ""


@dataclass(frozen=True)
class RollForwardAsked(Event):
    """A person wants a site whose way back has failed to go on with the new system instead."""

    site: str
    who: str
    machine: str
    reason: str


@dataclass(frozen=True)
class AbortAsked(Event):
    """A person wants the run ended: nothing new begins, and what is not past its point of no return goes back."""

    who: str
    machine: str
    reason: str = ""


@dataclass(frozen=True)
class RunEnded(Event):
    """Nothing of this run can be done any more."""

    exit: int


@dataclass(frozen=True)
class Entry:
    """An event in its place in the journal."""

    seq: int
    at: str
    """UTC, ISO 8601."""
    event: Event
    previous: str
    hash: str


def encode(event: Event) -> dict[str, Any]:
    """The event as JSON values, with its type."""
    return {"type": type(event).__name__, **vars(event)}


def decode(data: Mapping[str, Any]) -> Event:
    """The event that ``encode`` wrote. Raises KeyError or TypeError on anything else."""
    fields = dict(data)
    kind = Event.types[fields.pop("type")]
    if kind is AttemptAllocated:
        fields["action"] = Do(fields["action"])
    if kind is AttemptEnded:
        fields["outcome"] = Outcome(fields["outcome"])
    for name in ("residue", "kept", "sites", "hosts", "missing"):
        if isinstance(fields.get(name), list):
            fields[name] = tuple(fields[name])
    return kind(**fields)
