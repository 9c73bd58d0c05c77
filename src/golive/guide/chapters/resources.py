"""Key resource requirements: hardware and software, people-hours, peaks, lines, hosts and licences."""

from collections.abc import Iterator

from golive.flags.facts import Facts
from golive.flags.needs import NO_CLOCK, NO_SKILL, Hours, Need, Peak, Requirements, requirements
from golive.guide.context import Context
from golive.guide.document import Block, Cell, Column, Missing, Row, Section, code, para, row, strong, table
from golive.guide.words import PARTIES, at, listed
from golive.words import several


def write(context: Context) -> tuple[Block, ...]:
    """The section. It reads no clock: nothing is said of how much time is left."""
    found = requirements(Facts(context.loaded, context.graph, NO_CLOCK))
    total = sum(one.hours for one in found.hours)
    return (
        Section(
            "People-hours",
            (
                para(
                    "Each step keeps one person with each skill that it needs for its planned time, in the week of its "
                    "stage: ",
                    strong(f"{total:.1f} hours"),
                    " in all. Travel, waiting and hypercare are not in it.",
                ),
                _hours(context, found),
                para(f"At most at once: {_peak(found.peak)}{_at_once(found)}."),
            ),
        ),
        Section(
            "What is needed and what there is",
            (
                para(
                    "Hosts are surveyed in the baseline stage; until then what they have is not known here. ",
                    code("golive needs"),
                    " tells it as it is now.",
                ),
                _needs(context, found),
            ),
        ),
        *context.gap(_missing(context, found)),
    )


def _hours(context: Context, found: Requirements) -> Block:
    heads = ("Skill", "Who", Column("Site", 1.4), Column("Week", 0.8), Column("Hours", 0.7, number=True))
    return table(
        heads,
        (_row(context, one) for one in found.hours if _about(context, one.site)),
        "No step takes time.",
        name="resources.hours",
    )


def _about(context: Context, site: str | None) -> bool:
    return not context.only or not site or site == context.only


def _row(context: Context, one: Hours) -> Row:
    skill = "any" if one.skill == NO_SKILL else one.skill
    who = PARTIES.get(one.role, one.role)
    return row(skill, who, context.label(one.site or None), one.week or "no date", f"{one.hours:.2f}")


def _peak(peak: Peak) -> str:
    return f"{several(peak.steps, 'step')} at {several(peak.sites, 'site')}, first at {at(peak.at)}"


def _at_once(found: Requirements) -> str:
    together = listed([f"{count} with {skill}" for skill, count in found.peak.skills.items()])
    return f"; people at once: {together}" if together else ""


def _needs(context: Context, found: Requirements) -> Block:
    heads = (
        Column("What", 1.2),
        Column("Where, who", 1.6),
        Column("When", 0.8),
        Column("Needed", 0.9, number=True),
        Column("Available", 0.9, number=True),
        Column("Short", 0.7, number=True),
    )
    needs = (*found.skills, *found.links, *found.hosts, *found.licences)
    shown = [
        one
        for one in needs
        if not context.only or one.where.split("/")[0] not in context.plan.sites or _here(context, one)
    ]
    return table(heads, map(_need, shown), "Nothing that has a limit.", name="resources.needs")


def _here(context: Context, one: Need) -> bool:
    return one.where.split("/")[0] == context.only


def _need(one: Need) -> Row:
    available = "not known" if one.available is None else f"{one.available:.1f} {one.unit}"
    short = f"{one.short:.1f} {one.unit}" if one.short else Cell()
    return row(one.what, one.where, one.when, f"{one.needed:.2f} {one.unit}", available, short)


def _missing(context: Context, found: Requirements) -> Iterator[Missing]:
    plan = context.plan
    if not plan.skills:
        yield Missing("which skills the steps need, and who has them", ("skills", "people"))
    silent = sorted({name for one in found.skills for name in plan.people if one.available is None})
    silent = [name for name in silent if plan.people[name].skills and not plan.people[name].hours]
    if silent:
        keys = tuple(f"people.{name}.hours" for name in silent)
        yield Missing("the hours of work of those who have the skills", keys)
    bare = [one.where for one in found.links if one.unit == "MB" and plan.sites[one.where].link is None]
    bare = [site for site in bare if site in context.sites]
    if bare:
        yield Missing("what the lines to the sites carry", tuple(f"sites.{name}.link" for name in bare), "deploy")
