"""A sheet to draw on: shapes and fitted text, written out as one self-contained SVG."""

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from golive.pictures.text import fit, wrap

WIDTH = 680.0
"""Of every sheet, in units of the picture: printed 170 mm wide, 10 units are 7 points."""
TALL = 860.0
"""No sheet is higher: what does not fit stands on the next one."""
SMALL, NORMAL = 10.0, 11.0
"""Sizes of text; none is smaller."""
INK, DIM, PALE, PAPER, TINT = "#1c2733", "#55606c", "#9aa5b1", "#ffffff", "#f4f6f8"
RED, AMBER, GREEN = "#b3261e", "#8a5a00", "#2f7d6b"
STAGES = {
    "define": "#7a7f87",
    "baseline": "#3d6b99",
    "deploy": "#2f7d6b",
    "cutover": "#b3562b",
    "handover": "#6d4c91",
}
"""One colour for each stage, the same in all pictures."""
_CONTROL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FONT = "'Liberation Sans', Arial, Helvetica, sans-serif"


def xml(text: str) -> str:
    """The text for XML; characters that XML cannot hold are shown as a replacement."""
    return escape(_CONTROL.sub("\ufffd", text), {"'": "&#39;", '"': "&quot;"})


class Sheet:
    """Shapes in the order in which they are drawn: what comes later lies on top."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._title = ""

    def titled(self, title: str) -> "Sheet":
        """The next shape has this title."""
        self._title = title
        return self

    def _add(self, shape: str) -> None:
        title, self._title = self._title, ""
        self._parts.append(f"<g><title>{xml(title)}</title>{shape}</g>" if title else shape)

    def box(
        self, x: float, y: float, wide: float, high: float, fill: str = PAPER, edge: str = PALE, **more: float | str
    ) -> None:
        """A rectangle. ``more``: further attributes, with ``_`` for ``-``, such as ``stroke_width``."""
        stroke = f'stroke="{edge}"' if edge else ""
        self._add(
            f'<rect x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" fill="{fill}" {stroke}{_attributes(more)}/>'
        )

    def path(self, d: str, edge: str = PALE, fill: str = "none", **more: float | str) -> None:
        """Lines, as SVG writes them."""
        self._parts.append(f'<path d="{d}" fill="{fill}" stroke="{edge}"{_attributes(more)}/>')

    def dot(self, x: float, y: float, radius: float, fill: str, edge: str = "none") -> None:
        """A circle."""
        self._parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill}" stroke="{edge}"/>')

    def head(self, x: float, y: float, way: str, fill: str = INK, size: float = 5) -> None:
        """The head of an arrow with its tip at a place; ``way`` is ``right``, ``down`` or ``up``."""
        far = {
            "right": f"l{-1.6 * size:g} {-size:g}v{2 * size:g}z",
            "down": f"l{-size:g} {-1.6 * size:g}h{2 * size:g}z",
            "up": f"l{-size:g} {1.6 * size:g}h{2 * size:g}z",
        }
        self.path(f"M{x:g} {y:g}{far[way]}", "none", fill)

    def words(
        self,
        x: float,
        y: float,
        text: str,
        room: float,
        size: float = NORMAL,
        *,
        lines: int = 1,
        bold: bool = False,
        colour: str = INK,
        anchor: str = "start",
        hover: str = "",
    ) -> int:
        """Text fitted to so much room, on so many lines at most; returns how many lines it took.

        What is shortened stands whole in a title, as does ``hover``.
        """
        shown = wrap(text, size, room, lines, bold) if lines > 1 else (fit(text, size, room, bold),)
        shortened = shown[-1].endswith("…") and not text.rstrip().endswith("…") if shown else False
        title = hover or (text if shortened else "")
        weight = ' font-weight="bold"' if bold else ""
        look = f'text-anchor="{anchor}" font-size="{size:g}" fill="{colour}"{weight}'
        drawn = [
            f'<text x="{x:g}" y="{y + index * (size + 2):g}" {look}>{xml(line)}</text>'
            for index, line in enumerate(shown)
            if line.strip()
        ]
        self._parts += [f"<g><title>{xml(title)}</title>", *drawn, "</g>"] if title and drawn else drawn
        return len(shown)

    def upright(self, x: float, y: float, text: str, room: float, size: float = SMALL, colour: str = INK) -> None:
        """Text that reads upwards, from a place on."""
        shown = fit(text, size, room, bold=True)
        title = f"<title>{xml(text)}</title>" if shown != text else ""
        self._parts.append(
            f'<g>{title}<text transform="translate({x:g} {y:g}) rotate(-90)" font-size="{size:g}" font-weight="bold" '
            f'fill="{colour}">{xml(shown)}</text></g>'
        )

    def svg(self, title: str, said: str, high: float) -> str:
        """The sheet as SVG, so high; ``said`` describes it for those who cannot see it."""
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {high:g}" width="{WIDTH:g}" '
                f'height="{high:g}" role="img" aria-label="{xml(title)}" font-family="{_FONT}" fill="{INK}">',
                f"<title>{xml(title)}</title>",
                f"<desc>{xml(said)}</desc>",
                f'<rect width="{WIDTH:g}" height="{high:g}" fill="{PAPER}"/>',
                *self._parts,
                "</svg>",
                "",
            ]
        )


_SIZE = re.compile(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)" width="[0-9.]+" height="[0-9.]+"')
_TITLE = '<text x="4" y="16" '
_CUT = 22.0
"""The height of a sheet's title."""


def untitled(svg: str) -> str:
    """A sheet without its title, for where a heading says it already; who cannot see it is told it still."""
    if _TITLE not in svg:
        return svg

    def cut(found: re.Match[str]) -> str:
        wide, high = float(found[1]), float(found[2]) - _CUT
        return f'viewBox="0 {_CUT:g} {wide:g} {high:g}" width="{wide:g}" height="{high:g}"'

    return _SIZE.sub(cut, svg, count=1)


def _attributes(more: dict[str, float | str]) -> str:
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())


def paged(heights: Sequence[float], room: float) -> list[range]:
    """Rows of these heights in parts that fit in so much room, as ranges of their places; at least one part.

    The parts are as few as can be, and about equally high: no sheet is left with a single row.
    """
    least = _filled(heights, room)
    even = sum(heights) / len(least)
    tried = (_filled(heights, min(room, even + more * room / 16)) for more in range(1, 17))
    return next((parts for parts in tried if len(parts) == len(least)), least)


def _filled(heights: Sequence[float], room: float) -> list[range]:
    parts, begin, used = list[range](), 0, 0.0
    for place, high in enumerate(heights):
        if place > begin and used + high > room:
            parts.append(range(begin, place))
            begin, used = place, 0.0
        used += high
    return [*parts, range(begin, len(heights))]


def numbered(title: str, index: int, count: int) -> str:
    """The title of one sheet of several."""
    return f"{title} ({index + 1} of {count})" if count > 1 else title
