"""What happens to the plan if a person drops out: what is flagged then that is not flagged now. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from golive.flags.all import FLAGS
from golive.flags.facts import Facts
from golive.flags.flag import Judged, judge
from golive.gates.rule import Finding


def without(facts: Facts, person: str) -> tuple[Judged, ...]:
    """The flags that say more without a person, each with what it says more.

    Args:
        facts: what is judged.
        person: a name in ``people``.
    """
    people = {name: of for name, of in facts.plan.people.items() if name != person}
    loaded = facts.loaded.model_copy(update={"plan": facts.plan.model_copy(update={"people": people})})
    after = replace(facts, loaded=loaded)
    return tuple(_more(judge(FLAGS, facts), judge(FLAGS, after)))


def _more(before: tuple[Judged, ...], after: tuple[Judged, ...]) -> Iterator[Judged]:
    for old, new in zip(before, after, strict=True):
        known = {_key(finding) for finding in old.assessment.findings}
        added = tuple(finding for finding in new.assessment.findings if _key(finding) not in known)
        if added:
            yield replace(new, assessment=replace(new.assessment, findings=added, holds=""))


def _key(finding: Finding) -> tuple[str, str]:
    return finding.said, finding.about
