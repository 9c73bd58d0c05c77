"""The graph as pictures: text for a terminal, SVG for a page and for print. Pure; both take any part of a graph.

In the picture each site is a panel, each host a lane, and time runs downwards: a row is as late as what its steps
need and its host allow, stage under stage. Down the page, forty steps stay legible on one printed sheet.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from golive.digest import digest
from golive.graph.forecast import Forecast
from golive.graph.graph import Graph
from golive.graph.order import Schedule, direct
from golive.graph.step import Step
from golive.graph.words import NO_RETURN, short, span
from golive.words import several

MARKS: Mapping[str, str] = {
    "pending": "·",
    "running": "▶",
    "waiting": "?",
    "done": "✓",
    "failed": "✗",
    "refused": "✗",
    "undone": "↶",
    "unreachable": "!",
    "interrupted": "!",
    "unknown": "!",
    "residue": "!",
}
"""One sign for each status of a step."""

_CONTROL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


# --- text ---------------------------------------------------------------------------------------------------------


def text(graph: Graph, steps: Sequence[Step], status: Mapping[str, str]) -> str:
    """The steps for a terminal, by site and stage, in order.

    Args:
        graph: the whole graph; times and the critical path are told from it.
        steps: the steps to show, any part of the graph.
        status: how each step stands, by id; pending when it is not named.
    """
    found = Forecast(graph)
    times = found.times
    widths = (
        max((len(step.id) for step in steps), default=0),
        max((len(step.host or "-") for step in steps), default=0),
    )
    lines: list[str] = [] if found.begin is None else ["", _dates(found)]
    for site, held in _by_site(steps).items():
        end = max(times.end[step.id] for step in held)
        when = f"+{span(end)}" + (f", {found.at(end)}" if found.begin else "")
        lines += ["", f"{site or 'controller'}: {_count(held)}, expected to end at {when}"]
        stage = None
        for step in held:
            lines += [f"  {step.stage}"] if step.stage != stage else []
            stage = step.stage
            lines.append(_line(step, found, status.get(step.id, "pending"), widths))
    return "\n".join([*lines[1:], "", _legend(steps, status), ""])


def _dates(found: Forecast) -> str:
    """From when to when the rollout goes on, as its dates and windows have it."""
    never = f"; nothing opens for {', '.join(found.times.never[:3])}" if found.times.never else ""
    return f"begins {found.at(0)} at the latest, expected to end {found.at(found.times.total)}{never}"


def _count(steps: Sequence[Step]) -> str:
    return several(len(steps), "step")


def _line(step: Step, found: Forecast, status: str, widths: tuple[int, int]) -> str:
    start = found.times.start[step.id]
    on_path = "*" if step.id in found.critical else " "
    begins = f"{found.at(start):<24}" if found.begin else f"{'+' + span(start):<14}"
    when = f"{span(step.planned):>12}  {begins}"
    more = [f"[{NO_RETURN}]"] if step.no_return else []
    more += [f"[{status}]"] if status not in ("pending", "done") else []
    more += [f"after {_needs(step)}"] if step.needs else []
    head = f"    {MARKS.get(status, '!')} {on_path} {step.id:<{widths[0]}}  {step.host or '-':<{widths[1]}}"
    return f"{head}  {when}{' '.join(more)}".rstrip()


def _needs(step: Step) -> str:
    """What it needs, the last-named first, shortened to what differs from the step's own place."""
    here = step.id.rpartition("/")[0] + "/"
    site = step.id.partition("/")[0] + "/"
    names = [need.removeprefix(here).removeprefix(site) for need in reversed(step.needs)]
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


def _legend(steps: Sequence[Step], status: Mapping[str, str]) -> str:
    used = dict.fromkeys(status.get(step.id, "pending") for step in steps)
    return "  ".join([*(f"{MARKS.get(name, '!')} {name}" for name in used), "* on the critical path"])


def _by_site(steps: Iterable[Step]) -> Mapping[str | None, tuple[Step, ...]]:
    """The steps of each site in order of stage; sites in order of their first step."""
    found: dict[str | None, list[Step]] = {}
    for step in steps:
        found.setdefault(step.site, []).append(step)
    return {site: tuple(sorted(held, key=lambda step: step.stage.order)) for site, held in found.items()}


# --- SVG ----------------------------------------------------------------------------------------------------------

_LANE, _BOX, _ROW, _HEIGHT, _MARGIN, _TOP = 164, 152, 48, 33, 30, 74
_FONT = "font-family=\"'Liberation Sans', Arial, Helvetica, sans-serif\""
_STAGES = {
    "define": "#7a7f87",
    "baseline": "#3d6b99",
    "deploy": "#2f7d6b",
    "cutover": "#b3562b",
    "handover": "#6d4c91",
}
_FILLS = {"done": "#e2f1e4", "running": "#dcebfa", "waiting": "#fff3d0", "undone": "#ececec", "pending": "#ffffff"}
_BAD, _INK, _DIM, _PALE, _RED = "#fbdedb", "#1c2733", "#55606c", "#9aa5b1", "#b3261e"


@dataclass(frozen=True)
class _Panel:
    """One site in the picture: which lane and which row each step has."""

    site: str | None
    steps: tuple[Step, ...]
    lanes: Mapping[str, int]
    rows: Mapping[str, int]
    top: float

    @property
    def width(self) -> float:
        return 2 * _MARGIN + len(self.lanes) * _LANE

    @property
    def height(self) -> float:
        return _TOP + (max(self.rows.values(), default=-1) + 1) * _ROW + 14

    def corner(self, step: Step) -> tuple[float, float]:
        """The upper left corner of the step's box."""
        x = _MARGIN + self.lanes[step.lane] * _LANE + (_LANE - _BOX) / 2
        return x, self.top + _TOP + self.rows[step.id] * _ROW


def svg(graph: Graph, steps: Sequence[Step], status: Mapping[str, str]) -> str:
    """The steps as one self-contained SVG: no script, no font and nothing else from elsewhere.

    Args:
        graph: the whole graph; times and the critical path are told from it.
        steps: the steps to show, any part of the graph.
        status: how each step stands, by id; pending when it is not named.
    """
    times, panels, top = Forecast(graph).times, list[_Panel](), 0.0
    for site, held in _by_site(steps).items():
        panels.append(_panel(site, held, top))
        top += panels[-1].height
    width, height = max((panel.width for panel in panels), default=200), top + 24
    name = "g" + digest([step.id for step in steps])[:10]
    parts = [_head(graph, steps, name, width, height)]
    for panel in panels:
        parts += _draw(panel, times, status, name, width)
    return "\n".join([*parts, _key(top + 14), "</svg>", ""])


def _panel(site: str | None, steps: tuple[Step, ...], top: float) -> _Panel:
    lanes = list(dict.fromkeys(step.lane for step in sorted(steps, key=lambda step: step.host is None)))
    return _Panel(site, steps, {lane: index for index, lane in enumerate(lanes)}, _rows(steps), top)


def _rows(steps: Sequence[Step]) -> Mapping[str, int]:
    """A row for each step: behind what it needs, behind the step before on its lane, behind the stages before."""
    rows: dict[str, int] = {}
    free: dict[str, int] = {}
    stage, floor = None, 0
    for step in steps:
        if step.stage != stage:
            stage, floor = step.stage, max(rows.values(), default=-1) + 1
        rows[step.id] = max([floor, free.get(step.lane, 0), *(rows[need] + 1 for need in step.needs if need in rows)])
        free[step.lane] = rows[step.id] + 1
    return rows


def _head(graph: Graph, steps: Sequence[Step], name: str, width: float, height: float) -> str:
    title = f"Steps of {graph.solution} {graph.version}"
    sites = ", ".join(site or "the controller" for site in _by_site(steps))
    said = f"{_count(steps)} at {sites}; one lane for each host, time runs downwards, arrows lead from what is needed."
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-labelledby="{name}t {name}d" {_FONT} font-size="12" fill="{_INK}">\n'
        f'<title id="{name}t">{_xml(title)}</title>\n<desc id="{name}d">{_xml(said)}</desc>\n'
        f"<defs>{_marker(name, 'n', _PALE)}{_marker(name, 'c', _INK)}</defs>\n"
        f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>'
    )


def _marker(name: str, kind: str, colour: str) -> str:
    return (
        f'<marker id="{name}{kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 8 4 0 8z" fill="{colour}"/></marker>'
    )


def _draw(panel: _Panel, times: Schedule, status: Mapping[str, str], name: str, width: float) -> Iterator[str]:
    yield f"<g><text x='8' y='{panel.top + 24:g}' font-size='16' font-weight='bold'>"
    yield f"{_xml(panel.site or 'controller')}</text>"
    yield _outside(panel)
    yield from _bands(panel, width)
    yield from _lane_heads(panel)
    yield from _arrows(panel, set(zip(times.critical, times.critical[1:], strict=False)), name)
    for step in panel.steps:
        yield _box(panel, step, times, status.get(step.id, "pending"))
        if step.no_return:
            yield _line_of_no_return(panel, step, width)
    yield "</g>"


def _outside(panel: _Panel) -> str:
    """A note that names what the panel waits for beyond the picture's panel."""
    own = {step.id for step in panel.steps}
    needs = list(dict.fromkeys(need for step in panel.steps for need in step.needs if need not in own))
    if not needs:
        return ""
    shown = ", ".join(needs[:3]) + (f" and {len(needs) - 3} more" if len(needs) > 3 else "")
    room = int((panel.width - 20) / 5.6)
    return (
        f"<text x='8' y='{panel.top + 38:g}' font-size='10' fill='{_DIM}'>{_xml(_cut('after ' + shown, room))}</text>"
    )


def _bands(panel: _Panel, width: float) -> Iterator[str]:
    """Behind each stage a tinted band with the stage's name upright at its left."""
    for stage in dict.fromkeys(step.stage for step in panel.steps):
        rows = [panel.rows[step.id] for step in panel.steps if step.stage == stage]
        top, height = panel.top + _TOP + min(rows) * _ROW - 7, (max(rows) - min(rows) + 1) * _ROW
        colour, middle = _STAGES[stage], top + height / 2
        place = f"x='4' y='{top:g}' width='{width - 8:g}' height='{height - 2:g}'"
        yield f"<rect {place} fill='{colour}' fill-opacity='.07'/>"
        size = 11 if height > _ROW else 8
        yield (
            f"<text transform='translate(18 {middle:g}) rotate(-90)' text-anchor='middle' font-size='{size}' "
            f"font-weight='bold' fill='{colour}'>{_xml(stage)}</text>"
        )


def _lane_heads(panel: _Panel) -> Iterator[str]:
    place = {step.lane: step.place.address if step.place else "" for step in panel.steps}
    for lane, index in panel.lanes.items():
        x, y = _MARGIN + (index + 0.5) * _LANE, panel.top + 52
        host = lane.removeprefix(f"{panel.site}/")
        yield f"<text x='{x:g}' y='{y:g}' text-anchor='middle' font-weight='bold'>{_xml(_cut(host, 23))}</text>"
        address = _xml(_cut(place[lane], 28))
        yield f"<text x='{x:g}' y='{y + 11:g}' text-anchor='middle' font-size='9' fill='{_DIM}'>{address}</text>"


def _arrows(panel: _Panel, critical: set[tuple[str, str]], name: str) -> Iterator[str]:
    """Arrows from needs; what is implied by another need is not drawn, the critical path comes last and on top."""
    by_id, drawn = {step.id: step for step in panel.steps}, list[tuple[bool, Step, Step]]()
    for name, needs in direct(sorted(panel.steps, key=lambda step: panel.rows[step.id])).items():
        wanted = dict.fromkeys([*needs, *(a for a, b in critical if b == name)])
        drawn += [((need, name) in critical, by_id[need], by_id[name]) for need in wanted if need in by_id]
    for on_path, start, end in sorted(drawn, key=lambda item: item[0]):
        (x1, y1), (x2, y2) = panel.corner(start), panel.corner(end)
        x1, x2, y1 = x1 + _BOX / 2, x2 + _BOX / 2, y1 + _HEIGHT
        bend = max((y2 - y1) / 2, 8)
        look = f"stroke='{_INK}' stroke-width='2.2'" if on_path else f"stroke='{_PALE}' stroke-width='1'"
        yield (
            f"<path d='M{x1:g} {y1:g}C{x1:g} {y1 + bend:g} {x2:g} {y2 - bend:g} {x2:g} {y2:g}' fill='none' {look} "
            f"marker-end='url(#{name}{'c' if on_path else 'n'})'/>"
        )


def _box(panel: _Panel, step: Step, times: Schedule, status: str) -> str:
    x, y = panel.corner(step)
    on_path = step.id in times.critical
    edge = f"stroke='{_INK}' stroke-width='2'" if on_path else f"stroke='{_PALE}'"
    when = f"{span(step.planned)} · at +{span(times.start[step.id])}"
    name, low = _xml(_cut(short(step), 23)), f"y='{y + 27:g}'"
    hover = f"{step.id}: {step.title} ({status}{'; critical path' if on_path else ''})"
    return (
        f"<g><title>{_xml(hover)}</title><rect x='{x:g}' y='{y:g}' width='{_BOX}' height='{_HEIGHT}' rx='3' "
        f"fill='{_FILLS.get(status, _BAD)}' {edge}/><rect x='{x:g}' y='{y:g}' width='5' height='{_HEIGHT}' rx='2' "
        f"fill='{_STAGES[step.stage]}'/><text x='{x + 10:g}' y='{y + 14:g}' font-size='11.5'>{name}</text>"
        f"<text x='{x + 10:g}' {low} font-size='9.5' fill='{_DIM}'>{_xml(when)}</text>"
        f"<text x='{x + _BOX - 5:g}' {low} text-anchor='end' font-weight='bold'>{MARKS.get(status, '!')}</text></g>"
    )


def _line_of_no_return(panel: _Panel, step: Step, width: float) -> str:
    y = panel.corner(step)[1] - 7.5
    return (
        f"<g><path d='M4 {y:g}H{width - 4:g}' stroke='{_RED}' stroke-width='1.8' stroke-dasharray='7 4'/><text "
        f"x='{width - 8:g}' y='{y + 12:g}' text-anchor='end' font-size='10.5' font-weight='bold' fill='{_RED}'>"
        f"{NO_RETURN}</text></g>"
    )


def _key(y: float) -> str:
    said = "time runs downwards · bold: critical path · each box: planned time, expected start from the beginning"
    return f"<text x='8' y='{y:g}' font-size='9.5' fill='{_DIM}'>{said}</text>"


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"


def _xml(text: str) -> str:
    """The text for XML; characters that XML cannot hold are shown as a replacement."""
    return escape(_CONTROL.sub("\ufffd", text), {"'": "&#39;", '"': "&quot;"})
