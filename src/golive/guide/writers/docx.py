"""A document as DOCX, by python-docx. Texts go into the nodes of an XML tree, which escapes them when it is written."""

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

from golive.guide.document import (
    Block,
    Cell,
    Code,
    Column,
    Document,
    Facts,
    Gap,
    Items,
    Line,
    Paragraph,
    Picture,
    Row,
    Section,
    Span,
    Table,
    anchors,
)
from golive.guide.layout import whole
from golive.guide.writers.legal import legal
from golive.guide.writers.pdf import size
from golive.guide.writers.png import pictures
from golive.guide.writers.word import FULL, Word

_COLOURS = {"dim": "55606C", "red": "B3261E", "amber": "8A5A00", "blue": "24507F"}
_FILLS = {"no-return": "FDEEEC", "decision": "FFF8E6"}
_TALL = 640
"""The height of a picture at most, in points."""
_PLAIN = (Column("", 1), Column("", 4))


def docx(document: Document, to: IO[bytes], fonts: Sequence[str] = (), template: IO[bytes] | None = None) -> None:
    """Writes the document as DOCX.

    Args:
        document: the document.
        to: where it goes.
        fonts: folders with fonts for the pictures, beside those of the system.
        template: the plan's own ``guide.docx``, whose styles, header and footer are kept; its text is not.
    """
    made = Word(template)
    writer = _Writer(made, document, pictures(document, fonts))
    writer.cover()
    writer.contents()
    for chapter in document.chapters:
        number = chapter.number if chapter.number.isdigit() else ""
        mark = writer.marks[chapter.name]
        made.heading(_numbered(number, chapter.title), 1, mark, page=not chapter.flows)
        writer.blocks(chapter.blocks, 2)
    made.save(to)


def _numbered(number: str, title: str) -> str:
    return legal(f"{number}\u2002{title}" if number else title)


class _Writer:
    """Puts blocks down one after the other."""

    def __init__(self, word: Word, document: Document, shown: Mapping[str, bytes]) -> None:
        self._word, self._document, self._shown = word, document, shown
        names = [anchor for chapter in document.chapters for anchor in anchors(chapter)]
        self.marks = {name: f"golive_{place}" for place, name in enumerate(names)}

    def cover(self) -> None:
        """The first page."""
        document, word = self._document, self._word
        word.styled("Subtitle", legal(document.kind))
        word.styled("Title", legal(f"{document.title} {document.version}"))
        if document.lead:
            word.paragraph([(legal(document.lead), {"size": 13})])
        self._facts(document.facts)

    def contents(self) -> None:
        """Chapters and their sections, each a link."""
        self._word.heading("Contents", 1, "", page=True, listed=False)
        for chapter in self._document.chapters:
            number = chapter.number if chapter.number.isdigit() else ""
            self._word.entry(_numbered(number, chapter.title), self.marks[chapter.name], 1)
            for block in chapter.blocks:
                if isinstance(block, Section) and block.anchor and chapter.name != "scripts":
                    self._word.entry(_numbered(block.number, block.title), self.marks[block.anchor], 2)

    def blocks(self, blocks: Iterable[Block], level: int) -> None:
        """Blocks below each other."""
        for block in blocks:
            self._block(block, level)

    def _block(self, block: Block, level: int) -> None:
        match block:
            case Section():
                anchor = self.marks.get(block.anchor, "")
                self._word.heading(_numbered(block.number, block.title), min(level, 5), anchor, page=block.page)
                self.blocks(block.blocks, level + 1)
            case Paragraph():
                fill, colour = ("FDEEEC", "") if block.tone == "warning" else ("", _COLOURS.get(block.tone, ""))
                runs = self._runs(block.line, {"colour": colour} if colour else {})
                self._word.paragraph(runs, fill=fill, keep=block.keep or bool(fill))
            case Items():
                for place, line in enumerate(block.lines, 1):
                    sign, keep = "\u2610" if block.boxes else "\u2022", block.keep and place == len(block.lines)
                    self._word.paragraph([(f"{sign}\t", {}), *self._runs(line)], hanging=14, keep=keep)
            case Facts():
                self._facts(block.rows, block.keep)
            case Table():
                self._table(block)
            case Picture():
                self._picture(block)
            case Code():
                self._code(block)
            case Gap():
                self._gap(block)

    def _facts(self, rows: Iterable[tuple[str, Cell]], keep: bool = False) -> None:
        table = self._word.table(_widths(_PLAIN), borders=False)
        for name, said in rows:
            cells = [[[(legal(name), {"colour": _COLOURS["dim"]})]], self._lines(said)]
            table.row(cells, [False, False], keep=keep)

    def _table(self, block: Table) -> None:
        numbers = [column.number for column in block.columns]
        table = self._word.table(_widths(block.columns))
        heads = [[[(legal(column.title), {"strong": True})]] for column in block.columns]
        table.row(heads, numbers, fill="F4F6F8", head=True)
        for left, row in zip(range(len(block.rows), 0, -1), block.rows, strict=True):
            bound = left == 2 or (left > 1 and whole(block)) or (left == 1 and block.keep)
            self._row(table, block, row, numbers, bound)
        self._word.gap(block.keep)

    def _row(self, table: Any, block: Table, row: Row, numbers: list[bool], keep: bool) -> None:
        cells = [self._lines(cell) for cell in row.cells]
        if block.kind == "check":
            cells[0] = [[("\u2610", {"size": 11})]]
        mark = self.marks.get(row.anchor, "")
        height = 28 if block.kind == "sign" else 0
        table.row(cells, numbers, fill=_FILLS.get(row.tone, ""), mark=mark, height=height, keep=keep)

    def _picture(self, block: Picture) -> None:
        width, height = size(block.svg)
        scale = min(0.75, FULL / width, _TALL / height)
        self._word.picture(self._shown[block.svg], width * scale, height * scale, legal(block.caption))

    def _code(self, block: Code) -> None:
        if block.title:
            self._word.paragraph(self._runs(block.title), keep=True, mark=self.marks.get(block.anchor, ""))
        if block.text:
            self._word.code(legal(block.text.expandtabs(4)))

    def _gap(self, block: Gap) -> None:
        fill = "FFFAEB"
        self._word.paragraph([("Still missing", {"strong": True})], fill=fill, keep=True, after=0)
        for place, item in enumerate(block.items, 1):
            more = f" and {len(item.keys) - 6} more" if len(item.keys) > 6 else ""
            owed = f" Owed by {item.owner}, {item.due}."
            runs: list[Run] = [(f"\u2022\t{legal(item.what)} (", {}), (legal(", ".join(item.keys[:6])), {"code": True})]
            runs += [(f"{more})", {}), (legal(owed), {"colour": _COLOURS["dim"]})]
            last = place == len(block.items)
            self._word.paragraph(runs, fill=fill, hanging=14, keep=not last, after=8 if last else 0)

    def _lines(self, cell: Cell) -> list[list[Any]]:
        return [self._runs(line) for line in cell.lines]

    def _runs(self, line: Line, also: Mapping[str, Any] | None = None) -> list[Any]:
        return [(legal(span.text), {**(also or {}), **self._style(span)}) for span in line]

    def _style(self, span: Span) -> dict[str, Any]:
        found: dict[str, Any] = {"to": self.marks[span.to]} if span.to else {}
        if span.style in ("strong", "code"):
            found[span.style] = True
        elif span.style:
            found |= {"colour": _COLOURS[span.style], "strong": span.style != "dim"}
        return found


Run = tuple[str, dict[str, Any]]


def _widths(columns: Sequence[Column]) -> list[float]:
    total = sum(column.share for column in columns)
    return [FULL * column.share / total for column in columns]
