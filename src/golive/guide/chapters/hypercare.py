"""Hypercare: how long the project looks after a site, who is there, what is watched, and when it ends."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from golive.calendar.zone import local
from golive.graph.step import Stage
from golive.graph.words import span
from golive.guide.context import Context
from golive.guide.document import Block, Column, Missing, Section, cell, facts, items, para, prose, row, table
from golive.guide.words import day_of, listed, visible


def write(context: Context) -> tuple[Block, ...]:
    """The chapter."""
    care = context.plan.hypercare
    return (
        Section("Period", tuple(_period(context))),
        Section("Who is there", (_people(context),)),
        Section(
            "Command centre, triage and escalation",
            tuple(prose(context.plan.standards.command_centre, "The plan does not say who answers, and how.")),
        ),
        Section("Smoke tests", (_smoke(context),)),
        Section("Exit criteria", (items(care.exit if care else (), "The plan names none.", boxes=True),)),
        *context.gap(_missing(context)),
    )


def _period(context: Context) -> Iterator[Block]:
    care = context.plan.hypercare
    if care is None:
        yield para("The plan has no hypercare: the project's duty ends with the handover.", tone="dim")
        return
    yield facts(("Lasts", f"{span(care.lasts)} from the end of the cutover of each site"))
    rows = (
        row(context.label(site), day_of(live.date()), day_of((live + timedelta(seconds=care.lasts)).date()))
        for site in context.sites
        if (live := _live(context, site))
    )
    yield table(
        ("Site", "From", "Until"), rows, "The plan has no dates, so hypercare has none either.", name="hypercare.period"
    )


def _live(context: Context, site: str) -> datetime | None:
    """When the site is expected to be live, by its clocks."""
    ends = [context.times.end[step.id] for step in context.steps(site, Stage.DEPLOY, Stage.CUTOVER) if not step.soaked]
    at = context.forecast.instant(max(ends)) if ends else None
    return local(at, context.zone(site)) if at else None


def _people(context: Context) -> Block:
    care = context.plan.hypercare
    rows = (
        row(
            context.label(site),
            skill,
            cell(
                *(
                    person.name
                    for person in context.plan.people.values()
                    if skill in person.skills and (not person.sites or site in person.sites)
                )
            ),
        )
        for site in context.sites
        for skill in (care.skills if care else ())
    )
    return table(
        (Column("Site", 1), Column("Skill", 1), Column("People", 2)),
        rows,
        "The plan asks for no skills.",
        name="hypercare.people",
    )


def _smoke(context: Context) -> Block:
    """What can be looked at every day: the checks of the components, and those through the front door."""
    plan = context.plan
    rows = [
        row(name, f"hosts of {part.on}", visible(part.check.sentence()))
        for name, part in plan.components.items()
        if part.check
    ]
    rows += [
        row("front door", f"seen from {spec.on}", visible(spec.check.sentence()))
        for spec in (plan.cutover.verify if plan.cutover else ())
    ]
    return table(
        ("Of", Column("Where", 1.2), Column("Must hold", 2.6)), rows, "The plan has no checks.", name="hypercare.smoke"
    )


def _missing(context: Context) -> Iterator[Missing]:
    care = context.plan.hypercare
    if care is None:
        yield Missing("hypercare: how long, with which skills, until what holds", ("hypercare",), "cutover")
    elif not care.exit:
        yield Missing("exit criteria of hypercare", ("hypercare.exit",), "cutover")
    if not context.plan.standards.command_centre:
        said = "the command centre: who answers, how defects are sorted, who is called next"
        yield Missing(said, ("standards.command_centre",), "cutover")
    unnamed = [skill for skill in (care.skills if care else ()) if not _held(context, skill)]
    if unnamed:
        yield Missing(f"people with the skills {listed(unnamed)}", ("people",), "cutover")


def _held(context: Context, skill: str) -> bool:
    return any(skill in person.skills for person in context.plan.people.values())
