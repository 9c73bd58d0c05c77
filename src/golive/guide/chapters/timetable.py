"""Timeline: waves, planned times by site and stage, dates and windows, the critical path."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from golive.calendar.zone import day
from golive.graph.step import Stage, Step
from golive.graph.words import span
from golive.guide.context import Context
from golive.guide.document import Block, Column, Missing, Row, Section, Span, cell, dim, para, row, strong, table
from golive.guide.document import shown as pictured
from golive.guide.rows import local_time
from golive.guide.words import at, day_of, listed
from golive.pictures import timeline, waves
from golive.plan.rollout import Wave
from golive.plan.timing import zone_of
from golive.plan.window import Stretch
from golive.words import several


def write(context: Context) -> tuple[Block, ...]:
    """The section."""
    return (
        _expected(context),
        Section("Waves", (_waves(context), para(_WAVES))),
        Section("Dates and windows", tuple(_dates(context))),
        Section("By site and stage", (_stages(context),)),
        Section("Critical path", (para("A delay of one of these steps delays the whole."), _critical(context))),
        *_pictures(context),
        *context.gap(_missing(context)),
    )


def _expected(context: Context) -> Block:
    """From when times count, and what is in them."""
    begin, total = context.forecast.begin, strong(span(context.times.total))
    held = "needs, hosts and waves hold a step back: the whole takes "
    since: tuple[str | Span, ...] = ("Times count from the beginning of the rollout, T. Nothing but ", held)
    if begin:
        held = "needs, hosts, waves, planned dates, windows and freezes hold a step back: the whole takes "
        latest = ", as late as every planned date can be kept. Nothing but "
        since = ("T is ", strong(context.forecast.at(0)), latest, held)
    people = ". Waiting for people is not in it: a decision may take days, and all behind it moves by as much."
    never = [context.numbers[name] for name in context.times.never]
    warning = f" No window opens for {listed(never[:6])}: see golive flags." if never else ""
    return para(*since, total, people, warning)


def _pictures(context: Context) -> Iterator[Block]:
    plan, graph = context.plan, context.graph
    if not context.only:
        yield Section("The waves at a glance", tuple(pictured(waves.sheets(plan, graph), _GLANCE)))
        yield Section("The rollout in time", tuple(pictured(timeline.rollout(plan, graph), _GLANCE)))
    for site in context.sites if context.only or len(context.sites) <= MOST else ():
        title = f"{context.label(site)} in time"
        yield Section(title, tuple(pictured(timeline.site(plan, graph, site), _GLANCE)))


MOST = 8
"""Up to so many sites each has a timeline of its own in the guide of the whole rollout; beyond, in its own guide."""
_GLANCE = "Expected times; windows, freezes and the critical path as the key says."
_WAVES = "Sites of one wave go live side by side. From the deploy stage on, a wave waits until the wave before is done."


def _waves(context: Context) -> Block:
    named = {wave.name for wave in context.plan.waves}
    heads = (Column("Wave", 0.7), "Name", Column("Sites", 2), "Dates", Column("The next wave waits for", 1.6))
    rows = [
        row(
            str(number),
            wave.name if wave.name in named else "the rest",
            listed([context.label(site) for site in wave.sites]),
            f"{day_of(wave.planned.start)} to {day_of(wave.planned.until)}" if wave.planned else "no dates",
            _soak(wave) or "its end",
        )
        for number, wave in enumerate(context.plan.named_waves(), 1)
        if set(wave.sites) & set(context.sites)
    ]
    return table(heads, rows, "The plan has no sites.", name="timetable.waves")


def _soak(wave: Wave) -> str:
    """What the next wave waits for, in a few words."""
    parts = [f"{span(wave.soak)} of live running"] if wave.soak else []
    parts += [several(len(wave.exit), "exit criterion", "exit criteria")] if wave.exit else []
    return listed(parts)


def _dates(context: Context) -> Iterator[Block]:
    rows = [row(context.label(site), *found) for site in context.sites for found in _of_site(context, site)]
    rows += [
        row(context.label(one.site) if one.site else "all", "milestone", one.name, day_of(one.day))
        for one in context.plan.milestones
        if not one.site or one.site in context.sites
    ]
    rows += [row("all", "freeze", one.name or "freeze", _stretch(one)) for one in context.plan.calendar.freezes]
    heads = ("Site", Column("What", 0.7), Column("Of, for", 1.5), Column("When", 2.5))
    yield table(heads, rows, "The plan has no dates, no windows and no freezes.", name="timetable.dates")


def _of_site(context: Context, site: str) -> Iterator[tuple[str, str, str]]:
    spec, zone = context.site(site), zone_of(context.plan, site)
    for stage, planned in spec.planned.items():
        yield "planned", stage, f"from {day(planned.start)} {planned.start:%H:%M}, {zone}"
    for window in spec.windows:
        yield "window", listed(window.scopes) or window.name or "all steps", f"{_stretch(window)}, {zone}"
    for freeze in spec.freezes:
        yield "freeze", freeze.name or listed(freeze.scopes) or "all steps", f"{_stretch(freeze)}, {zone}"


def _stretch(stretch: Stretch) -> str:
    start, end = stretch.start, stretch.start + stretch.length()
    until = f"{end:%H:%M}" if end.date() == start.date() else f"{day(end)} {end:%H:%M}"
    return f"{day(start)} {start:%H:%M} to {until}" + (f", {stretch.rule}" if stretch.rule else "")


def _stages(context: Context) -> Block:
    heads = (
        Column("Wave", 0.7),
        Column("Site", 1.2),
        Column("Stage", 0.9),
        Column("Steps", 0.6, number=True),
        Column("Start", 1.8),
        Column("End", 1.1),
        Column("Elapsed", 1),
        Column("Sum of steps", 1),
    )
    of = {site: number for number, sites in enumerate(context.plan.all_waves(), 1) for site in sites}
    rows = [
        _stage(context, str(of.get(site or "", "–")), site, stage, steps)
        for site in (None, *context.sites)
        for stage in Stage
        if (steps := context.steps(site, stage))
    ]
    return table(heads, rows, "The graph has no steps.", name="timetable.stages")


def _stage(context: Context, wave: str, site: str | None, stage: Stage, steps: Sequence[Step]) -> Row:
    first = min(steps, key=context.start)
    start, end = context.start(first), max(context.times.end[step.id] for step in steps)
    work = sum(step.planned for step in steps)
    begins = cell(at(start), dim(local_time(context, first)))
    name = context.label(site)
    return row(wave, name, stage, str(len(steps)), begins, at(end), span(end - start), span(work))


def _critical(context: Context) -> Block:
    heads = (Column("Site", 1), Column("Stage", 1), Column("Start", 1.4), Column("Takes", 1.1), Column("Steps", 5))
    return table(heads, _legs(context), "None of the steps shown here is on it.", name="timetable.critical")


def _legs(context: Context) -> Iterator[Row]:
    path = [context.graph.by_id[name] for name in context.times.critical]
    for (site, stage), group in groupby(path, key=lambda step: (step.site, step.stage)):
        steps = list(group)
        if site and site not in context.sites:
            continue
        names = [f"{context.numbers[step.id]} {step.id.rpartition('/')[2]}" for step in steps]
        takes = span(sum(step.planned for step in steps))
        yield row(context.label(site), stage, at(context.start(steps[0])), takes, " → ".join(names))


def _missing(context: Context) -> Iterator[Missing]:
    if not context.plan.waves and len(context.sites) > 1:
        yield Missing("an order of the sites: all go live in one wave, without a pilot", ("waves",), "deploy")
    dateless = tuple(f"sites.{site}.planned" for site in context.sites if not context.site(site).planned)
    if dateless:
        yield Missing("dates of the stages", dateless, "baseline")
    open_ended = tuple(f"sites.{site}.windows" for site in context.sites if not context.site(site).windows)
    if open_ended:
        yield Missing("the windows in which work is allowed", open_ended, "baseline")
