"""A document as PDF, by Typst. Texts go to Typst as data and never as markup: there is nothing to escape.

The fixed program ``base.typ`` reads the document as JSON; ``guide.typ``, which a plan may replace, arranges it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from golive.guide.document import (
    Block,
    Cell,
    Chapter,
    Code,
    Document,
    Facts,
    Gap,
    Items,
    Line,
    Paragraph,
    Picture,
    Plain,
    Section,
    Table,
)
from golive.guide.layout import whole
from golive.guide.writers.legal import breakable, legal, wrapped

WIDTH, HEIGHT = 505.0, 690.0
"""Room for a picture on a page of A4, in points, and its caption."""
POINTS = 0.75
"""Points in a pixel of SVG."""
LEAST = 0.45
"""Below this scale a picture goes to a page of its own that lies on its side, if it is larger there."""
PIECE = 60
"""Lines of code in one piece: Typst takes much longer for long ones."""
COLUMNS = 108
"""Signs of code in one line."""


def pdf(document: Document, fonts: Sequence[str] = (), templates: Mapping[str, str] | None = None) -> bytes:
    """The document as PDF: equal documents, fonts and versions of Typst give equal bytes.

    Args:
        document: the document.
        fonts: folders with fonts, beside those of the system.
        templates: the plan's own ``guide.typ``.

    Raises:
        typst.TypstError: a template of the plan's is wrong.
    """
    import typst

    source = template("base.typ") + (templates or {}).get("guide.typ", template("guide.typ"))
    compiler = typst.Compiler(
        source.encode(), font_paths=fonts_in(tuple(fonts)), sys_inputs={"document": encoded(document)}
    )
    made = compiler.compile(format="pdf", timestamp=0, pdf_tags=False)
    assert isinstance(made, bytes)
    return made


@cache
def fonts_in(folders: tuple[str, ...]) -> Any:
    """The fonts of the system, of Typst and of these folders; looking for them takes time, so it is done once."""
    import typst

    return typst.Fonts(font_paths=list(folders))


def template(name: str) -> str:
    """The text of a template of this package."""
    return files("golive.guide").joinpath("templates", name).read_text(encoding="utf-8")


def encoded(document: Document) -> str:
    """The document as the JSON that ``base.typ`` reads."""
    return json.dumps(
        {
            "kind": legal(document.kind),
            "title": legal(document.title),
            "version": legal(document.version),
            "lead": legal(document.lead),
            "facts": _facts(document.facts),
            "chapters": [_chapter(chapter) for chapter in document.chapters],
        }
    )


def _chapter(chapter: Chapter) -> dict[str, Any]:
    number = chapter.number if chapter.number.isdigit() else ""
    said = {"title": legal(chapter.title), "number": number, "anchor": chapter.name, "flows": chapter.flows}
    return said | {"blocks": _blocks(chapter.blocks, 2)}


def _blocks(blocks: Iterable[Block], level: int) -> list[dict[str, Any]]:
    """Blocks and headings one behind the other; a box or a heading with its table that a table keeps is its tail."""
    made = list[dict[str, Any]]()
    for said in _flat(blocks, level):
        last: dict[str, Any] = made[-1] if made else {}
        if last.get("type") == "table" and last["keep"]:
            last["tail"].append(said)
            last["keep"] = said["type"] == "section"
        else:
            made.append(said)
    return made


def _flat(blocks: Iterable[Block], level: int) -> Iterator[dict[str, Any]]:
    for block in blocks:
        if isinstance(block, Section):
            said = {"title": legal(block.title), "number": block.number, "anchor": block.anchor, "page": block.page}
            yield {"type": "section", "level": level, **said}
            yield from _flat(block.blocks, level + 1)
        else:
            yield _block(block)


def _block(block: Plain) -> dict[str, Any]:
    match block:
        case Paragraph():
            return {"type": "paragraph", "line": _line(block.line), "tone": block.tone, "keep": block.keep}
        case Items():
            return {
                "type": "items",
                "boxes": block.boxes,
                "keep": block.keep,
                "lines": [_line(line) for line in block.lines],
            }
        case Facts():
            return {"type": "facts", "keep": block.keep, "rows": _facts(block.rows)}
        case Table():
            return _table(block)
        case Picture():
            return _picture(block)
        case Code():
            lines = [wrapped(legal(line), COLUMNS) for line in block.text.expandtabs(4).split("\n")]
            pieces = ["\n".join(lines[at : at + PIECE]) for at in range(0, len(lines), PIECE)] if block.text else []
            return {"type": "code", "title": _line(block.title), "anchor": block.anchor, "pieces": pieces}
        case Gap():
            return {
                "type": "gap",
                "items": [_missing(item.what, item.keys, item.owner, item.due) for item in block.items],
            }


def _missing(what: str, keys: Sequence[str], owner: str, due: str) -> dict[str, Any]:
    more = f" and {len(keys) - 6} more" if len(keys) > 6 else ""
    shown = breakable(legal(", ".join(keys[:6]) + more))
    return {"what": legal(what), "keys": shown, "owed": legal(f"Owed by {owner}, {due}.")}


def _facts(rows: Iterable[tuple[str, Cell]]) -> list[Any]:
    return [[legal(name), _cell(said)] for name, said in rows]


def _table(block: Table) -> dict[str, Any]:
    return {
        "type": "table",
        "kind": block.kind,
        "whole": whole(block),
        "keep": block.keep,
        "tail": [],
        "heads": [legal(column.title) for column in block.columns],
        "shares": [column.share for column in block.columns],
        "numbers": [column.number for column in block.columns],
        "tones": [row.tone for row in block.rows],
        "anchors": [row.anchor for row in block.rows],
        "rows": [[_cell(cell) for cell in row.cells] for row in block.rows],
    }


def _cell(cell: Cell) -> list[Any]:
    return [_line(line) for line in cell.lines]


def _line(line: Line) -> list[Any]:
    """Spans; one without style and link is its text alone."""
    return [
        [breakable(legal(span.text)), span.style, span.to] if span.style or span.to else breakable(legal(span.text))
        for span in line
    ]


_SIZE = re.compile(r'<svg[^>]*? width="([0-9.]+)" height="([0-9.]+)"')


def _picture(block: Picture) -> dict[str, Any]:
    svg = legal(block.svg)
    width, height = size(svg)
    scale = min(POINTS, WIDTH / width, HEIGHT / height)
    aside = min(POINTS, HEIGHT / width, WIDTH / height)
    turned = scale < LEAST and aside > 1.15 * scale
    shown = width * (aside if turned else scale)
    return {"type": "picture", "svg": svg, "caption": legal(block.caption), "width": shown, "turned": turned}


def size(svg: str) -> tuple[float, float]:
    """Width and height of a picture of this package, in pixels."""
    found = _SIZE.search(svg)
    return (float(found[1]), float(found[2])) if found else (800.0, 600.0)
