"""What happens to the plan if a person drops out. Pure.

1. What is flagged then that is not flagged now.
2. The steps that stand still: those that this person alone can do or sign, with all that waits for them.
3. What the plan names the person for, which somebody else has to take over.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from golive.flags.all import FLAGS
from golive.flags.facts import Facts
from golive.flags.flag import Judged, judge
from golive.gates.rule import Finding
from golive.graph.step import Step


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


@dataclass(frozen=True)
class Stranded:
    """A step that nobody else can do."""

    step: Step
    role: str
    behind: int
    """How many steps wait for it."""


def stranded(facts: Facts, person: str) -> tuple[Stranded, ...]:
    """The steps that wait for ever without a person, in order."""
    own, others = facts.plan.people[person], [of for name, of in facts.plan.people.items() if name != person]
    found = list[Stranded]()
    for step in facts.graph.steps:
        role, site = str(step.do.inputs.get("role", "")), step.site or ""
        if step.do.kind not in ("decision", "person") or not (own.acts(role, site) and own.key):
            continue
        able = sum(1 for of in others if of.acts(role, site) and of.key)
        if able < int(step.do.inputs.get("persons", 1)):
            found.append(Stranded(step, role, len(_behind(facts, step.id))))
    return tuple(found)


def _behind(facts: Facts, step: str) -> set[str]:
    """All that waits for a step, directly or not."""
    found, left = set[str](), [step]
    while left:
        for name in facts.graph.needed_by[left.pop()]:
            if name not in found:
                found.add(name)
                left.append(name)
    return found


def duties(facts: Facts, person: str) -> tuple[tuple[str, str], ...]:
    """What a person is named for in the plan, each with its dotted path."""
    plan, found = facts.plan, list[tuple[str, str]]()
    found += [
        (f"represents {name}", f"sites.{name}.contact") for name, of in plan.sites.items() if of.contact == person
    ]
    found += [
        (f"watches the risk {one.name}", f"risks[{n}].owner") for n, one in enumerate(plan.risks) if one.owner == person
    ]
    contingency = plan.contingency
    if contingency and contingency.back_out and person in contingency.back_out.authority:
        found.append(("may call the back-out", "contingency.back_out.authority"))
    for name, alarm in (contingency.alarms if contingency else {}).items():
        found += [(f"gets the alarm {name}", f"contingency.alarms.{name}.route")] if alarm.route == person else []
    return tuple(found)


def _more(before: tuple[Judged, ...], after: tuple[Judged, ...]) -> Iterator[Judged]:
    for old, new in zip(before, after, strict=True):
        known = {_key(finding) for finding in old.assessment.findings}
        added = tuple(finding for finding in new.assessment.findings if _key(finding) not in known)
        if added:
            yield replace(new, assessment=replace(new.assessment, findings=added, holds=""))


def _key(finding: Finding) -> tuple[str, str]:
    return finding.said, finding.about
