"""How the flags are told: in lines with file, line and remedy, and as JSON values. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from golive.flags.flag import Flag, Judged
from golive.gates.rule import Finding, Severity, Waiver, lapse_of


@dataclass(frozen=True)
class Standing:
    """A flag as it stands: what it says, and the waiver that covers it."""

    judged: Judged
    waiver: Waiver | None = None

    @property
    def flag(self) -> Flag:
        """The rule."""
        return self.judged.flag

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What it found."""
        return self.judged.assessment.findings

    @property
    def verdict(self) -> str:
        """In a word: ``no-go``, ``waived``, ``yellow``, ``go``, or ``not judged``."""
        if self.judged.assessment.refuses:
            return "waived" if self.waiver else "no-go"
        if self.findings:
            return "yellow"
        return "go" if self.judged.claimed else "not judged"


def standings(judged: Sequence[Judged], waivers: Sequence[Waiver], now: datetime) -> tuple[Standing, ...]:
    """How each flag stands. The waivers are those of the run's gates; the latest one that covers counts."""

    def covering(one: Judged) -> Waiver | None:
        own = [waiver for waiver in waivers if waiver.rule == one.flag.id]
        return next((waiver for waiver in reversed(own) if not lapse_of(waiver, one.assessment, now)), None)

    return tuple(Standing(one, covering(one) if one.assessment.refuses else None) for one in judged)


def lines(standing: Standing) -> Iterator[str]:
    """Each finding in two lines: where, what and why; then what to do and who."""
    for finding in standing.findings:
        weight = standing.verdict if finding.severity is Severity.NO_GO else "yellow"
        where = f"{finding.at}: " if finding.at else ""
        yield f"{where}{weight} {standing.flag.id}: {finding.said}"
        yield f"    remedy: {finding.hint} ({finding.owner})"
    if waiver := standing.waiver:
        yield f"    waived by {waiver.person} until {waiver.expires}: {waiver.reason}"


def as_json(standing: Standing) -> Mapping[str, Any]:
    """One flag as JSON values."""
    flag, waiver = standing.flag, standing.waiver
    return {
        "id": flag.id,
        "title": flag.title,
        "explanation": flag.explanation,
        "evidence": list(flag.evidence),
        "severity": str(flag.severity),
        "owner": flag.owner,
        "verdict": standing.verdict,
        "holds": standing.judged.assessment.holds,
        "expires": standing.judged.expires.isoformat() if standing.judged.expires else None,
        "covers": standing.judged.assessment.digest if standing.judged.assessment.refuses else None,
        "waiver": {"person": waiver.person, "reason": waiver.reason, "expires": waiver.expires} if waiver else None,
        "findings": [
            {
                "at": finding.at,
                "said": finding.said,
                "remedy": finding.hint,
                "about": finding.about,
                "severity": str(finding.severity),
                "owner": finding.owner,
            }
            for finding in standing.findings
        ],
    }


def explained(flag: Flag) -> Iterator[str]:
    """All that is to be said about one flag, in lines."""
    yield f"{flag.id}: {flag.title}"
    yield f"  {flag.explanation}."
    if flag.lesson:
        yield f"  {flag.lesson}"
    weight = "no-go (exit 3 unless waived)" if flag.severity is Severity.NO_GO else "yellow"
    yield f"  severity: {weight}; owner: {flag.owner}"
    keys = ", ".join(f"{key.replace('.', ': ')}:" for key in flag.evidence) or "dates and texts of the whole plan"
    yield f"  evidence: {keys}"
