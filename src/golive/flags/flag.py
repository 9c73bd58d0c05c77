"""A flag: one rule about the rollout, with all that a person needs to answer it.

1. What the plan does not claim is not judged: a small plan gets no flags.
2. From ``flags: expect_from`` sites on, silence is told too, as a warning: so many sites make the evidence necessary.
3. A finding says where (the line of the plan), why (with figures), and what to do.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from golive.flags.facts import Facts
from golive.gates.rule import Assessment, Finding, Rule, Severity, assess
from golive.words import several


class Flag(ABC):
    """One rule. A subclass says what it is; ``judge`` finds what speaks against going live."""

    id: ClassVar[str]
    title: ClassVar[str]
    explanation: ClassVar[str]
    lesson: ClassVar[str] = ""
    """The failure that it would have stopped."""
    evidence: ClassVar[tuple[str, ...]] = ()
    """The keys of the plan that it reads, as dotted paths."""
    severity: ClassVar[Severity] = Severity.NO_GO
    owner: ClassVar[str] = "lead"
    """Role of the person who answers it."""

    @abstractmethod
    def claimed(self, facts: Facts) -> bool:
        """Whether the plan says anything that can be judged."""

    @abstractmethod
    def judge(self, facts: Facts) -> Iterator[Finding]:
        """What speaks against going live; asked only when there is a claim."""

    @abstractmethod
    def holds(self, facts: Facts) -> str:
        """Why it holds, in a sentence with figures; asked only when nothing was found."""

    def lasts(self, facts: Facts) -> Iterable[date]:
        """The days up to which its evidence is young enough: on the day after, it trips by itself."""
        return ()

    def found(
        self, facts: Facts, path: str, said: str, remedy: str, about: str = "", severity: Severity | None = None
    ) -> Finding:
        """A finding of this rule.

        Args:
            facts: what is judged.
            path: the part of the plan that it is about, as a dotted path.
            said: why, without a number that changes by itself: a waiver covers the sentence.
            remedy: what to do.
            about: the host, site, person or component.
            severity: where it is not the rule's own.
        """
        return Finding(said, about, remedy, severity or self.severity, self.owner, at=facts.loaded.where(path))


@dataclass(frozen=True)
class Judged:
    """What one flag says: the rule, what it found, and until when that stays so by itself."""

    flag: Flag
    assessment: Assessment
    claimed: bool
    expires: date | None = None
    """The first of the days in ``lasts``."""


def judge(flags: Iterable[Flag], facts: Facts) -> tuple[Judged, ...]:
    """What each of these flags says of the facts."""
    return tuple(_judged(flag, facts) for flag in flags)


def _judged(flag: Flag, facts: Facts) -> Judged:
    claimed = flag.claimed(facts)
    (assessment,) = assess([_rule(flag, claimed)], facts)
    days = sorted(flag.lasts(facts)) if claimed else []
    ahead = [day for day in days if day >= facts.today]
    return Judged(flag, assessment, claimed, ahead[0] if ahead else None)


def _rule(flag: Flag, claimed: bool) -> Rule[Facts]:
    """The flag as a gate's rule: what a waiver of it covers is what a waiver of any rule covers."""
    path = flag.evidence[0] if flag.evidence else ""
    if claimed:
        return Rule(flag.id, flag.explanation, flag.judge, flag.holds, path)
    return Rule(flag.id, flag.explanation, lambda facts: _silence(flag, facts), lambda _: _NOT_JUDGED, path)


_NOT_JUDGED = "not judged: the plan says nothing about it"


def _silence(flag: Flag, facts: Facts) -> Iterator[Finding]:
    if facts.large and flag.evidence:
        said = f"the plan says nothing about it, and the rollout has {several(len(facts.plan.sites), 'site')}"
        keys = " or ".join(f"{key.replace('.', ': ')}:" for key in flag.evidence)
        yield flag.found(facts, "", said, f"add {keys}", severity=Severity.WARNING)
