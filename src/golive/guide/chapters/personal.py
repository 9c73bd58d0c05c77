"""For one person: who they are in the rollout, everything they do, in order, their dates, and what if it goes wrong.

A person does what they are asked to do or to sign, and runs and watches what golive does by itself: installers where
the team installs, operators where the client's operators do. The first stand step by step, the others stage by stage.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from golive.agenda.concerns import concerns
from golive.agenda.entries import entries
from golive.agenda.words import hours_said
from golive.calendar.zone import shown
from golive.graph.step import Stage, Step
from golive.graph.words import span
from golive.guide.chapters import contacts, operations
from golive.guide.chapters.people import kinds_of
from golive.guide.context import Context
from golive.guide.document import (
    Block,
    Cell,
    Chapter,
    Column,
    Gap,
    Line,
    Missing,
    Row,
    Section,
    cell,
    code,
    dim,
    facts,
    items,
    line,
    para,
    prose,
    row,
    strong,
    table,
    walk,
)
from golive.guide.rows import details, done, flags, number, ranges, tone, verification, where
from golive.guide.words import at, listed, visible
from golive.plan.people import Person
from golive.plan.timing import hours_of
from golive.words import several


@dataclass(frozen=True)
class Part:
    """Something that a person does: one step that they are asked for, or the steps of a stage that they watch."""

    steps: tuple[Step, ...]
    asked: bool
    start: float


def parts(context: Context) -> tuple[Part, ...]:
    """Everything that the person of the context does, in order."""
    found = [part for site in (None, *context.sites) for stage in Stage for part in _of_stage(context, site, stage)]
    return tuple(sorted(found, key=lambda part: part.start))


def _of_stage(context: Context, site: str | None, stage: Stage) -> Iterator[Part]:
    steps = context.steps(site, stage)
    asked = [step for step in steps if step.do.kind in ("person", "decision")]
    for step in asked:
        if _person(context).acts(str(step.do.inputs.get("role", "")), site or ""):
            yield Part((step,), True, context.start(step))
    watched = tuple(step for step in steps if step not in asked and _runs(context, step))
    if watched:
        yield Part(watched, False, context.forecast.extent(watched)[0])


def _person(context: Context) -> Person:
    return context.plan.people[context.person]


def _runs(context: Context, step: Step) -> bool:
    """Whether the person runs and watches a step that golive does by itself."""
    roles = (_operators(context),) if step.owner == "operators" else context.plan.flags.installers
    person = _person(context)
    return any(person.acts(role, step.site) if step.site else role in person.roles for role in roles)


def _operators(context: Context) -> str:
    sign_off = context.plan.handover.sign_off if context.plan.handover else None
    return sign_off.role if sign_off else "operator"


def write(context: Context, others: Iterable[Chapter]) -> tuple[Chapter, ...]:
    """The chapters.

    Args:
        context: with the person.
        others: the chapters of the whole guide, of which the person may owe something.
    """
    mine = parts(context)
    sections = (
        Section("You in this rollout", tuple(_you(context, others)), "you"),
        Section("Everything, in order", (para(*_HOW), _tasks(context, mine)), "everything"),
        Section("Your dates", (_dates(context),), "dates"),
        Section("If something goes wrong", tuple(_trouble(context)), "trouble"),
        Section("Whom to reach", contacts.write(context), "contacts"),
    )
    made: list[tuple[str, str, tuple[Block, ...]]] = [("tasks", "What you do", sections)]
    if _operators(context) in _person(context).roles:
        made.append(("operations", "Operations Manual", operations.write(context)))
    made.append(("checklist", "Checklist", (_checklist(context, mine),)))
    return tuple(Chapter(name, title, blocks, str(place)) for place, (name, title, blocks) in enumerate(made, 1))


_HOW = (
    "In the order in which it is expected; the numbers are those of the Deployment Guide. What you sign is an SSH "
    "signature with your own key: golive shows the question, what it covers and the evidence before you sign."
)


def _you(context: Context, others: Iterable[Chapter]) -> Iterator[Block]:
    person, plan = _person(context), context.plan
    hours = hours_of(plan, context.person)
    risks = [risk.name for risk in plan.risks if risk.owner == context.person]
    yield facts(
        ("Name", person.name),
        ("Roles", listed(person.roles)),
        ("Sites", listed([context.label(site) for site in context.sites]) or "none that is still to go live"),
        ("Skills", listed(person.skills) or "none that the plan names"),
        ("Hours of work", f"{hours_said(hours)}, {hours.zone}"),
        ("Signs", "with the SSH key in the plan" if person.key else "nothing: the plan has no key of yours"),
        ("Reached at", cell(person.phone or dim("no phone number in the plan"), person.email or "")),
    )
    if risks:
        watched = [
            line(strong(risk.name), f" {risk.about} {risk.response}") for risk in plan.risks if risk.name in risks
        ]
        yield Section("Risks that you watch", (items(watched),))
    owed = tuple(_owed(person.name, others))
    if owed:
        yield Section("What you still owe to the plan", (items(owed, boxes=True),))


def _owed(name: str, others: Iterable[Chapter]) -> Iterator[Line]:
    gaps = [block for chapter in others for block in walk(chapter.blocks) if isinstance(block, Gap)]
    for item in dict.fromkeys(_plain(item) for gap in gaps for item in gap.items if name in item.owner):
        yield line(item)


def _plain(item: Missing) -> str:
    return f"{item.what}, {item.due}"


def _tasks(context: Context, mine: Sequence[Part]) -> Block:
    heads = (
        Column("When", 1.3),
        Column("No.", 0.7),
        Column("Where", 1),
        Column("What", 3.2),
        Column("How", 2.2),
        Column("Takes", 0.8),
    )
    rows = (_asked(context, part.steps[0]) if part.asked else _watched(context, part) for part in mine)
    return table(heads, rows, "The graph has nothing for you to do.", name="personal.tasks")


def when(context: Context, start: float) -> str:
    """A time by the clocks of the person; from the beginning of the rollout where the plan has no date."""
    instant = context.forecast.instant(start)
    return shown(instant, hours_of(context.plan, context.person).zone) if instant else at(start)


def _asked(context: Context, step: Step) -> Row:
    verb = "approve" if step.do.kind == "decision" else "do"
    how: list[Line] = [line("You sign: ", code(f"golive {verb} {step.id}")), *(line(one) for one in details(step))]
    how += [line(dim("Done when "), verification(step))]
    title = cell(strong(visible(step.title)), flags(context, step))
    place = cell(context.label(step.site))
    return row(
        when(context, context.start(step)),
        number(context, step),
        place,
        title,
        cell(*how, *done(context, step)),
        span(step.planned),
        tone=tone(step),
    )


def _watched(context: Context, part: Part) -> Row:
    first, (start, end) = part.steps[0], context.forecast.extent(part.steps)
    said: list[Line] = [line(strong(f"Run and watch {first.stage}"), f": {several(len(part.steps), 'step')}")]
    said += [line(kinds_of(part.steps))]
    said += [line("Among them the point of no return.")] if any(step.no_return for step in part.steps) else []
    how: list[Line] = [line(code("golive run"), " does it; look at it with ", code("golive status"), ".")]
    how += [line(dim("Done when "), "every step is done and verified")]
    how += [one for step in part.steps for one in done(context, step) if context.ran and context.ran.of(step.id).notes]
    numbers = ranges(context, [step.id for step in part.steps])
    place = cell(context.label(first.site))
    return row(when(context, start), numbers, place, cell(*said), cell(*how), span(end - start))


def _dates(context: Context) -> Block:
    zone = hours_of(context.plan, context.person).zone
    heads = (Column("Day", 1), Column("Time", 1.4), Column("What", 2.4), Column("Notes", 2.4))
    rows = (
        row(entry.day(zone), entry.when(zone), entry.title, listed(entry.notes))
        for entry in entries(context.loaded, context.graph)
        if concerns(context.plan, entry, context.person) and (not entry.site or entry.site in context.sites)
    )
    said = "The plan has no dates that concern you."
    return table(heads, rows, said, name="personal.dates")


def _trouble(context: Context) -> Iterator[Block]:
    plan, name = context.plan, context.person
    contingency, person = plan.contingency, _person(context)
    back = contingency.back_out if contingency else None
    yours = ["You may call the back-out: golive back-out SITE."] if back and name in back.authority else []
    waivers = set(plan.gates.waived_by if plan.gates else ()) & set(person.roles)
    yours += ["You may let a stage begin although a rule of its gate refuses: golive waive."] if waivers else []
    alarms = contingency.alarms if contingency else {}
    yours += [f"The alarm {alarm} comes to you." for alarm, of in alarms.items() if of.route in (name, *person.roles)]
    yield items(yours, "The plan gives you no authority to turn back, and no alarms: call the lead.")
    heads = (Column("Go back when", 2), Column("Measured", 1.2))
    criteria = (row(one.says, one.metric or "not measured") for one in (back.criteria if back else ()))
    yield Section(
        "When the site goes back", (table(heads, criteria, "The plan names no criteria.", name="personal.criteria"),)
    )
    yield Section("Who answers", tuple(prose(plan.standards.command_centre, "The plan does not say who answers.")))
    silent = "The plan does not say how to go on."
    yield Section("How business goes on meanwhile", tuple(prose(plan.standards.contingency, silent)))


def _checklist(context: Context, mine: Sequence[Part]) -> Block:
    heads = (Column("", 0.35), Column("No.", 0.8), Column("What", 5), Column("Time", 1.2), Column("Initials", 1.2))
    rows = (_check(context, part) for part in mine)
    return table(heads, rows, "There is nothing to tick.", kind="check", name="personal.checklist")


def _check(context: Context, part: Part) -> Row:
    first = part.steps[0]
    if part.asked:
        said, numbers = visible(first.title), context.numbers[first.id]
    else:
        said, numbers = f"Run and watch {first.stage}", ranges(context, [step.id for step in part.steps])
    notes = f"{context.label(first.site)} · {when(context, part.start)} · {where(first) if part.asked else 'golive'}"
    return row("", numbers, cell(said, dim(notes)), Cell(), Cell())
