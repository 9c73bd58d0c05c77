"""The guide as a document: chapters, sections and blocks, which every writer reads. Pure values, no markup anywhere.

A text is data until a writer puts it down, in its own way of escaping: nothing in here is HTML, Typst or XML, but for
pictures, which are SVG made by this package.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from golive.pictures.sheet import untitled


@dataclass(frozen=True)
class Span:
    """A piece of text in one style, perhaps a link to an anchor of the document."""

    text: str
    style: str = ""
    """Empty, or one of ``STYLES``."""
    to: str = ""


STYLES = ("strong", "code", "dim", "red", "amber", "blue")
"""What a span can look like; the last three are labels with a frame."""

Line = tuple[Span, ...]
"""Spans that stand in one line, as far as there is room."""


@dataclass(frozen=True)
class Cell:
    """Lines below each other."""

    lines: tuple[Line, ...] = ()


Said = str | Span | Line | Cell
"""Whatever can stand in a cell."""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; its tone is empty, ``dim`` for what there is not, or ``warning``."""

    line: Line
    tone: str = ""
    keep: bool = False
    """Whether no page may end behind it; like that of other blocks it is settled by ``golive.guide.layout``."""


@dataclass(frozen=True)
class Items:
    """A list, with bullets or with boxes to tick."""

    lines: tuple[Line, ...]
    boxes: bool = False
    keep: bool = False


@dataclass(frozen=True)
class Facts:
    """Names and what there is to say of each."""

    rows: tuple[tuple[str, Cell], ...]
    keep: bool = False


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    title: str
    share: float = 1.0
    """Its part of the width, beside those of the others."""
    number: bool = False
    """Whether it holds numbers: to the right, and unbroken."""


@dataclass(frozen=True)
class Row:
    """A row of a table; its tone is empty, ``no-return`` or ``decision``."""

    cells: tuple[Cell, ...]
    anchor: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Table:
    """A table with at least one row; its kind is empty, ``check`` (boxes, initials) or ``sign`` (signatures)."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    kind: str = ""
    name: str = ""
    """By which the tests find what it must be equal to: chapter and section."""
    keep: bool = False


@dataclass(frozen=True)
class Picture:
    """An SVG of this package, and what it shows."""

    svg: str
    caption: str


@dataclass(frozen=True)
class Code:
    """A text word for word, with its title; folded where a document can fold."""

    text: str
    title: Line = ()
    anchor: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Missing:
    """Something that a guide should say and the plan does not: what, by which keys, who owes it, and by when."""

    what: str
    keys: tuple[str, ...] = ()
    """Dotted paths of keys; none: this version of the plan has no key for it."""
    stage: str = "define"
    """The stage before which it must be there."""
    site: str = ""
    """The site whose representative owes it; empty: the lead of the rollout does."""
    owner: str = ""
    due: str = ""


@dataclass(frozen=True)
class Gap:
    """What is missing in a section."""

    items: tuple[Missing, ...]


@dataclass(frozen=True)
class Section:
    """A part of a chapter with a heading."""

    title: str
    blocks: "tuple[Block, ...]"
    anchor: str = ""
    page: bool = False
    """Whether it begins on a new page."""
    number: str = ""


Plain = Paragraph | Items | Facts | Table | Picture | Code | Gap
Block = Plain | Section


@dataclass(frozen=True)
class Chapter:
    """A chapter, or an appendix."""

    name: str
    """By which links find it."""
    title: str
    blocks: tuple[Block, ...]
    number: str = ""
    flows: bool = False
    """Whether it follows on the page of the chapter before: it or that one is short."""


@dataclass(frozen=True)
class Document:
    """The whole."""

    kind: str
    title: str
    version: str
    lead: str
    facts: tuple[tuple[str, Cell], ...]
    chapters: tuple[Chapter, ...]


def strong(text: str) -> Span:
    """What the eye should find."""
    return Span(text, "strong")


def code(text: str, to: str = "") -> Span:
    """A name or a command, as it is typed."""
    return Span(text, "code", to)


def dim(text: str) -> Span:
    """What can be read over."""
    return Span(text, "dim")


def link(text: str, to: str) -> Span:
    """A text that leads to an anchor of the document."""
    return Span(text, "", to)


def line(*parts: str | Span) -> Line:
    """Pieces of text behind each other."""
    return tuple(Span(part) if isinstance(part, str) else part for part in parts)


def cell(*lines: str | Span | Line) -> Cell:
    """Lines below each other; empty ones are left out."""
    return Cell(tuple(_line(one) for one in lines if (one.text if isinstance(one, Span) else one)))


def _line(said: str | Span | Line) -> Line:
    return said if isinstance(said, tuple) else line(said)


def row(*said: Said, anchor: str = "", tone: str = "") -> Row:
    """A row of a table."""
    return Row(tuple(one if isinstance(one, Cell) else cell(one) for one in said), anchor, tone)


def para(*parts: str | Span, tone: str = "") -> Paragraph:
    """A paragraph."""
    return Paragraph(line(*parts), tone)


def facts(*pairs: tuple[str, Said]) -> Facts:
    """Names and what there is to say of each."""
    return Facts(tuple((name, said if isinstance(said, Cell) else cell(said)) for name, said in pairs))


def table(columns: Iterable[Column | str], rows: Iterable[Row], otherwise: str, kind: str = "", *, name: str) -> Block:
    """A table with its name, or a sentence where it would have no row."""
    held = tuple(rows)
    named = tuple(Column(one) if isinstance(one, str) else one for one in columns)
    return Table(named, held, kind, name) if held else para(otherwise, tone="dim")


def items(lines: Iterable[str | Line], otherwise: str = "", boxes: bool = False) -> Block:
    """A list, or a sentence where it would have no item."""
    held = tuple(_line(one) for one in lines)
    return Items(held, boxes) if held else para(otherwise, tone="dim")


def shown(sheets: Iterable[str], caption: str) -> Iterator[Block]:
    """Pictures, sheet by sheet; what they show stands below the last one, and one alone has its section's heading."""
    held = tuple(sheets)
    held = (untitled(held[0]),) if len(held) == 1 else held
    yield from (Picture(svg, caption if place == len(held) else "") for place, svg in enumerate(held, 1))


def prose(text: str | None, otherwise: str) -> Iterator[Block]:
    """A text of the plan, at its blank lines; or a sentence where there is none."""
    parts = [" ".join(part.split()) for part in (text or "").split("\n\n") if part.strip()]
    yield from (para(part) for part in parts) if parts else iter([para(otherwise, tone="dim")])


def finished(chapters: Iterable[Chapter]) -> tuple[Chapter, ...]:
    """The chapters with numbers for their sections, and without links that lead nowhere."""
    numbered = [replace(chapter, blocks=_numbered(chapter.blocks, chapter.number)) for chapter in chapters]
    known = {anchor for chapter in numbered for anchor in anchors(chapter)}
    return tuple(_linked(chapter, known) for chapter in numbered)


def _numbered(blocks: tuple[Block, ...], prefix: str) -> tuple[Block, ...]:
    made, count = list[Block](), 0
    for block in blocks:
        if isinstance(block, Section):
            count += 1
            number = f"{prefix}.{count}" if prefix and prefix.count(".") < 2 else ""
            block = replace(block, number=number, blocks=_numbered(block.blocks, number))
        made.append(block)
    return tuple(made)


def walk(blocks: Iterable[Block]) -> Iterator[Block]:
    """All blocks, those inside sections too."""
    for block in blocks:
        yield block
        if isinstance(block, Section):
            yield from walk(block.blocks)


def anchors(chapter: Chapter) -> Iterator[str]:
    """The anchors of a chapter."""
    yield chapter.name
    for block in walk(chapter.blocks):
        if isinstance(block, Section | Code) and block.anchor:
            yield block.anchor
        elif isinstance(block, Table):
            yield from (one.anchor for one in block.rows if one.anchor)


def _linked(chapter: Chapter, known: set[str]) -> Chapter:
    return replace(chapter, blocks=tuple(_sure(block, known) for block in chapter.blocks))


def _sure(block: Block, known: set[str]) -> Block:
    match block:
        case Section():
            return replace(block, blocks=tuple(_sure(one, known) for one in block.blocks))
        case Paragraph():
            return replace(block, line=_surely(block.line, known))
        case Items():
            return replace(block, lines=tuple(_surely(one, known) for one in block.lines))
        case Facts():
            return replace(block, rows=tuple((name, _cell(said, known)) for name, said in block.rows))
        case Table():
            rows = tuple(replace(one, cells=tuple(_cell(part, known) for part in one.cells)) for one in block.rows)
            return replace(block, rows=rows)
        case _:
            return block


def _cell(said: Cell, known: set[str]) -> Cell:
    return Cell(tuple(_surely(one, known) for one in said.lines))


def _surely(said: Line, known: set[str]) -> Line:
    if all(not span.to or span.to in known for span in said):
        return said
    return tuple(replace(span, to="") if span.to not in known else span for span in said)
