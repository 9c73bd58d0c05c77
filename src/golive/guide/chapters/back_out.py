"""Back-out (software returns to the old system) and rollback (data returns): until when, in which order, what stays."""

from collections.abc import Iterator
from dataclasses import dataclass

from golive.graph.step import Stage
from golive.guide.context import Context, Missing
from golive.guide.rows import StepRow, row
from golive.guide.words import at, visible


@dataclass(frozen=True)
class SiteBackOut:
    """The back-out of one site."""

    site: str
    no_return: str
    """Number of the step and its expected start; empty: there is no such step."""
    inverses: tuple[StepRow, ...]
    """Steps with an inverse, in the order in which they are undone."""
    kept: tuple[str, ...]
    data: tuple[StepRow, ...]
    """Those of the inverses that take data back."""
    fenced: bool
    """Whether writes to the old system are held while data moves."""


@dataclass(frozen=True)
class BackOut:
    """The way back at every site."""

    sites: tuple[SiteBackOut, ...]
    missing: tuple[Missing, ...]


def write(context: Context) -> BackOut:
    """The chapter."""
    return BackOut(tuple(_site(context, site) for site in context.sites), tuple(_missing(context)))


def _site(context: Context, site: str) -> SiteBackOut:
    held = [step for step in context.graph.steps if step.site == site]
    back = [step for step in reversed(held) if step.undo and step.stage in (Stage.DEPLOY, Stage.CUTOVER)]
    crossing = next((step for step in held if step.no_return), None)
    kinds = {f"copy-{mover.kind}" for mover in (context.plan.cutover.move if context.plan.cutover else ())}
    kept = [visible(step.kept) for step in held if step.kept] + list(_not_undone(context))
    return SiteBackOut(
        site=context.label(site),
        no_return=f"{context.numbers[crossing.id]}, expected at {at(context.start(crossing))}" if crossing else "",
        inverses=tuple(row(context, step) for step in back),
        kept=tuple(dict.fromkeys(kept)),
        fenced=bool(context.plan.cutover and context.plan.cutover.fence),
        data=tuple(row(context, step) for step in back if step.id.rpartition("/")[2].partition("@")[0] in kinds),
    )


def _not_undone(context: Context) -> Iterator[str]:
    """Resources of components that have no inverse, such as packages."""
    for name, component in context.plan.components.items():
        for resource in component.install:
            if not resource.undo():
                yield f"{visible(resource.title)}, installed with {name}"


def _missing(context: Context) -> Iterator[Missing]:
    cutover = context.plan.cutover
    if cutover and not any(step.no_return for step in context.graph.steps):
        yield Missing("a point of no return: no fence of the plan is released after the switch", ("cutover.fence",))
    if cutover and not cutover.move:
        yield Missing("the rollback of data: the plan moves none", ("cutover.move",))
    tasks = cutover.then if cutover else ()
    stay = tuple(f"cutover.then[{index}].undo" for index, task in enumerate(tasks) if not task.undo)
    if stay:
        yield Missing("an inverse for tasks of the cutover whose effect would stay", stay)
    yield Missing("the criteria for a back-out that a person calls, and who may call it")
    yield Missing("how long a back-out takes: only a rehearsal can measure it")
