"""How wide text is, and how it is fitted to a place. Widths are those of Helvetica, with some room for other fonts."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_ROOM = 1.1
"""Other fonts that stand in are wider."""
_BOLD = 1.08
_WIDTHS: dict[str, int] = {
    width_of: width
    for width, chars in {
        222: "ijl",
        260: "|",
        278: " !,./:;I[\\]ft",
        333: "()-`r{}",
        355: "\"'",
        389: "*",
        469: "^",
        500: "Jcksvxyz",
        556: "#$0123456789?L_abdeghnopqu",
        584: "+<=>~",
        611: "FTZ",
        667: "&ABEKPSVXY",
        722: "CDHNRUw",
        778: "GOQ",
        833: "Mm",
        889: "%",
        944: "W",
        1015: "@",
    }.items()
    for width_of in chars
}
_OTHER, _WIDE = 750, 1100
_BREAKS = re.compile(r"[^\s/_.,:;@-]*[\s/_.,:;@-]+|[^\s/_.,:;@-]+")


@lru_cache(maxsize=4096)
def _char(char: str) -> int:
    if char in _WIDTHS:
        return _WIDTHS[char]
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return _WIDE if unicodedata.east_asian_width(char) in "WF" else _OTHER


def width(text: str, size: float, bold: bool = False) -> float:
    """How wide a line of text is at most, at a font size."""
    return sum(map(_char, text)) * size / 1000 * _ROOM * (_BOLD if bold else 1)


def fit(text: str, size: float, room: float, bold: bool = False) -> str:
    """The text, shortened to so much room."""
    if width(text, size, bold) <= room:
        return text
    kept = text
    while kept and width(kept + "…", size, bold) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def wrap(text: str, size: float, room: float, most: int = 2, bold: bool = False) -> tuple[str, ...]:
    """The text on at most so many lines, each of so much room; the last one is shortened when it does not end there."""
    found: list[str] = []
    rest = " ".join(text.split())
    while rest and len(found) < most - 1:
        line = _line(rest, size, room, bold)
        found.append(line.rstrip())
        rest = rest[len(line) :].lstrip()
    return (*found, fit(rest, size, room, bold)) if rest else tuple(found)


def _line(text: str, size: float, room: float, bold: bool) -> str:
    """As much of the beginning as fits, broken where words and names can be broken."""
    line = ""
    for part in _parts(text):
        if width((line + part).rstrip(), size, bold) > room:
            break
        line += part
    if line:
        return line
    end = next((end for end in range(len(text), 1, -1) if width(text[:end], size, bold) <= room), 1)
    return text[:end]


def _parts(text: str) -> Iterator[str]:
    return (found[0] for found in _BREAKS.finditer(text))
