"""What a rule of a gate finds, and how a gate stands. Pure: for entry criteria of stages and for risk flags alike.

1. A rule looks at facts that were gathered before and says what stands against going on: findings, with figures.
2. A finding that is a no-go closes the gate; a warning is shown and closes nothing.
3. A waiver opens the gate for one rule as it was found then: it covers nothing once the facts of its findings change.
4. A waiver that has expired covers nothing.

A rule of another family (risk flags over plan, graph and history) is the same ``Rule`` over facts of its own; what
``assess`` makes of both can stand in one gate: ``judge`` asks for assessments alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from golive.digest import digest


class Severity(StrEnum):
    """How much a finding weighs."""

    NO_GO = "no-go"
    """The gate stays closed until it is mended or waived."""
    WARNING = "warning"
    """It is told, and stands in the evidence."""


@dataclass(frozen=True)
class Finding:
    """One thing that stands against going on.

    Args:
        said: why, with figures, as a sentence without a full stop that a person understands at night.
        about: which part of what the rule looks at: a host, a component, a file.
        hint: what to do next.
        severity: whether it closes the gate.
        owner: role of the person who has to mend it; empty: the team.
        facts: JSON values that a waiver covers. Nothing that changes by itself, such as an age: the waiver would lapse.
            Empty: ``said`` is covered.
        at: the line of the plan that it is about, as file:line, where that is not the rule's own.
    """

    said: str
    about: str = ""
    hint: str = ""
    severity: Severity = Severity.NO_GO
    owner: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    at: str = ""


F = TypeVar("F")


@dataclass(frozen=True)
class Rule(Generic[F]):
    """One rule over facts of the type ``F``.

    Args:
        id: what people name it by, in ``golive waive`` too: ``tests``, ``restore-proven``.
        explanation: what it wants, in a sentence, for the guide.
        judge: the findings; none: it holds.
        holds: the sentence that says why it holds, with figures; asked only when there is no finding.
        path: where the plan asks for it, as a dotted path.
    """

    id: str
    explanation: str
    judge: Callable[[F], Iterable[Finding]]
    holds: Callable[[F], str]
    path: str = ""


@dataclass(frozen=True)
class Assessment:
    """What a rule says of the facts as they are."""

    rule: str
    explanation: str
    path: str
    holds: str
    findings: tuple[Finding, ...] = ()

    @property
    def refuses(self) -> bool:
        """Whether it closes the gate unless it is waived."""
        return any(finding.severity is Severity.NO_GO for finding in self.findings)

    @property
    def digest(self) -> str:
        """What a waiver of this rule covers: all its no-go findings, by their facts."""
        against = [finding for finding in self.findings if finding.severity is Severity.NO_GO]
        return digest([self.rule, sorted([one.about, digest(dict(one.facts) or one.said)] for one in against)])


@dataclass(frozen=True)
class Waiver:
    """A person's signed word that a stage may be entered although a rule refuses.

    ``expires`` is UTC in ISO 8601; ``covers`` is the digest of the assessment that the person saw.
    """

    step: str
    rule: str
    covers: str
    person: str
    reason: str
    expires: str


@dataclass(frozen=True)
class Standing:
    """A rule's assessment together with the waiver that covers it, or why the one there is does not."""

    assessment: Assessment
    waiver: Waiver | None = None
    lapsed: str = ""

    @property
    def go(self) -> bool:
        """Whether this rule keeps nobody back."""
        return self.waiver is not None or not self.assessment.refuses


@dataclass(frozen=True)
class Verdict:
    """How a gate stands."""

    standings: tuple[Standing, ...]

    @property
    def go(self) -> bool:
        """Whether the stage may be entered."""
        return all(standing.go for standing in self.standings)

    @property
    def against(self) -> tuple[Standing, ...]:
        """The rules that keep the gate closed."""
        return tuple(standing for standing in self.standings if not standing.go)


def assess(rules: Iterable[Rule[F]], facts: F) -> tuple[Assessment, ...]:
    """What each rule says of the facts."""
    return tuple(_assessed(rule, facts) for rule in rules)


def _assessed(rule: Rule[F], facts: F) -> Assessment:
    findings = tuple(rule.judge(facts))
    holds = "" if findings else rule.holds(facts)
    return Assessment(rule.id, rule.explanation, rule.path, holds, findings)


def judge(step: str, assessments: Iterable[Assessment], waivers: Sequence[Waiver], now: datetime) -> Verdict:
    """How the gate of a step stands.

    Args:
        step: the gate's step id: a waiver is given for one gate at one site.
        assessments: what the rules say.
        waivers: all that were signed, in the order of their signing.
        now: the time, with zone.
    """
    return Verdict(tuple(_standing(step, one, waivers, now) for one in assessments))


def _standing(step: str, assessment: Assessment, waivers: Sequence[Waiver], now: datetime) -> Standing:
    if not assessment.refuses:
        return Standing(assessment)
    lapsed = ""
    for waiver in reversed([one for one in waivers if (one.step, one.rule) == (step, assessment.rule)]):
        lapse = lapse_of(waiver, assessment, now)
        if not lapse:
            return Standing(assessment, waiver)
        lapsed = lapsed or lapse
    return Standing(assessment, None, lapsed)


def lapse_of(waiver: Waiver, assessment: Assessment, now: datetime) -> str:
    """Why a waiver does not cover what was found; empty: it does."""
    if datetime.fromisoformat(waiver.expires) <= now:
        return f"the waiver of {waiver.person} expired at {waiver.expires}"
    if waiver.covers != assessment.digest:
        return f"the waiver of {waiver.person} is for what was found then, and that has changed"
    return ""


def as_json(verdict: Verdict) -> list[dict[str, Any]]:
    """The verdict rule by rule as JSON values, for the evidence in the journal and for ``--format json``."""
    return [
        {
            "rule": standing.assessment.rule,
            "explanation": standing.assessment.explanation,
            "path": standing.assessment.path,
            "go": standing.go,
            "holds": standing.assessment.holds,
            "findings": [asdict(finding) for finding in standing.assessment.findings],
            "covers": standing.assessment.digest if standing.assessment.refuses else "",
            "waiver": asdict(standing.waiver) if standing.waiver else None,
            "lapsed": standing.lapsed,
        }
        for standing in verdict.standings
    ]
