"""The waves of the rollout: which sites go live together, and what must hold before the next wave."""

from collections.abc import Sequence

from golive.calendar.zone import day
from golive.graph.graph import Graph
from golive.graph.words import span
from golive.pictures.sheet import DIM, INK, SMALL, STAGES, TALL, TINT, WIDTH, Sheet, numbered, paged
from golive.plan.plan import Plan
from golive.plan.rollout import Wave
from golive.words import several

_LEFT, _CHIP, _ROW, _GAP = 150.0, 122.0, 34.0, 6.0
_COUNT = int((WIDTH - _LEFT - 8) // (_CHIP + _GAP))
_BETWEEN, _TOP, _ROWS = 44.0, 34.0, 16
"""Room between two waves and above the first one, and how many rows of sites a part of a wave has at most."""


def sheets(plan: Plan, graph: Graph) -> tuple[str, ...]:
    """The waves, from the first one down.

    Args:
        plan: the plan.
        graph: its graph: sites that are live already are in no wave.
    """
    waves = [(index, wave) for index, wave in enumerate(plan.named_waves(), 1)]
    held = [(index, wave, tuple(site for site in wave.sites if site in graph.sites)) for index, wave in waves]
    parts = [
        (index, wave, sites[start : start + _ROWS * _COUNT], start)
        for index, wave, sites in held
        for start in range(0, max(len(sites), 1), _ROWS * _COUNT)
        if sites
    ]
    pages = paged([_high(part[2], part[1]) + _BETWEEN for part in parts], TALL - _TOP - 20)
    title = f"Waves of {plan.solution.name} {plan.solution.version}"
    return tuple(
        _sheet(plan, numbered(title, index, len(pages)), [parts[place] for place in page], len(held))
        for index, page in enumerate(pages)
    )


_Part = tuple[int, Wave, tuple[str, ...], int]


def _high(sites: Sequence[str], wave: Wave) -> float:
    return max(-(-len(sites) // _COUNT) * (_ROW + _GAP) + 10, 88 if wave.planned else 62)


def _sheet(plan: Plan, title: str, parts: Sequence[_Part], count: int) -> str:
    sheet, y = Sheet(), _TOP
    sheet.words(4, 16, title, WIDTH - 8, 13, bold=True)
    for index, wave, sites, start in parts:
        high = _high(sites, wave)
        _wave(sheet, plan, index, wave, sites, y, start)
        y += high
        whole = start + len(sites) >= len(wave.sites)
        if index < count and whole:
            _between(sheet, wave, y)
        y += _BETWEEN if index < count or not whole else 8
    more = f"more than {plan.error_budget} exposed sites fail" if plan.error_budget else "an exposed site fails"
    sheet.words(4, y + 8, f"The rollout halts by itself when {more}.", WIDTH, SMALL, colour=DIM)
    said = "; ".join(f"{wave.name}: {', '.join(sites)}" for _, wave, sites, _ in parts)
    return sheet.svg(title, said, y + 16)


def _wave(sheet: Sheet, plan: Plan, index: int, wave: Wave, sites: Sequence[str], y: float, start: int) -> None:
    high = _high(sites, wave)
    sheet.box(2, y, WIDTH - 4, high, TINT, rx=6)
    named = {wave.name for wave in plan.waves}
    name = wave.name if wave.name in named else "the rest"
    lines = sheet.words(12, y + 20, f"{index} {name}", _LEFT - 20, 12, lines=2, bold=True)
    y2 = y + 20 + 14 * lines
    notes = [several(len(wave.sites), "site")]
    notes += [day(wave.planned.start), f"to {day(wave.planned.until)}"] if wave.planned and not start else []
    for note in notes:
        sheet.words(12, y2, note, _LEFT - 16, SMALL, colour=DIM)
        y2 += 12
    for place, site in enumerate(sites):
        x = _LEFT + (place % _COUNT) * (_CHIP + _GAP)
        top = y + 8 + (place // _COUNT) * (_ROW + _GAP)
        _chip(sheet, plan, site, x, top)


def _chip(sheet: Sheet, plan: Plan, site: str, x: float, y: float) -> None:
    spec = plan.sites[site]
    planned = spec.planned.get("cutover") or spec.planned.get("deploy")
    sheet.box(x, y, _CHIP, _ROW, edge=STAGES["deploy"], rx=4)
    hosts = several(len(spec.hosts), "host")
    hover = f"{spec.title} ({site}), {hosts}" if spec.title else f"{site}, {hosts}"
    sheet.words(x + 7, y + 14, spec.title or site, _CHIP - 12, hover=hover)
    said = f"{day(planned.start)} {planned.start:%H:%M}" if planned else hosts
    sheet.words(x + 7, y + 27, said, _CHIP - 12, SMALL, colour=DIM)


def _between(sheet: Sheet, wave: Wave, y: float) -> None:
    """What must hold before the next wave."""
    sheet.path(f"M80 {y + 2:g}V{y + _BETWEEN - 6:g}", INK, stroke_width=2)
    sheet.head(80, y + _BETWEEN - 2, "down")
    wants = ["all of its sites handed over, or backed out within the budget"]
    wants += [f"runs live for {span(wave.soak)}"] if wave.soak else []
    wants += [f"on {one.on}: {one.check.sentence()}" for one in wave.exit]
    sheet.words(96, y + 17, "; ".join(wants), WIDTH - 106, SMALL, lines=2, colour=DIM)
