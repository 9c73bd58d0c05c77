"""Request latency through the cutover and the back-out, as SVG: in bins, and at each fence one by one."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.cutover.shop import Crossing
from benchmarks.load.log import Request

WIDTH, LEFT, HIGH, GAP = 960, 60, 190, 74
LOW, TOP = 0.001, 10.0
"""Of the scale of seconds, which is logarithmic."""
COLOURS = {"old": "#8a5a00", "new": "#0a7f5a", "": "#b4262f"}
BIN = 1.0


@dataclass(frozen=True)
class Window:
    """A crossing that is shown closely."""

    title: str
    crossing: Crossing


@dataclass(frozen=True)
class _Panel:
    """A strip of the picture from one moment to another; ``y`` is its upper edge."""

    y: int
    since: float
    until: float

    def x(self, at: float) -> float:
        return LEFT + (WIDTH - LEFT - 10) * (at - self.since) / (self.until - self.since)

    def at(self, seconds: float) -> float:
        part = math.log(max(min(seconds, TOP), LOW) / LOW) / math.log(TOP / LOW)
        return self.y + HIGH * (1 - part)

    def frame(self, title: str, tick: float) -> Iterator[str]:
        yield f'<text x="{LEFT}" y="{self.y - 22}" class="head">{escape(title)}</text>'
        for seconds, label in ((0.001, "1 ms"), (0.01, "10 ms"), (0.1, "0.1 s"), (1.0, "1 s"), (10.0, "10 s")):
            y = self.at(seconds)
            yield f'<path d="M{LEFT} {y:.0f}H{WIDTH - 10}" class="grid"/>'
            yield f'<text x="{LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{label}</text>'
        count = int((self.until - self.since) / tick)
        for number in range(count + 1):
            x = self.x(self.since + number * tick)
            yield f'<text x="{x:.0f}" y="{self.y + HIGH + 15}" text-anchor="middle">{number * tick:g} s</text>'

    def mark(self, since: float, until: float, label: str, shade: str, row: int = 0) -> str:
        left, width = self.x(since), max(1.0, self.x(until) - self.x(since))
        box = f'<rect x="{left:.1f}" y="{self.y}" width="{width:.1f}" height="{HIGH}" class="{shade}"/>'
        return f'{box}<text x="{left + 3:.1f}" y="{self.y + 12 + 13 * row}" class="mark">{escape(label)}</text>'


def picture(requests: Sequence[Request], windows: Sequence[Window], steps: Mapping[str, tuple[float, float]]) -> str:
    """The whole picture.

    Args:
        requests: what the users have seen.
        windows: the crossings.
        steps: when steps began and ended, in UTC epoch seconds, by ``do NAME``.
    """
    drawn: list[str] = list(_whole(_Panel(40, requests[0].began, requests[-1].ended), requests, windows, steps))
    for number, window in enumerate(windows, 1):
        at = window.crossing.at
        drawn += _close(_Panel(40 + number * (HIGH + GAP), at - 3, at + 6), requests, window)
    height = 40 + (len(windows) + 1) * (HIGH + GAP)
    style = (
        "text { font: 12px sans-serif; fill: #24292f } .head { font-weight: bold } .mark { font-size: 11px }"
        " .grid { stroke: #d8dee4; fill: none } .step { fill: #ddf4ff } .fence { fill: #ffebe9 } .sub { fill: #fff8c5 }"
        " .dots { stroke-width: 2.4; stroke-linecap: round; fill: none } .line { stroke-width: 1.2; fill: none }"
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
    title = "<title>How long users waited through a cutover and its back-out</title>"
    page = f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'
    return "\n".join([head, title, f"<style>{style}</style>", page, *drawn, "</svg>", ""])


def _whole(
    panel: _Panel, requests: Sequence[Request], windows: Sequence[Window], steps: Mapping[str, tuple[float, float]]
) -> Iterator[str]:
    names = {"do copy-postgresql": "copy", "do follow-postgresql": "compare"}
    for row, (step, (began, ended)) in enumerate(steps.items()):
        yield panel.mark(began, ended, names[step], "step", row)
    for window in windows:
        yield panel.mark(window.crossing.at, window.crossing.at + 1, "fence", "fence")
    yield from panel.frame("All of it: median, 99th percentile and longest wait of writes in each second", 20)
    bins: dict[int, list[float]] = {}
    for one in requests:
        if one.kind == "write":
            bins.setdefault(int((one.began - panel.since) / BIN), []).append(one.waited)
    for share, colour in ((0.5, "#0a7f5a"), (0.99, "#c98a1b"), (1.0, "#b4262f")):
        points = [
            f"{panel.x(panel.since + (number + 0.5) * BIN):.1f} {panel.at(_at(waits, share)):.1f}"
            for number, waits in sorted(bins.items())
        ]
        yield f'<path d="M{"L".join(points)}" stroke="{colour}" class="line"/>'


def _at(waits: Sequence[float], share: float) -> float:
    return sorted(waits)[min(len(waits) - 1, int(len(waits) * share))]


def _close(panel: _Panel, requests: Iterable[Request], window: Window) -> Iterator[str]:
    """Each request where it began, as high as its wait; the sub-phases behind the points."""
    at, since = window.crossing.at, 0.0
    long = [(after, label) for after, label in window.crossing.phases if after > 0]
    shown = [(after, label) for after, label in long if label.startswith(("every", "committed", "released"))]
    for row, (after, label) in enumerate(shown):
        name = {"every": "requests under way end", "commi": "fence, drain, proof, way back", "relea": "release"}
        yield panel.mark(at + since, at + after, f"{name[label[:5]]} {after - since:.2f} s", "sub", row)
        since = after
    yield from panel.frame(f"{window.title}: each request, by who answered it (brown: old, green: new)", 1)
    near = [one for one in requests if panel.since <= one.began <= panel.until and one.kind != "slow"]
    for by, colour in COLOURS.items():
        points = [f"M{panel.x(one.began):.1f} {panel.at(one.waited):.1f}h0" for one in near if one.by == by]
        if points:
            yield f'<path d="{"".join(points)}" stroke="{colour}" class="dots"/>'
