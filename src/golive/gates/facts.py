"""What the entry criteria of a stage are judged by: gathered by ``golive.run.evidence``, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class HostFacts:
    """What the run knows of one host: its survey, and how its baseline was brought about.

    ``survey`` and ``baseline`` are how these steps stand (``done``, ``refused``, ...); empty: there is no such step.
    """

    name: str
    survey: str = ""
    rows: tuple[Mapping[str, Any], ...] = ()
    """The requirements of the architecture: name, required, found, holds."""
    baseline: str = ""
    resources: int = 0
    conformance: str = ""
    """Digest of what the host reported once its baseline was there, its inventory included."""
    note: str = ""


@dataclass(frozen=True)
class Case:
    """One test case; ``outcome`` is passed, failed, error or skipped."""

    name: str
    outcome: str
    component: str = ""


@dataclass(frozen=True)
class Results:
    """One file of test results."""

    file: str
    sha256: str
    at: datetime | None
    """When the tests ran, as the file says; None: it does not say."""
    version: str = ""
    """The version that was tested, as the file says."""
    artifacts: Mapping[str, str] = field(default_factory=dict[str, str])
    """Digests of the artifacts that were tested, by component, as the file says."""
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True)
class Defect:
    """One line of a register of defects."""

    id: str
    priority: str
    status: str


@dataclass(frozen=True)
class FileFacts:
    """A file of evidence; ``dated`` is when it was last written."""

    sha256: str
    size: int
    dated: datetime


@dataclass(frozen=True)
class CheckFacts:
    """What a check said on one host."""

    host: str
    holds: bool
    said: str = ""


@dataclass(frozen=True)
class Signed:
    """A decision that the gate asks for: how it stands, and who answered what."""

    status: str
    people: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Facts:
    """Everything about one stage at one site."""

    now: datetime
    hosts: tuple[HostFacts, ...] = ()
    results: tuple[Results, ...] = ()
    defects: tuple[Defect, ...] = ()
    files: Mapping[str, FileFacts] = field(default_factory=dict[str, FileFacts])
    checks: Mapping[str, tuple[CheckFacts, ...]] = field(default_factory=dict[str, tuple[CheckFacts, ...]])
    signed: Mapping[str, Signed] = field(default_factory=dict[str, Signed])
    """By step id."""
    drift: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """By host, in words, what is no longer as the baseline left it; hosts without a baseline are not among them."""
    unseen: Mapping[str, str] = field(default_factory=dict[str, str])
    """By host, why its drift could not be looked at."""
    unread: Mapping[str, str] = field(default_factory=dict[str, str])
    """Files of evidence that could not be read, each with why."""
