"""Request latency through the cutover and the back-out, as SVG: in bins, and at each fence one by one."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.cutover.shop import Crossing
from benchmarks.load.log import Request

WIDTH, LEFT, HIGH, GAP = 960, 60, 190, 92
LOW, TOP = 0.001, 10.0
"""Of the scale of seconds, which is logarithmic."""
LINES = (
    ("median", 0.5, "#0969da"),
    ("99th percentile", 0.99, "#c98a1b"),
    ("longest wait of a write in each second", 1.0, "#b4262f"),
)
DOTS = (
    ("answered by the old system", "old", "#8a5a00"),
    ("by the new one", "new", "#0a7f5a"),
    ("failed", "", "#b4262f"),
)
PHASES = (("every", "requests under way end", "#fff3b0"), ("commi", "closed, drained, proven, decided", "#ffc9a3"))
"""Sub-phases by how their line begins, and their shades. The release takes a millisecond or two, and is not shown."""
BIN, BEFORE, AFTER = 1.0, 3.0, 6.0
"""Seconds: of a bin, and that are shown closely before and after a fence."""


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
        return LEFT + (WIDTH - LEFT - 20) * (at - self.since) / (self.until - self.since)

    def at(self, seconds: float) -> float:
        part = math.log(max(min(seconds, TOP), LOW) / LOW) / math.log(TOP / LOW)
        return self.y + HIGH * (1 - part)

    def frame(self, zero: float, tick: float) -> Iterator[str]:
        """The scales; time is told from ``zero`` on."""
        for seconds, label in ((0.001, "1 ms"), (0.01, "10 ms"), (0.1, "0.1 s"), (1.0, "1 s"), (10.0, "10 s")):
            y = self.at(seconds)
            yield f'<path d="M{LEFT} {y:.0f}H{WIDTH - 20}" class="grid"/>'
            yield f'<text x="{LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{label}</text>'
        for number in range(math.ceil((self.since - zero) / tick), int((self.until - zero) / tick) + 1):
            x = self.x(zero + number * tick)
            yield f'<path d="M{x:.1f} {self.y + HIGH}v4" class="tick"/>'
            yield f'<text x="{x:.0f}" y="{self.y + HIGH + 17}" text-anchor="middle">{number * tick:g} s</text>'

    def title(self, text: str, keys: Iterable[tuple[str, str]]) -> Iterator[str]:
        """The title, and behind it what colours mean."""
        y, x = self.y - 34, LEFT + 7.6 * len(text) + 16
        yield f'<text x="{LEFT}" y="{y}" class="head">{escape(text)}</text>'
        for label, colour in keys:
            yield f'<rect x="{x:.0f}" y="{y - 9}" width="10" height="10" fill="{colour}"/>'
            yield f'<text x="{x + 15:.0f}" y="{y}">{escape(label)}</text>'
            x += 34 + 6.1 * len(label)

    def band(self, since: float, until: float, shade: str) -> str:
        left, width = self.x(since), max(1.5, self.x(until) - self.x(since))
        return f'<rect x="{left:.1f}" y="{self.y}" width="{width:.1f}" height="{HIGH}" fill="{shade}"/>'

    def label(self, at: float, text: str, row: int = 0) -> str:
        """Above the strip."""
        return f'<text x="{self.x(at):.0f}" y="{self.y - 5 - 13 * row}" text-anchor="middle">{escape(text)}</text>'


def picture(requests: Sequence[Request], windows: Sequence[Window], steps: Mapping[str, tuple[float, float]]) -> str:
    """The whole picture.

    Args:
        requests: what the users have seen.
        windows: the crossings.
        steps: when steps began and ended, in UTC epoch seconds, by ``do NAME``.
    """
    drawn: list[str] = list(_whole(_Panel(56, requests[0].began, requests[-1].ended), requests, windows, steps))
    for number, window in enumerate(windows, 1):
        at = window.crossing.at
        drawn += _close(_Panel(56 + number * (HIGH + GAP), at - BEFORE, at + AFTER), requests, window)
    height = 56 + len(windows) * (HIGH + GAP) + HIGH + 30
    style = (
        "text { font: 12px sans-serif; fill: #24292f } .head { font-weight: bold }"
        " .grid { stroke: #d8dee4; fill: none } .tick { stroke: #8c959f } .line { stroke-width: 1.3; fill: none }"
        " .dots { stroke-width: 2.6; stroke-linecap: round; fill: none }"
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
        yield panel.band(began, ended, ("#ddf4ff", "#b6e3ff")[row % 2])
        yield panel.label((began + ended) / 2, names[step], row % 2)
    for window, name in zip(windows, ("cutover", "back-out"), strict=False):
        yield panel.band(window.crossing.at, window.crossing.at + window.crossing.phases[-1][0], "#ffc9a3")
        yield panel.label(window.crossing.at, name)
    yield from panel.frame(panel.since, 20 if panel.until - panel.since < 400 else 60)
    yield from panel.title("All of it", [(label, colour) for label, _, colour in LINES])
    bins: dict[int, list[float]] = {}
    for one in requests:
        if one.kind == "write":
            bins.setdefault(int((one.began - panel.since) / BIN), []).append(one.waited)
    for _, share, colour in reversed(LINES):
        points = [
            f"{panel.x(panel.since + (number + 0.5) * BIN):.1f} {panel.at(_at(waits, share)):.1f}"
            for number, waits in sorted(bins.items())
        ]
        yield f'<path d="M{"L".join(points)}" stroke="{colour}" class="line"/>'


def _at(waits: Sequence[float], share: float) -> float:
    return sorted(waits)[min(len(waits) - 1, int(len(waits) * share))]


def _close(panel: _Panel, requests: Iterable[Request], window: Window) -> Iterator[str]:
    """Each request where it began, as high as its wait; the sub-phases behind the points."""
    at, since, told = window.crossing.at, 0.0, list[tuple[str, str]]()
    for start, name, shade in PHASES:
        after = next(after for after, label in window.crossing.phases if label.startswith(start))
        yield panel.band(at + since, at + after, shade)
        told.append((f"{name}: {after - since:.2f} s", shade))
        since = after
    yield from panel.frame(at, 1)
    yield from panel.title(window.title, told)
    x = LEFT
    for label, _, colour in DOTS:
        yield f'<circle cx="{x + 5}" cy="{panel.y - 17}" r="3" fill="{colour}"/>'
        yield f'<text x="{x + 13}" y="{panel.y - 13}">{label}</text>'
        x += 34 + int(6.1 * len(label))
    near = [one for one in requests if panel.since <= one.began <= panel.until and one.kind != "slow"]
    for _, by, colour in DOTS:
        points = [f"M{panel.x(one.began):.1f} {panel.at(one.waited):.1f}h0" for one in near if one.by == by]
        if points:
            yield f'<path d="{"".join(points)}" stroke="{colour}" class="dots"/>'
