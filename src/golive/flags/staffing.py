"""Who is needed where, when and for what, and who of those who can is there. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from golive.calendar.presence import Presence, presence
from golive.calendar.zone import local
from golive.flags.facts import Facts
from golive.graph.step import Stage, Step
from golive.plan.people import Person
from golive.plan.plan import Plan
from golive.plan.timing import hours_of, zone_of


@dataclass(frozen=True)
class Need:
    """A skill that a site needs, the part of the plan that says so, and whether until the end of hypercare."""

    skill: str
    path: str
    stays: bool = False


def skills_of(plan: Plan, step: Step) -> tuple[str, ...]:
    """The skills that a step needs."""
    name = step.id.split("/")[-1].partition("@")[0]
    match step.stage:
        case Stage.BASELINE:
            role = plan.sites[step.site].hosts[step.host].role if step.site and step.host else ""
            return plan.roles[role].skills if role in plan.roles else ()
        case Stage.DEPLOY:
            component = name.removeprefix("deliver-").removesuffix("-check")
            return plan.components[component].skills if component in plan.components else ()
        case Stage.CUTOVER:
            return plan.cutover.skills if plan.cutover else ()
        case Stage.HANDOVER:
            return plan.handover.skills if plan.handover else ()
        case _:
            return ()


class Staffing:
    """The people of a plan as the sites need them.

    Args:
        facts: the plan and the clock.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts, self.plan = facts, facts.plan
        self._there: dict[tuple[str, datetime], str] = {}

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        """The skills that every site needs, each once, at the first place that names it."""
        plan, found = self.plan, dict[str, Need]()
        parts = [(f"roles.{name}.skills", role.skills) for name, role in plan.roles.items()]
        parts += [(f"components.{name}.skills", component.skills) for name, component in plan.components.items()]
        parts += [("cutover.skills", plan.cutover.skills)] if plan.cutover else []
        parts += [("handover.skills", plan.handover.skills)] if plan.handover else []
        for path, skills in parts:
            for skill in skills:
                found.setdefault(skill, Need(skill, path))
        for skill in plan.hypercare.skills if plan.hypercare else ():
            path = found[skill].path if skill in found else "hypercare.skills"
            found[skill] = Need(skill, path, stays=True)
        for skill, of in plan.skills.items():
            if of.critical and skill in found:
                found[skill] = Need(skill, found[skill].path, stays=True)
        return tuple(found.values())

    @cached_property
    def _with_skill(self) -> Mapping[str, tuple[tuple[str, Person], ...]]:
        found: dict[str, list[tuple[str, Person]]] = {}
        for name, person in self.plan.people.items():
            for skill in person.skills:
                found.setdefault(skill, []).append((name, person))
        return {skill: tuple(held) for skill, held in found.items()}

    def named(self, skill: str, site: str) -> tuple[str, ...]:
        """The people who have a skill and answer for a site."""
        held = self._with_skill.get(skill, ())
        return tuple(name for name, person in held if not person.sites or site in person.sites)

    def stays_until(self, site: str) -> date | None:
        """The last day of a site's hypercare; None: it has none, or no date."""
        at = self.facts.go_live(site)
        if at is None or self.plan.hypercare is None:
            return None
        return local(at + timedelta(seconds=self.plan.hypercare.lasts), zone_of(self.plan, site)).date()

    def gone(self, person: str, site: str, stays: bool) -> str:
        """Why a person's time in the rollout ends too early for a site; empty: it does not."""
        released, at = self.plan.people[person].released, self.facts.go_live(site)
        if released is None:
            return ""
        end = self.stays_until(site) if stays else None
        if end is not None and released < end:
            return f"{person} is released on {released}, before hypercare ends on {end}"
        if at is not None and released < local(at, zone_of(self.plan, site)).date():
            return f"{person} is released on {released}, before the site goes live"
        return ""

    def away(self, person: str, site: str) -> str:
        """Why a person is known not to work when a site goes live; empty: the person does, or it is not known."""
        at = self.facts.go_live(site)
        if at is None:
            return ""
        if (person, at) not in self._there:
            found = presence(hours_of(self.plan, person), at)
            off = found.presence not in (Presence.WORKS, Presence.UNKNOWN)
            self._there[person, at] = f"{person}: {found.because}" if off else ""
        return self._there[person, at]

    def there(self, need: Need, site: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Who of those with a skill is there for a site, and why the others are not."""
        names = self.named(need.skill, site)
        why = {name: self.gone(name, site, need.stays) or self.away(name, site) for name in names}
        return tuple(name for name in names if not why[name]), tuple(text for text in why.values() if text)


@dataclass(frozen=True)
class Group:
    """Sites at which the same can be said of a need."""

    need: Need
    names: tuple[str, ...]
    why: tuple[str, ...]
    sites: tuple[str, ...]


def groups(staffing: Staffing) -> Iterator[Group]:
    """For each need the sites, together where the same people are there for the same reasons."""
    for need in staffing.needs:
        found: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
        for site in staffing.plan.sites:
            found.setdefault(staffing.there(need, site), []).append(site)
        for (names, why), sites in found.items():
            yield Group(need, names, why, tuple(sites))
