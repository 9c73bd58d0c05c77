"""Rollback: how the data returns, up to when, by which steps, and what is lost behind the point of no return."""

from collections.abc import Iterator, Sequence

from golive.graph.step import Stage, Step
from golive.guide.context import Context
from golive.guide.document import Block, Column, Missing, Section, facts, line, link, para, row, table
from golive.guide.rows import where
from golive.guide.words import day_of, visible
from golive.plan.contingency import Rollback


def write(context: Context) -> tuple[Block, ...]:
    """The chapter."""
    return (
        Section("Strategy", tuple(_strategy(context))),
        *(Section(context.label(site), (_steps(context, _data(context, site)),)) for site in context.sites),
        *context.gap(_missing(context)),
    )


def _plan(context: Context) -> Rollback | None:
    return context.plan.contingency.rollback if context.plan.contingency else None


def _strategy(context: Context) -> Iterator[Block]:
    cutover, own = context.plan.cutover, _plan(context)
    if cutover is None or not cutover.move:
        yield para("The plan moves no data: there is none to return.", tone="dim")
        return
    if cutover.fence or cutover.follows:
        yield para("Before the point of no return the old system still holds all data, since its writes were held.")
    else:
        yield para(
            "The plan holds no writes: what the old system took after the copy is not in the copy.", tone="warning"
        )
    yield para("The copy on the new system is discarded by the inverses below.")
    if not (own and own.strategy):
        yield para("Once the new system has taken writes, the plan has no way to bring these back to the old one.")
    yield facts(
        ("What was entered meanwhile", (own.strategy if own else None) or "is not brought back"),
        ("Possible until", (own.until if own else None) or "the point of no return"),
        ("Rehearsed", day_of(own.rehearsed) if own and own.rehearsed else "never, as far as the plan says"),
    )


def _data(context: Context, site: str) -> list[Step]:
    """The steps whose inverses take data back, in the order in which these run."""
    movers = context.plan.cutover.move if context.plan.cutover else ()
    kinds = {f"copy-{mover.kind}" for mover in movers}
    held = reversed(context.graph.of_site.get(site, ()))
    return [
        step
        for step in held
        if step.undo and step.stage is Stage.CUTOVER and step.id.rpartition("/")[2].partition("@")[0] in kinds
    ]


def _steps(context: Context, steps: Sequence[Step]) -> Block:
    heads = (Column("Step", 0.6), Column("What is taken back", 3), Column("Host", 1))
    rows = (
        row(line(link(context.numbers[step.id], f"undo-{context.numbers[step.id]}")), visible(step.title), where(step))
        for step in steps
    )
    return table(heads, rows, "No data is copied to this site by a step that has an inverse.", name="rollback.inverses")


def _missing(context: Context) -> Iterator[Missing]:
    cutover, own = context.plan.cutover, _plan(context)
    if cutover and not cutover.move:
        yield Missing("the rollback of data: the plan moves none", ("cutover.move",), "cutover")
    if cutover and cutover.move and not (own and own.strategy):
        said = "how what was entered in the new system gets back to the old one"
        yield Missing(said, ("contingency.rollback.strategy",), "cutover")
    if cutover and cutover.move and not (own and own.rehearsed):
        yield Missing("a rehearsal of the rollback", ("contingency.rollback.rehearsed",), "cutover")
