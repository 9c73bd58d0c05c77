"""Outage and contingency: what users notice, for how long, and how business goes on meanwhile."""

from collections.abc import Iterator

from golive.graph.step import Stage
from golive.graph.words import span
from golive.guide.context import Context
from golive.guide.document import Block, Column, Missing, Row, Section, line, para, prose, row, table
from golive.guide.rows import local_time, number
from golive.guide.words import at


def write(context: Context) -> tuple[Block, ...]:
    """The chapter."""
    cutover, standards = context.plan.cutover, context.plan.standards
    return (
        Section(
            "What users notice",
            (*prose(cutover.outage if cutover else None, "The plan does not say."), *_promises(context)),
        ),
        Section("Outage plan", tuple(prose(standards.outage, "The plan has none."))),
        Section("When writes are held", (_holds(context), para(_LATER))),
        Section("Contingency operations", tuple(prose(standards.contingency, "The plan does not say how to go on."))),
        Section("What may go wrong", (_failures(context),)),
        Section("How long the old system is kept", tuple(prose(standards.retention, "The plan does not say."))),
        *context.gap(_missing(context)),
    )


def _promises(context: Context) -> Iterator[Block]:
    """What each switch says of itself."""
    if cutover := context.plan.cutover:
        for switch in cutover.switch:
            yield para(f"The switch {switch.kind} on {switch.on}: {switch.promise(cutover.follows)}.")


_LATER = (
    "The planned times are those of the plan; the measured ones of a rehearsal or an earlier site are more to be "
    "trusted. Freezes stand with the dates in the chapter on deployment."
)


def _holds(context: Context) -> Block:
    heads = (Column("Site", 1), Column("From", 2), Column("To", 2), Column("Planned", 0.8))
    rows = (hold for site in context.sites for hold in _hold(context, site))
    return table(heads, rows, "The plan holds no writes.", name="outage.holds")


def _hold(context: Context, site: str) -> Iterator[Row]:
    """From the first step of the cutover to the release, or to the end of the cutover where nothing is released."""
    steps = [step for step in context.steps(site, Stage.CUTOVER) if step.do.kind == "script"]
    cutover = context.plan.cutover
    if not steps or not cutover or not (cutover.fence or cutover.follows):
        return
    fences = [step for step in steps if "/fence-" in step.id or "/cross" in step.id]
    if cutover.follows:
        fences = steps = [step for step in steps if "/cross" in step.id]  # what comes behind it holds nothing
    first = min(fences or steps, key=context.start)
    last = max([step for step in steps if step.no_return] or steps, key=lambda step: context.times.end[step.id])
    begin, end = context.start(first), context.times.end[last.id]
    date = local_time(context, first)
    since = (number(context, first), f" begins, {at(begin)}", f", {date}" if date else "")
    until = (number(context, last), f" ends, {at(end)}")

    yield row(context.label(site), line(*since), line(*until), span(end - begin))


def _failures(context: Context) -> Block:
    contingency = context.plan.contingency
    rows = [row(name.replace("-", " ")) for name in (contingency.failures if contingency else ())]
    if contingency and contingency.kill_switch:
        switch = contingency.kill_switch
        tried = f"last tried on {switch.tested}" if switch.tested else "never tried"
        rows.append(row(f"Anything: the kill switch. {switch.how} ({tried})"))
    return table(("Failure that was thought of",), rows, "The plan names no failures.", name="outage.failures")


def _missing(context: Context) -> Iterator[Missing]:
    cutover, standards = context.plan.cutover, context.plan.standards
    if cutover is None:
        said = "a cutover: nothing is moved from an existing system, so no outage can be told"
        yield Missing(said, ("cutover",), "cutover")
    elif not cutover.outage:
        yield Missing("what users notice and for how long", ("cutover.outage",), "cutover")
    if cutover and not (cutover.fence or cutover.follows):
        said = "a fence that holds the writes to the old system while data moves"
        yield Missing(said, ("cutover.fence",), "cutover")
    if not standards.outage:
        said = "the outage plan: who is affected, when, and how they are told"
        yield Missing(said, ("standards.outage",), "cutover")
    if not standards.contingency:
        said = "how business goes on if it takes longer than planned"
        yield Missing(said, ("standards.contingency",), "cutover")
    if not (context.plan.contingency and context.plan.contingency.failures):
        yield Missing("what may go wrong, and was tried", ("contingency.failures",), "cutover")
    if not standards.retention:
        yield Missing("how long the old system is kept after the cutover", ("standards.retention",), "cutover")
