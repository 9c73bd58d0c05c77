"""Key resource requirements: people-hours, peaks, lines, hosts and licences; the gates, and who answers them."""

from collections.abc import Iterator
from dataclasses import dataclass

from golive.flags.all import FLAGS
from golive.flags.facts import Facts
from golive.flags.needs import NO_CLOCK, NO_SKILL, Need, Peak, Requirements, requirements
from golive.guide.context import Context, Missing
from golive.guide.words import PARTIES, at, listed


@dataclass(frozen=True)
class HoursRow:
    """People-hours of one skill at one site in one week."""

    skill: str
    who: str
    site: str
    week: str
    hours: str


@dataclass(frozen=True)
class NeedRow:
    """Something that is needed, and how much of it there is."""

    what: str
    where: str
    when: str
    needed: str
    available: str
    short: str


@dataclass(frozen=True)
class GateRow:
    """A gate or a yellow flag: what it wants, who answers it, and whether the plan says anything to be judged."""

    title: str
    wants: str
    owner: str
    severity: str
    judged: bool


@dataclass(frozen=True)
class Resources:
    """What the rollout takes."""

    hours: tuple[HoursRow, ...]
    total: str
    peak: str
    at_once: str
    needs: tuple[NeedRow, ...]
    gates: tuple[GateRow, ...]
    missing: tuple[Missing, ...]


def write(context: Context) -> Resources:
    """The chapter. It reads no clock: nothing is said of how much time is left."""
    facts = Facts(context.loaded, context.graph, NO_CLOCK)
    found = requirements(facts)
    needs = (*found.skills, *found.links, *found.hosts, *found.licences)
    return Resources(
        hours=tuple(
            HoursRow(
                "any" if one.skill == NO_SKILL else one.skill,
                PARTIES.get(one.role, one.role),
                context.label(one.site) if one.site else "controller",
                one.week or "no date",
                f"{one.hours:.2f}",
            )
            for one in found.hours
        ),
        total=f"{sum(one.hours for one in found.hours):.1f}",
        peak=_peak(found.peak),
        at_once=listed([f"{count} with {skill}" for skill, count in found.peak.skills.items()]),
        needs=tuple(_row(one) for one in needs),
        gates=tuple(
            GateRow(flag.title, flag.explanation, flag.owner, str(flag.severity), flag.claimed(facts)) for flag in FLAGS
        ),
        missing=tuple(_missing(context, found)),
    )


def _peak(peak: Peak) -> str:
    return f"{peak.steps} steps at {peak.sites} sites, first at {at(peak.at)}"


def _row(one: Need) -> NeedRow:
    available = "not known" if one.available is None else f"{one.available:.1f} {one.unit}"
    needed = f"{one.needed:.2f} {one.unit}"
    return NeedRow(one.what, one.where, one.when, needed, available, f"{one.short:.1f} {one.unit}" if one.short else "")


def _missing(context: Context, found: Requirements) -> Iterator[Missing]:
    plan = context.plan
    if not plan.skills:
        yield Missing("which skills the steps need, and who has them", ("skills", "people"))
    silent = sorted({name for one in found.skills for name in plan.people if one.available is None})
    silent = [name for name in silent if plan.people[name].skills and not plan.people[name].hours]
    if silent:
        yield Missing(
            "the hours of work of those who have the skills", tuple(f"people.{name}.hours" for name in silent)
        )
    bare = [one.where for one in found.links if one.unit == "MB" and plan.sites[one.where].link is None]
    if bare:
        yield Missing("what the lines to the sites carry", tuple(f"sites.{name}.link" for name in bare))
    dateless = [site for site in context.sites if not any(one.site == site and one.week for one in found.hours)]
    if dateless:
        yield Missing("the dates of the sites", tuple(f"sites.{name}.planned" for name in dateless))
