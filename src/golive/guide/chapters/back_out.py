"""Back-out: how the software returns to the old system, until when, by whose word, in which order, what stays."""

from collections.abc import Iterator, Sequence

from golive.graph.step import Stage, Step
from golive.graph.words import span
from golive.guide.context import Context
from golive.guide.document import (
    Block,
    Column,
    Missing,
    Section,
    cell,
    code,
    facts,
    items,
    line,
    link,
    para,
    row,
    table,
)
from golive.guide.rows import where
from golive.guide.words import at, day_of, listed, visible
from golive.plan.contingency import BackOut


def write(context: Context) -> tuple[Block, ...]:
    """The chapter."""
    return (
        Section("Strategy", tuple(_strategy(context))),
        Section("Criteria and authority", tuple(_criteria(context))),
        *(Section(context.label(site), tuple(_site(context, site)), f"back-out-{site}") for site in context.sites),
        *context.gap(_missing(context)),
    )


def _plan(context: Context) -> BackOut | None:
    return context.plan.contingency.back_out if context.plan.contingency else None


def _strategy(context: Context) -> Iterator[Block]:
    yield para(
        "Back-out returns the software to the old system: it reverses the cutover and the deployment, last step first. "
        "The return of data is the next chapter. What the baseline installed stays."
    )
    yield para(
        "A check that fails in the cutover before the point of no return starts the back-out of that site by itself; "
        "after it there is no way back by golive, since writes that the new system took would be lost."
    )
    yield para(
        "Only what was begun is taken back. Inverses that do not depend on each other run side by side. One that fails "
        "is listed as residue and does not stop the others. Each is verified by its own check."
    )


def _criteria(context: Context) -> Iterator[Block]:
    back = _plan(context)
    heads = (Column("Go back when", 2.2), Column("Measured", 1.2), Column("Limit", 0.8))
    rows = (
        row(one.says, one.metric or "not measured", _limit(one.above, one.below))
        for one in (back.criteria if back else ())
    )
    yield table(heads, rows, "The plan names no criteria beside the checks of the cutover.", name="back_out.criteria")
    people = context.plan.people
    names = [people[name].name for name in back.authority] if back else []
    rehearsed = day_of(back.rehearsed) if back and back.rehearsed else "never, as far as the plan says"
    cutover = context.plan.cutover
    window = span(back.window) if back and back.window else "that of the site's windows"
    yield facts(
        ("Who decides", listed(names) or "nobody named"),
        ("Rehearsed", rehearsed),
        ("Took then", span(back.took) if back and back.took else "not known"),
        ("Time there is", window),
        ("Margin", span(cutover.margin) if cutover and cutover.margin else "none asked for"),
    )
    actions = back.actions if back else ()
    heads = (Column("What people do beside golive", 2), Column("How it is known that it worked", 2))
    if actions:
        yield table(heads, (row(one.do, one.check or "not told") for one in actions), "", name="back_out.actions")


def _limit(above: float | None, below: float | None) -> str:
    parts = [f"above {above:g}"] if above is not None else []
    parts += [f"below {below:g}"] if below is not None else []
    return listed(parts) or "no number"


def _site(context: Context, site: str) -> Iterator[Block]:
    held = context.graph.of_site.get(site, ())
    crossing = next((step for step in held if step.no_return), None)
    back = [step for step in reversed(held) if step.undo and step.stage in (Stage.DEPLOY, Stage.CUTOVER)]
    if crossing:
        shown = context.numbers[crossing.id]
        yield para(
            "Until when: until step ",
            link(shown, f"step-{shown}"),
            f" begins, expected at {at(context.start(crossing))}. It is the point of no return.",
            tone="warning",
        )
    yield Section("Procedure, in this order", (_inverses(context, back),))
    yield Section("What stays", (items(_kept(context, held), "Nothing is declared to stay."),))


def _inverses(context: Context, back: Sequence[Step]) -> Block:
    heads = (
        Column("Order", 0.5, number=True),
        Column("Step", 0.6),
        Column("What is taken back", 2.6),
        Column("Host", 0.8),
        Column("Planned", 0.7),
    )
    rows = (
        row(
            str(place),
            line(link(context.numbers[step.id], f"undo-{context.numbers[step.id]}")),
            cell(visible(step.title), code(step.id)),
            where(step),
            span(step.planned),
        )
        for place, step in enumerate(back, 1)
    )
    return table(heads, rows, "No step of deploy or cutover has an inverse.", name="back_out.inverses")


def _kept(context: Context, held: Sequence[Step]) -> tuple[str, ...]:
    kept = [visible(step.kept) for step in held if step.kept] + list(_not_undone(context))
    return tuple(dict.fromkeys(kept))


def _not_undone(context: Context) -> Iterator[str]:
    """Resources of components that have no inverse, such as packages."""
    for name, component in context.plan.components.items():
        for resource in component.install:
            if not resource.undo():
                yield f"{visible(resource.title)}, installed with {name}"


def _missing(context: Context) -> Iterator[Missing]:
    cutover, back = context.plan.cutover, _plan(context)
    if cutover and not any(step.no_return for step in context.graph.steps):
        said = "a point of no return: no fence of the plan is released after the switch"
        yield Missing(said, ("cutover.fence",), "cutover")
    tasks = cutover.then if cutover else ()
    stay = tuple(f"cutover.then[{index}].undo" for index, task in enumerate(tasks) if not task.undo)
    if stay:
        yield Missing("an inverse for tasks of the cutover whose effect would stay", stay, "cutover")
    if not (back and back.criteria):
        yield Missing("the criteria for a back-out, with a number", ("contingency.back_out.criteria",), "cutover")
    if not (back and back.authority):
        yield Missing("who may call a back-out", ("contingency.back_out.authority",), "cutover")
    if not (back and back.took):
        keys = ("contingency.back_out.rehearsed", "contingency.back_out.took")
        yield Missing("how long a back-out takes: only a rehearsal can measure it", keys, "cutover")
