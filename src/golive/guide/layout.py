"""What a document says about pages, for all writers: what stays with what follows, and which chapters share a page."""

from collections.abc import Iterable
from dataclasses import replace

from golive.guide.document import (
    Block,
    Chapter,
    Code,
    Facts,
    Gap,
    Items,
    Line,
    Paragraph,
    Picture,
    Section,
    Table,
)

SHORT = 20
"""Lines of a chapter that needs no page of its own; a page has about 50."""
_WIDE, _PICTURE, _HEADING = 100, 30, 2
"""Signs in a line; lines of a picture and of a heading."""
FEW = 6
"""Lines of a chapter's last section that would be lost on a page of their own."""
WHOLE = 12
"""Rows of a table to sign that is not torn: more do not fit on what is left of most pages."""
_TALL = {"": 1, "check": 2, "sign": 3}
"""Lines of a row of a table."""


def laid(chapters: Iterable[Chapter]) -> tuple[Chapter, ...]:
    """The chapters with ``keep`` set at their blocks, and ``flows`` at those that begin no page.

    A box of what is missing, a table to sign and a few last lines never stand alone on a page: what stands before them
    goes with them.
    """
    held = [replace(one, blocks=_kept(one.blocks, None, one.blocks[-1] if one.blocks else None)) for one in chapters]
    short = [sum(map(_lines, chapter.blocks)) <= SHORT for chapter in held]
    return tuple(
        replace(chapter, flows=place > 0 and any(short[place - 1 : place + 1])) for place, chapter in enumerate(held)
    )


def whole(table: Table) -> bool:
    """Whether all rows of a table stand on one page: nobody signs half a table."""
    return table.kind == "sign" and len(table.rows) <= WHOLE


def _kept(blocks: tuple[Block, ...], after: Block | None, end: Block | None) -> tuple[Block, ...]:
    made = list[Block]()
    for block, following in zip(blocks, (*blocks[1:], after), strict=True):
        match block:
            case Section():
                made.append(replace(block, blocks=_kept(block.blocks, following, end)))
            case Paragraph() | Items() | Facts() | Table():
                made.append(replace(block, keep=_holds(block, following) or (following is end and _few(end))))
            case _:
                made.append(block)
    return tuple(made)


def _holds(block: Block, following: Block | None) -> bool:
    leads = isinstance(block, Paragraph) and isinstance(following, Table | Picture | Facts | Items | Code)
    return leads or isinstance(following, Gap) or _signed(following)


def _few(end: Block | None) -> bool:
    return isinstance(end, Section) and _lines(end) <= FEW


def _signed(block: Block | None) -> bool:
    """Whether a section is there to be signed."""
    first = block.blocks[0] if isinstance(block, Section) and block.blocks else None
    return isinstance(first, Table) and first.kind == "sign"


def _lines(block: Block) -> int:
    """About how many lines a block takes."""
    match block:
        case Section():
            return _HEADING + sum(map(_lines, block.blocks))
        case Paragraph():
            return _long(block.line)
        case Items():
            return sum(map(_long, block.lines))
        case Facts():
            return sum(max(1, *map(_long, said.lines), len(said.lines)) for _, said in block.rows)
        case Table():
            return 2 + sum(max(len(one.lines) for one in row.cells) for row in block.rows) * _TALL[block.kind]
        case Code():
            return _HEADING + block.text.count("\n")
        case Gap():
            return 1 + 2 * len(block.items)
        case Picture():
            return _PICTURE


def _long(line: Line) -> int:
    """About how many lines a line of text takes."""
    return 1 + sum(len(span.text) for span in line) // _WIDE
