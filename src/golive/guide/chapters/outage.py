"""Outage and contingency: what users notice, for how long, and how business goes on meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass

from golive.graph.draw import span
from golive.graph.step import Stage, Step
from golive.guide.context import Context, Missing
from golive.guide.words import at, paragraphs


@dataclass(frozen=True)
class Hold:
    """The time at one site during which writes are held."""

    site: str
    begin: str
    begins_with: str
    end: str
    ends_with: str
    lasts: str


@dataclass(frozen=True)
class Outage:
    """What the rollout does to those who use the solution."""

    notice: str
    plan: tuple[str, ...]
    contingency: tuple[str, ...]
    holds: tuple[Hold, ...]
    missing: tuple[Missing, ...]


def write(context: Context) -> Outage:
    """The chapter."""
    cutover, standards = context.plan.cutover, context.plan.standards
    return Outage(
        notice=(cutover.outage if cutover else None) or "",
        plan=paragraphs(standards.outage),
        contingency=paragraphs(standards.contingency),
        holds=tuple(hold for site in context.sites if (hold := _hold(context, site))),
        missing=tuple(_missing(context)),
    )


def _hold(context: Context, site: str) -> Hold | None:
    """From the first step of the cutover to the release, or to the end of the cutover where nothing is released."""
    steps = context.steps(site, Stage.CUTOVER)
    if not steps or not (context.plan.cutover and context.plan.cutover.fence):
        return None
    first: Step = min(steps, key=context.start)
    last = max([step for step in steps if step.no_return] or steps, key=lambda step: context.times.end[step.id])
    begin, end = context.start(first), context.times.end[last.id]
    numbers = context.numbers[first.id], context.numbers[last.id]
    return Hold(context.label(site), at(begin), numbers[0], at(end), numbers[1], span(end - begin))


def _missing(context: Context) -> Iterator[Missing]:
    cutover, standards = context.plan.cutover, context.plan.standards
    if cutover is None:
        yield Missing("a cutover: nothing is moved from an existing system, so no outage can be told", ("cutover",))
    elif not cutover.outage:
        yield Missing("what users notice and for how long", ("cutover.outage",))
    if cutover and not cutover.fence:
        yield Missing("a fence that holds the writes to the old system while data moves", ("cutover.fence",))
    if not standards.outage:
        yield Missing("the outage plan: who is affected, when, and how they are told", ("standards.outage",))
    if not standards.contingency:
        yield Missing("how business goes on if it takes longer than planned", ("standards.contingency",))
    yield Missing("how long the old system is kept after the cutover")
