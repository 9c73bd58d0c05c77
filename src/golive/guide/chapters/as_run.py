"""As run: what was done in a run, when and by whom, and where that differed from what the guide told before."""

from collections.abc import Iterator, Sequence

from golive.calendar.zone import shown
from golive.errors import Exit
from golive.graph.step import Stage, Step
from golive.graph.words import span
from golive.guide.context import Context
from golive.guide.document import Block, Cell, Column, Row, Section, cell, code, dim, facts, para, row, table
from golive.guide.ran import AsRun
from golive.guide.rows import late, number, ranges
from golive.guide.words import listed, visible
from golive.reconcile.state import Status
from golive.words import several


def write(context: Context, ran: AsRun) -> tuple[Block, ...]:
    """The chapter."""
    return (
        *_other(ran),
        _identity(context, ran),
        Section("By site and stage", (_stages(context, ran),)),
        Section("Where it differed", (_differences(context, ran),)),
        Section("What people signed", (_answers(context, ran),)),
        Section("What happened beside the steps", (_happened(context, ran),)),
    )


def _other(ran: AsRun) -> Iterator[Block]:
    if ran.graph != ran.planned:
        yield para("The plan has changed since this run: what is told as planned is not what it was.", tone="warning")


def _identity(context: Context, ran: AsRun) -> Block:
    zone = context.zone(None)
    held = [step for site in (None, *context.sites) for step in context.steps(site)]
    done = sum(ran.of(step.id).status is Status.DONE for step in held)
    end = f"{shown(ran.ended, zone)}, exit code {ran.exit} ({_meaning(ran.exit)})" if ran.ended else "it has not ended"
    return facts(
        ("Run", ran.run),
        ("Began", shown(ran.began, zone) if ran.began else "never"),
        ("Ended", end),
        ("Run by", listed(ran.drivers) or "nobody yet"),
        ("Steps done", f"{done} of {len(held)}"),
        ("Revisions of the plan", str(ran.revisions)),
        ("Graph of the run", code(ran.graph)),
        ("Head of the journal", code(ran.head)),
    )


def _meaning(exit_code: int | None) -> str:
    return next((code.meaning for code in Exit if int(code) == exit_code), "not known")


def _stages(context: Context, ran: AsRun) -> Block:
    heads = (
        Column("Site", 1.2),
        Column("Stage", 0.9),
        Column("Steps", 0.6, number=True),
        Column("Done", 0.6, number=True),
        Column("Began", 1.5),
        Column("Ended", 1.5),
        Column("Took", 0.9),
        Column("Planned", 0.9),
    )
    rows = (
        _stage(context, ran, site, stage, steps)
        for site in (None, *context.sites)
        for stage in Stage
        if (steps := context.steps(site, stage))
    )
    return table(heads, rows, "The graph has no steps.", name="as_run.stages")


def _stage(context: Context, ran: AsRun, site: str | None, stage: Stage, steps: Sequence[Step]) -> Row:
    held, zone = [ran.of(step.id) for step in steps], context.zone(site)
    began = min((one.began for one in held if one.began), default=None)
    ended = max((one.ended for one in held if one.ended), default=None)
    start, end = context.forecast.extent(steps)
    done = sum(one.status is Status.DONE for one in held)
    took = span((ended - began).total_seconds()) if began and ended else "–"
    times = [shown(at, zone) if at else "–" for at in (began, ended)]
    return row(context.label(site), stage, str(len(steps)), str(done), *times, took, span(end - start))


def _differences(context: Context, ran: AsRun) -> Block:
    heads = (Column("No.", 0.6), Column("Step", 2.6), Column("What was done", 0.9), Column("How it differed", 3))
    rows = [found for site in (None, *context.sites) for found in _of_site(context, ran, site)]
    return table(heads, rows, "Nowhere: every step was done as planned.", name="as_run.differences")


def _of_site(context: Context, ran: AsRun, site: str | None) -> Iterator[Row]:
    for stage in Stage:
        steps = context.steps(site, stage)
        pending = [step for step in steps if ran.of(step.id).status is Status.PENDING and not ran.of(step.id).notes]
        for step in steps:
            of = ran.of(step.id)
            said = (*of.notes, *late(context, step, of))
            if step not in pending and (said or of.status is not Status.DONE):
                what = cell(visible(step.title), code(step.id))
                yield row(number(context, step), what, str(of.status), cell(*said) if said else "not done")
        if pending:
            where = ranges(context, [step.id for step in pending])
            said = f"{several(len(pending), 'step')} of {stage} at {context.label(site)}"
            yield row(where, said, "pending", "not done in this run")


def _answers(context: Context, ran: AsRun) -> Block:
    heads = (Column("When", 1.3), Column("Step", 2.4), Column("Who", 1), Column("Answer", 0.8), Column("Because", 2))
    people, sites = context.plan.people, context.sites
    rows = (
        row(
            shown(one.at, context.zone(_site(context, one.step))),
            _named(context, one.step),
            people[one.person].name if one.person in people else one.person,
            one.verb,
            cell(one.reason or dim("no reason given"), *(f"attached: {name}" for name in one.attached)),
        )
        for one in ran.answers
        if _site(context, one.step) in (None, *sites)
    )
    return table(heads, rows, "Nobody was asked for a signature.", name="as_run.answers")


def _site(context: Context, name: str) -> str | None:
    step = context.graph.by_id.get(name)
    return step.site if step else None


def _named(context: Context, name: str) -> Cell:
    step = context.graph.by_id.get(name)
    return cell(visible(step.title), code(name)) if step else cell(code(name), dim("not in the graph any more"))


def _happened(context: Context, ran: AsRun) -> Block:
    heads = (Column("When", 1.3), Column("What", 4.4), Column("Who", 1.2))
    zone, people = context.zone(None), context.plan.people
    rows = (
        row(shown(one.at, zone), one.said, people[one.who].name if one.who in people else one.who)
        for one in ran.happened
        if not one.step or _site(context, one.step) in (None, *context.sites)
    )
    return table(heads, rows, "Nothing else.", name="as_run.happened")
