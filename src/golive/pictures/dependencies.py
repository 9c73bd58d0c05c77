"""The dependencies of a site's steps, from what is needed to what needs it. Twins on several hosts are one box.

Boxes stand in rows, each below all that it needs. What is implied by another need is not drawn.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from golive.graph.forecast import Forecast
from golive.graph.graph import Graph
from golive.graph.step import Stage, Step
from golive.graph.words import NO_RETURN, short, span
from golive.pictures.sheet import (
    DIM,
    INK,
    PALE,
    RED,
    SMALL,
    STAGES,
    TALL,
    WIDTH,
    Sheet,
    numbered,
    paged,
)
from golive.words import several

_SIDE, _GAP, _COUNT = 18.0, 14.0, 4
"""Room for the names of stages at the left, between boxes, and how many boxes stand side by side at most."""
_BOX, _LEAP, _TOP = 36.0, 20.0, 34.0
_WIDEST = 214.0


_Place = tuple[float, float, float]
"""The upper left corner of a box, and how wide it is."""


@dataclass(frozen=True)
class Node:
    """Steps of one name in one stage, on any number of hosts."""

    stage: Stage
    name: str
    steps: tuple[Step, ...]
    needs: tuple[str, ...]
    """Keys of the nodes that it needs and no other need implies."""
    critical: bool
    outside: tuple[str, ...]
    """What it needs that is not in the picture."""

    @property
    def key(self) -> str:
        """Tells it from others."""
        return f"{self.stage}/{self.name}"


def sheets(graph: Graph, site: str | None, stage: str | None = None) -> tuple[str, ...]:
    """The steps of a site, or of one of its stages, with what they need.

    Args:
        graph: the whole graph; the critical path is told from it.
        site: the site; none: the controller.
        stage: only this stage; none: all of them.
    """
    steps = [step for step in graph.of_site.get(site, ()) if stage is None or step.stage == stage]
    held = nodes(steps, Forecast(graph).critical)
    rows = _rows(held)
    title = f"Dependencies of {site or 'the controller'}" + (f", {stage}" if stage else "")
    parts = paged([_BOX + _LEAP] * len(rows), TALL - _TOP - 40)
    return tuple(
        _sheet(numbered(title, index, len(parts)), [rows[place] for place in part], held)
        for index, part in enumerate(parts)
    )


def nodes(steps: Sequence[Step], critical: frozenset[str]) -> Mapping[str, Node]:
    """Steps as boxes of the picture, by stage and then in order, each behind those that it needs.

    Where twins wait for each other, as hosts that are served one after the other, only the first need counts.
    """
    grouped: dict[str, list[Step]] = {}
    for step in sorted(steps, key=lambda step: step.stage.order):
        grouped.setdefault(f"{step.stage}/{short(step)}", []).append(step)
    of = {step.id: key for key, group in grouped.items() for step in group}
    place = {key: index for index, key in enumerate(grouped)}
    found: dict[str, Node] = {}
    above: dict[str, set[str]] = {}
    for key, group in grouped.items():
        needs = [need for step in group for need in step.needs]
        inside = list(dict.fromkeys(of[need] for need in needs if need in of and place[of[need]] < place[key]))
        far = {name for need in inside for name in above[need]}
        above[key] = far | set(inside)
        outside = tuple(dict.fromkeys(need for need in needs if need not in of))
        kept = tuple(need for need in inside if need not in far)
        on_path = any(step.id in critical for step in group)
        found[key] = Node(group[0].stage, short(group[0]), tuple(group), kept, on_path, outside)
    return found


def _rows(held: Mapping[str, Node]) -> list[list[Node]]:
    """The boxes in rows, stage below stage; within a row each stands near those that it needs."""
    level: dict[str, int] = {}
    stage, floor = None, 0
    for key, node in held.items():
        if node.stage != stage:
            stage, floor = node.stage, max(level.values(), default=-1) + 1
        level[key] = max([floor, *(level[need] + 1 for need in node.needs)])
    rows: list[list[Node]] = []
    spot: dict[str, float] = {}
    for number in range(max(level.values(), default=-1) + 1):
        row = [held[key] for key, at in level.items() if at == number]
        row.sort(key=lambda node: _middle([spot[need] for need in node.needs]))
        for start in range(0, len(row), _COUNT):
            part = row[start : start + _COUNT]
            spot |= {node.key: (index + 0.5) / len(part) for index, node in enumerate(part)}
            rows.append(part)
    return rows


def _middle(spots: Sequence[float]) -> float:
    return sum(spots) / len(spots) if spots else 0.5


def _sheet(title: str, rows: Sequence[Sequence[Node]], held: Mapping[str, Node]) -> str:
    sheet = Sheet()
    places = dict(_places(rows))
    _bands(sheet, rows)
    sheet.words(4, 16, title, WIDTH - 8, 13, bold=True)
    for heavy in (False, True):
        for key in places:
            _arrows(sheet, held[key], held, places, heavy)
    for key in places:
        _node(sheet, held[key], places)
    high = _TOP + len(rows) * (_BOX + _LEAP)
    said = "dark edge: critical path · in each box: planned time, and where"
    sheet.words(_SIDE, high + 12, said, WIDTH - _SIDE, SMALL, colour=DIM)
    return sheet.svg(title, "; ".join(_sentence(held[key]) for key in places), high + 20)


def _sentence(node: Node) -> str:
    return f"{node.key} after {', '.join(node.needs)}" if node.needs else node.key


def _places(rows: Sequence[Sequence[Node]]) -> Iterator[tuple[str, _Place]]:
    room = WIDTH - _SIDE - 4
    for number, row in enumerate(rows):
        wide = min(_WIDEST, (room - (len(row) - 1) * _GAP) / len(row))
        left = _SIDE + (room - len(row) * wide - (len(row) - 1) * _GAP) / 2
        for index, node in enumerate(row):
            yield node.key, (left + index * (wide + _GAP), _TOP + number * (_BOX + _LEAP), wide)


def _bands(sheet: Sheet, rows: Sequence[Sequence[Node]]) -> None:
    """Behind each stage a tinted band with its name."""
    for stage in dict.fromkeys(row[0].stage for row in rows):
        numbers = [number for number, row in enumerate(rows) if row[0].stage == stage]
        top = _TOP + min(numbers) * (_BOX + _LEAP) - _LEAP / 2 + 1
        high = len(numbers) * (_BOX + _LEAP) - 2
        sheet.box(0, top, WIDTH, high, STAGES[stage], "", fill_opacity=0.07)
        sheet.upright(12, top + high - 4, stage, high - 6, colour=STAGES[stage])


def _arrows(sheet: Sheet, node: Node, held: Mapping[str, Node], places: Mapping[str, _Place], heavy: bool) -> None:
    for need in node.needs:
        on_path = node.critical and held[need].critical
        if need not in places or on_path is not heavy:
            continue
        (x1, y1, wide1), (x2, y2, wide2) = places[need], places[node.key]
        x1, x2, y1, y2 = x1 + wide1 / 2, x2 + wide2 / 2, y1 + _BOX, y2 - 1
        bend = max((y2 - y1) / 2, 8)
        colour, wide = (INK, 2) if on_path else (PALE, 1.2)
        d = f"M{x1:g} {y1:g}C{x1:g} {y1 + bend:g} {x2:g} {y2 - bend:g} {x2:g} {y2 - 5:g}"
        sheet.path(d, colour, stroke_width=wide)
        sheet.head(x2, y2, "down", colour, 3.5)


def _node(sheet: Sheet, node: Node, places: Mapping[str, _Place]) -> None:
    x, y, wide = places[node.key]
    gone = any(step.no_return for step in node.steps)
    if gone:
        sheet.path(f"M0 {y - 6:g}H{WIDTH:g}", RED, stroke_width=1.6, stroke_dasharray="7 4")
    waits = [*node.outside, *(need for need in node.needs if need not in places)]
    hover = f"{', '.join(step.id for step in node.steps)}: {node.steps[0].title}"
    hover += f"; after {', '.join(waits)}" if waits else ""
    sheet.box(x, y, wide, _BOX, edge=INK if node.critical else PALE, rx=3, stroke_width=2 if node.critical else 1)
    sheet.box(x, y, 5, _BOX, STAGES[node.stage], "", rx=2)
    more = f" × {len(node.steps)}" if len(node.steps) > 1 else ""
    sheet.words(x + 10, y + 15, node.name + more, wide - 14, bold=node.critical, hover=hover)
    said, colour = (NO_RETURN, RED) if gone else (_where(node), DIM)
    takes = span(max(step.planned for step in node.steps))
    sheet.words(x + 10, y + 29, f"{takes} · {said}", wide - 14, SMALL, colour=colour)


def _where(node: Node) -> str:
    hosts = list(dict.fromkeys(step.host for step in node.steps if step.host))
    return str(hosts[0]) if len(hosts) == 1 else several(len(hosts), "host") if hosts else "controller"
