"""When what is expected: the whole rollout by site, or one site step by step, with windows and the critical path.

Where the plan gives dates, times are dates, and begin as late as all of them can be kept; otherwise they count from the
beginning. Steps wait for windows, freezes and planned dates as they will in the run.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from golive.calendar.timing import all_occurrences
from golive.calendar.zone import day, shown
from golive.graph.forecast import Forecast
from golive.graph.graph import Graph
from golive.graph.step import Stage, Step
from golive.graph.words import NO_RETURN, short, span
from golive.pictures.axis import Axis
from golive.pictures.sheet import (
    DIM,
    INK,
    NORMAL,
    PALE,
    PAPER,
    RED,
    SMALL,
    STAGES,
    TALL,
    TINT,
    WIDTH,
    Sheet,
    numbered,
    paged,
)
from golive.pictures.text import width
from golive.plan.plan import Plan
from golive.words import several

_LEFT, _TOP, _ROW, _BAND = 158.0, 50.0, 18.0, 40.0
_ROOM = WIDTH - _LEFT - 14
_OPEN, _FROZEN = "#cfe3f5", "#d9dde2"


# --- the rollout --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Line:
    """A line of the rollout's picture: a wave's head, or a site of it."""

    wave: str
    site: str = ""


def rollout(plan: Plan, graph: Graph) -> tuple[str, ...]:
    """The whole rollout, a line for each site.

    Args:
        plan: the plan.
        graph: its graph.
    """
    found = Forecast(graph, plan.calendar.timezone)
    lines = list(_lines(plan, graph))
    pages = paged([_ROW] * len(lines), TALL - _TOP - 56)
    start, end = found.extent(graph.steps) if graph.steps else (0.0, 1.0)
    pad = (end - start) * 0.02
    axis = Axis(start - (pad if found.begin else 0), end + pad, _LEFT, _ROOM, found.begin, found.zone)
    title = f"Timeline of {plan.solution.name} {plan.solution.version}"
    return tuple(
        _rollout(plan, found, axis, [lines[place] for place in page], numbered(title, index, len(pages)))
        for index, page in enumerate(pages)
    )


def _lines(plan: Plan, graph: Graph) -> Iterator[_Line]:
    if graph.of_site.get(None):
        yield _Line("", "controller")
    for number, wave in enumerate(plan.named_waves(), 1):
        sites = [site for site in wave.sites if site in graph.sites]
        if sites:
            name = "the rest" if wave not in plan.waves else wave.name
            dates = (wave.planned.start, wave.planned.until) if wave.planned else None
            said = f"wave {number}: {name}" + (f", {day(dates[0])} to {day(dates[1])}" if dates else "")
            yield _Line(said)
        yield from (_Line("", site) for site in sites)


def _rollout(plan: Plan, found: Forecast, axis: Axis, lines: Sequence[_Line], title: str) -> str:
    sheet, bottom = Sheet(), _TOP + len(lines) * _ROW
    sheet.words(4, 16, title, WIDTH - 8, 13, bold=True)
    for number, line in enumerate(lines):
        if line.site:
            _times_of(sheet, found, axis, line.site, _TOP + number * _ROW)
        else:
            sheet.box(0, _TOP + number * _ROW, WIDTH, _ROW, TINT, "")
    _axis(sheet, axis, bottom)
    for number, line in enumerate(lines):
        y = _TOP + number * _ROW
        if line.site:
            spec = plan.sites.get(line.site)
            label = spec.title if spec and spec.title else line.site
            sheet.words(6, y + 13, label, _LEFT - 14, hover=line.site if label != line.site else "")
            _bars(sheet, found, axis, None if line.site == "controller" else line.site, y)
        else:
            sheet.words(6, y + 13, line.wave, WIDTH - 12, SMALL, bold=True)
    _key(sheet, found, bottom + 6)
    ends = found.at(found.times.total)
    return sheet.svg(title, f"expected to end at {ends}", bottom + 50)


def _times_of(sheet: Sheet, found: Forecast, axis: Axis, site: str, y: float) -> None:
    """Windows and freezes of a site behind its bars."""
    timing = found.graph.timings.get(site)
    if timing is None or found.begin is None:
        return
    since, until = (found.begin + timedelta(seconds=edge) for edge in (axis.start, axis.end))
    for kind, times, one in all_occurrences(timing, since, until):
        x, end = axis.x(axis.seconds(one.span.start)), axis.x(axis.seconds(one.span.end))
        fill = _OPEN if kind == "window" else _FROZEN
        hover = f"{kind} {times.name}: {shown(one.span.start, timing.zone)} to {shown(one.span.end, timing.zone)}"
        sheet.titled(hover).box(x, y + 1, max(end - x, 1.5), _ROW - 2, fill, "")


def _bars(sheet: Sheet, found: Forecast, axis: Axis, site: str | None, y: float) -> None:
    """A bar for each stage, that of the cutover on top; what is on the critical path has a dark edge."""
    steps = found.graph.of_site.get(site, ())
    if soaked := [step for step in steps if step.soaked]:
        live, met = found.extent([step for step in steps if not step.soaked])[1], found.extent(soaked)[1]
        x = axis.x(live)
        sheet.titled(f"{site}: runs live until {found.at(met)}").box(
            x, y + 8, axis.x(met) - x, 2, STAGES["handover"], ""
        )
    for stage in sorted(Stage, key=lambda stage: stage is Stage.CUTOVER):
        held = [step for step in steps if step.stage is stage and not step.soaked]
        if held:
            start, end = found.extent(found.working(held))
            on_path = not found.critical.isdisjoint(step.id for step in held)
            hover = (
                f"{site or 'controller'}, {stage}: {found.at(start)} to {found.at(end)}, {several(len(held), 'step')}"
            )
            _bar(sheet.titled(hover), axis, start, end, stage, on_path, y)


def _bar(sheet: Sheet, axis: Axis, start: float, end: float, stage: Stage, on_path: bool, y: float) -> None:
    x, wide = axis.x(start), max(axis.x(end) - axis.x(start), 4)
    edge = INK if on_path else PAPER
    sheet.box(
        min(x, WIDTH - wide - 2), y + 4, wide, _ROW - 8, STAGES[stage], edge, stroke_width=1.6 if on_path else 0.6
    )


def _axis(sheet: Sheet, axis: Axis, bottom: float, top: float = _TOP) -> None:
    free = 0.0
    for x, name in axis.ticks():
        sheet.path(f"M{x:g} {top - 6:g}V{bottom:g}", PALE, stroke_width=0.6)
        half = width(name, SMALL) / 2
        if free <= (middle := min(x, WIDTH - half)) - half:
            sheet.words(middle, top - 9, name, 2 * half, SMALL, colour=DIM, anchor="middle")
            free = middle + half + 4


def _key(sheet: Sheet, found: Forecast, y: float) -> None:
    """What the colours mean, and when the end is expected."""
    x = 6.0
    marks = [*STAGES.items(), ("window", _OPEN), ("freeze", _FROZEN)]
    for name, fill in marks if found.begin else marks[:-2]:
        sheet.box(x, y + 2, 12, 9, fill, "")
        sheet.words(x + 16, y + 11, name, 70, SMALL)
        x += 82
    sheet.box(x, y + 2, 12, 9, PAPER, INK, stroke_width=1.6)
    sheet.words(x + 16, y + 11, "critical path", 80, SMALL)
    begins = f"begins {found.at(0)}, " if found.begin else ""
    never = f"; nothing opens for {several(len(found.times.never), 'step')}" if found.times.never else ""
    said = f"{begins}expected to end {found.at(found.times.total)}{never}; waiting for people is not in it"
    sheet.words(6, y + 27, said, WIDTH - 12, SMALL, bold=True)
    if found.begin:
        sheet.words(6, y + 40, f"times of {found.zone}", WIDTH - 12, SMALL, colour=DIM)


# --- one site -----------------------------------------------------------------------------------------------------


def site(plan: Plan, graph: Graph, name: str) -> tuple[str, ...]:
    """One site, a line for each step. Each stage has its own axis: between two of them may lie weeks.

    Args:
        plan: the plan.
        graph: its graph.
        name: the site.
    """
    found = Forecast(graph, plan.sites[name].timezone or plan.calendar.timezone)
    lines: list[tuple[Stage, Step | None]] = []
    for stage in Stage:
        steps = [step for step in graph.of_site.get(name, ()) if step.stage is stage]
        steps.sort(key=lambda step: (found.times.start[step.id], found.times.end[step.id]))
        lines += [(stage, None), *((stage, step) for step in steps)] if steps else []
    pages = _by_stage(lines)
    axes = {stage: _axis_of(found, name, stage) for stage in dict.fromkeys(stage for stage, _ in lines)}
    title = f"Timeline of {plan.sites[name].title or name}"
    return tuple(
        _site(found, [lines[place] for place in page], axes, numbered(title, index, len(pages)))
        for index, page in enumerate(pages)
    )


def _by_stage(lines: Sequence[tuple[Stage, Step | None]]) -> list[range]:
    """The lines in parts for a sheet each: a stage that fits on one is not torn."""
    heads = [place for place, (_, step) in enumerate(lines) if step is None]
    stages = [range(head, end) for head, end in zip(heads, [*heads[1:], len(lines)], strict=True)]
    heights = [_BAND + _ROW * (len(stage) - 1) for stage in stages]
    if max(heights, default=0) > TALL - 48:
        return paged([_BAND if step is None else _ROW for _, step in lines], TALL - 48)
    return [range(stages[part[0]].start, stages[part[-1]].stop) for part in paged(heights, TALL - 48) if part]


def _axis_of(found: Forecast, name: str, stage: Stage) -> Axis:
    start, end = found.extent([step for step in found.graph.of_site[name] if step.stage is stage])
    return Axis(start, max(end, start + 1), _LEFT + 60, _ROOM - 60, found.begin, found.zone, 5)


def _site(found: Forecast, lines: Sequence[tuple[Stage, Step | None]], axes: dict[Stage, Axis], title: str) -> str:
    sheet, y = Sheet(), 26.0
    sheet.words(4, 16, title, WIDTH - 8, 13, bold=True)
    for number, (stage, step) in enumerate(lines):
        axis = axes[stage]
        if step is None:
            rest = [other for other, one in lines[number + 1 :] if one is not None and other is stage]
            _head(sheet, found, stage, axis, y, _ROW * len(rest))
            y += _BAND
        else:
            _step(sheet, found, step, axis, y)
            y += _ROW
    said = "dark edge: critical path; waiting for people is not in it"
    sheet.words(6, y + 13, said, WIDTH - 12, SMALL, colour=DIM)
    return sheet.svg(title, several(len(lines), "line"), y + 20)


def _head(sheet: Sheet, found: Forecast, stage: Stage, axis: Axis, y: float, high: float) -> None:
    sheet.box(0, y + 2, WIDTH, 18, STAGES[stage], "", fill_opacity=0.12)
    takes = f"{span(axis.end - axis.start)} from {found.at(axis.start)}"
    sheet.words(6, y + 15, stage, 80, NORMAL, bold=True, colour=STAGES[stage])
    sheet.words(WIDTH - 6, y + 15, takes, WIDTH - 120, SMALL, anchor="end")
    _axis(sheet, axis, y + _BAND + high, y + _BAND)


def _step(sheet: Sheet, found: Forecast, step: Step, axis: Axis, y: float) -> None:
    start, end = found.times.start[step.id], found.times.end[step.id]
    on_path = step.id in found.critical
    where = f" @{step.host}" if step.host else ""
    hover = f"{step.id}: {step.title}; {found.at(start)}, takes {span(step.planned)}"
    sheet.words(6, y + 13, short(step) + where, _LEFT + 46, SMALL, bold=on_path, hover=hover)
    _bar(sheet.titled(hover), axis, start, end, step.stage, on_path, y)
    if step.no_return:
        _no_return(sheet, axis.x(start), axis.x(end), axis.left, y)


def _no_return(sheet: Sheet, x: float, right: float, left: float, y: float) -> None:
    """Beside its bar, or on it where there is no room."""
    sheet.path(f"M{x:g} {y:g}V{y + _ROW:g}", RED, stroke_width=1.8)
    at, anchor, colour = right + 6, "start", RED
    if at + 110 > WIDTH:
        at, anchor, colour = (x - 4, "end", RED) if x - 114 > left else (x + 6, "start", PAPER)
    sheet.words(at, y + 13, NO_RETURN, 108, SMALL, bold=True, colour=colour, anchor=anchor)
