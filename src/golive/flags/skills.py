"""Gate 6, skills floor, and the yellow flag *skills no longer available*."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import ClassVar

from golive.calendar.zone import shown
from golive.flags.facts import Facts
from golive.flags.flag import Flag
from golive.flags.staffing import Group, Staffing, groups
from golive.flags.words import some
from golive.gates.rule import Finding, Severity
from golive.words import several


class SkillsFloor(Flag):
    """Critical skills are there, twice, until the end of hypercare."""

    id = "skills-floor"
    title = "Skills floor"
    explanation = (
        "Each critical skill has a named person who is there, and a backup, at each site until the end of hypercare; "
        "who runs the old system is not released before that"
    )
    lesson = "Phoenix pay, 2016: 700 pay advisors were let go before the new system was stable."
    evidence: ClassVar[tuple[str, ...]] = ("skills",)

    def claimed(self, facts: Facts) -> bool:
        plan = facts.plan
        return any(skill.critical for skill in plan.skills.values()) or any(
            person.old_system for person in plan.people.values()
        )

    def holds(self, facts: Facts) -> str:
        critical = [name for name, skill in facts.plan.skills.items() if skill.critical]
        return f"{several(len(critical), 'critical skill')} at every site, each with a backup"

    def judge(self, facts: Facts) -> Iterator[Finding]:
        staffing = Staffing(facts)
        for group in groups(staffing):
            of = facts.plan.skills.get(group.need.skill)
            if of and of.critical and len(group.names) < 2:
                yield self._thin(facts, group)
        yield from self._old_system(facts, staffing)

    def _thin(self, facts: Facts, group: Group) -> Finding:
        skill, at = group.need.skill, some(group.sites)
        why = f" ({'; '.join(group.why)})" if group.why else ""
        if group.names:
            said = f"only {group.names[0]} has the critical skill {skill} at {at}: there is no backup{why}"
        else:
            said = f"nobody who is there has the critical skill {skill} at {at}{why}"
        remedy = "name a person and a backup for it in people:, for the time up to the end of hypercare"
        return self.found(facts, group.need.path, said, remedy, skill)

    def _old_system(self, facts: Facts, staffing: Staffing) -> Iterator[Finding]:
        for name, person in facts.plan.people.items():
            if not person.old_system or person.released is None:
                continue
            ends = [(end, site) for site in person.sites or facts.plan.sites if (end := staffing.stays_until(site))]
            late = [(end, site) for end, site in ends if person.released < end]
            if late:
                end, site = max(late)
                leaves = f"{name}, who runs the old system, is released on {person.released}"
                said = f"{leaves}; hypercare at {site} ends on {end}"
                remedy = "keep the people of the old system until the new one is stable"
                yield self.found(facts, f"people.{name}.released", said, remedy, name)


class SkillsGone(Flag):
    """Every skill that a step needs is there on its day."""

    id = "skills-gone"
    title = "Skills no longer available"
    explanation = (
        "Each skill that steps need has somebody at each site who works when it goes live, is not needed elsewhere at "
        "that time, and is not the only one: golive flags --without PERSON tells what hangs on one person"
    )
    evidence: ClassVar[tuple[str, ...]] = ("skills", "people")
    severity = Severity.WARNING

    def claimed(self, facts: Facts) -> bool:
        return bool(Staffing(facts).needs)

    def holds(self, facts: Facts) -> str:
        needs = Staffing(facts).needs
        return f"{several(len(needs), 'skill')} at {several(len(facts.plan.sites), 'site')}, each with a backup"

    def judge(self, facts: Facts) -> Iterator[Finding]:
        staffing = Staffing(facts)
        held = list(groups(staffing))
        for group in held:
            of = facts.plan.skills.get(group.need.skill)
            if of is None or not of.critical:  # gate 6 has the critical ones
                yield from self._thin(facts, group)
        yield from self._double(facts, staffing, held)
        yield from self._signers(facts)

    def _thin(self, facts: Facts, group: Group) -> Iterator[Finding]:
        skill, at, path = group.need.skill, some(group.sites), group.need.path
        why = f" ({'; '.join(group.why)})" if group.why else ""
        if not group.names:
            said = f"nobody who is there has the skill {skill} at {at}{why}"
            yield self.found(facts, path, said, "name somebody in people: with this skill, or move the date", skill)
        elif len(group.names) == 1:
            said = f"only {group.names[0]} has the skill {skill} at {at}{why}"
            yield self.found(facts, path, said, "name a backup", skill)

    def _double(self, facts: Facts, staffing: Staffing, held: list[Group]) -> Iterator[Finding]:
        """The same person is the only one for two sites that go live at the same time."""
        booked: dict[str, dict[str, datetime]] = {}
        for group in held:
            if len(group.names) == 1:
                dated = ((site, facts.go_live(site)) for site in group.sites)
                booked.setdefault(group.names[0], {}).update({site: at for site, at in dated if at})
        for name, sites in booked.items():
            inorder = sorted(sites.items(), key=lambda item: item[1])
            for (one, at), (other, then) in pairwise(inorder):
                if then < at + timedelta(seconds=_busy(facts, one)):
                    day = shown(then, facts.plan.calendar.timezone)
                    said = f"{name} alone is needed at {one} and at {other} at the same time ({day})"
                    yield self.found(facts, f"people.{name}", said, "name somebody else for one of them", name)
                    break

    def _signers(self, facts: Facts) -> Iterator[Finding]:
        alone: dict[tuple[str, str, str], list[str]] = {}
        for step in facts.graph.steps:
            role = step.do.inputs.get("role") if step.do.kind == "decision" else None
            if role and step.site:
                can = [
                    name for name, person in facts.plan.people.items() if person.acts(role, step.site) and person.key
                ]
                if len(can) < 2 and facts.plan.skills:
                    who = can[0] if can else ""
                    alone.setdefault((step.id.rpartition("/")[2], str(role), who), []).append(step.site)
        for (decision, role, who), sites in alone.items():
            said = (
                f"only {who} can sign {decision} at {some(sites)}"
                if who
                else f"nobody can sign {decision} at {some(sites)}"
            )
            path = f"people.{who}" if who else "people"
            yield self.found(facts, path, said, f"add a person with the role {role} and a key to people:", who)


def _busy(facts: Facts, site: str) -> float:
    """How long the cutover of a site keeps people, in seconds: its steps one after the other."""
    return sum(step.planned for step in facts.steps_of.get(site, ()) if step.stage in ("cutover", "handover"))
