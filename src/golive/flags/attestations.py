"""Gate 11, attestations: free of caveats, dated, linked to evidence; a condition is an open blocker."""

import re
from collections.abc import Iterator
from typing import ClassVar

from golive.flags.facts import Facts
from golive.flags.flag import Flag
from golive.gates.rule import Finding
from golive.words import several

_CAVEATS = re.compile(
    r"\b(subject to|provided that|except|assum(?:e[sd]?|ing)|expect(?:s|ed)? to|should|to the best of|as far as|"
    r"pending|unless|apart from|in principle|largely|mostly|planned to|will be|no reason to believe)\b",
    re.I,
)


class Attestations(Flag):
    """What people vouch for stands without an if."""

    id = "attestations"
    title = "Attestations"
    explanation = "Each attestation is free of caveats, dated, linked to evidence, and its conditions are closed"
    lesson = "TSB, 2018: the supplier's letter said that it expected to be ready; it was read as ready."
    evidence: ClassVar[tuple[str, ...]] = ("evidence.attestations",)

    def claimed(self, facts: Facts) -> bool:
        return bool(facts.plan.evidence.attestations)

    def holds(self, facts: Facts) -> str:
        return f"{several(len(facts.plan.evidence.attestations), 'attestation')}, none with a condition open"

    def judge(self, facts: Facts) -> Iterator[Finding]:
        for index, one in enumerate(facts.plan.evidence.attestations):
            path, who = f"evidence.attestations[{index}]", f"{one.by} attests “{one.says}”"
            if caveat := _CAVEATS.search(one.says):
                said = f"{who}: “{caveat[0]}” is a caveat"
                yield self.found(
                    facts, f"{path}.says", said, "ask for the sentence without it, or for a condition", one.by
                )
            if one.by not in facts.plan.people:
                yield self.found(
                    facts, f"{path}.by", f"{one.by}, who attests, is not in people", "add the person", one.by
                )
            if one.day is None:
                yield self.found(facts, path, f"{who}, with no date", "add day:", one.by)
            elif one.day > facts.today:
                said = f"{who} on {one.day}, which is still to come"
                yield self.found(facts, f"{path}.day", said, "ask for it when it is true", one.by)
            if why := facts.missing(one.evidence):
                at = f"{path}.evidence" if one.evidence else path
                yield self.found(facts, at, f"{who}: {why}", "link the file that it rests on", one.by)
            for place, condition in enumerate(one.conditions):
                if condition.closed is None or condition.closed > facts.today:
                    said = f"{who} on a condition that is open: {condition.says}"
                    yield self.found(
                        facts, f"{path}.conditions[{place}]", said, "close it; until then it blocks", one.by
                    )
