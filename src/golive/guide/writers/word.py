"""The parts of a DOCX: paragraphs, tables, pictures, in points. The only module that knows its XML."""

from collections.abc import Mapping, Sequence
from typing import IO, Any

FULL = 481.0
"""Width of the text on a page of A4, in points."""

Runs = Sequence[tuple[str, Mapping[str, Any]]]
"""Texts with how they look: strong, code, colour, size in points, to (a bookmark)."""
_SANS, _MONO = "Liberation Sans", "Liberation Mono"
_SIZES = {"Heading 1": 17, "Heading 2": 12.5, "Heading 3": 10.5, "Heading 4": 9.5, "Heading 5": 9.5, "Title": 32}


class Word:
    """A document that is being written.

    Args:
        template: a DOCX whose styles, header and footer are kept; None: those of this package.
    """

    def __init__(self, template: IO[bytes] | None) -> None:
        import docx
        from docx.oxml import OxmlElement  # pyright: ignore[reportUnknownVariableType]
        from docx.oxml.ns import qn

        self._new: Any = OxmlElement
        self._name = qn
        self._document: Any = docx.Document(template)
        self._body: Any = self._document.element.body
        self._end: Any = self._body.sectPr
        self._marks, self._pictures = 0, 0
        for child in list(self._body):
            if child is not self._end:
                self._body.remove(child)
        if template is None:
            self._styles()
            self._page()

    def save(self, to: IO[bytes]) -> None:
        """Writes it."""
        from datetime import datetime

        properties = self._document.core_properties
        properties.created = properties.modified = datetime(2000, 1, 1)  # equal documents are written alike
        properties.author = properties.last_modified_by = "golive"
        self._document.save(to)

    def _styles(self) -> None:
        from docx.shared import Pt, RGBColor

        styles: Any = self._document.styles
        normal = styles["Normal"]
        normal.font.name, normal.font.size = _SANS, Pt(9.5)
        normal.paragraph_format.space_after = Pt(4)
        for name, points in _SIZES.items():
            style = styles[name]
            style.font.name, style.font.size, style.font.bold = _SANS, Pt(points), True
            style.font.italic = False
            fonts = style.element.rPr.rFonts
            for attribute in list(fonts.attrib):
                del fonts.attrib[attribute]
            for kind in ("ascii", "hAnsi", "eastAsia", "cs"):
                fonts.set(self._name(f"w:{kind}"), _SANS)
            style.font.color.rgb = RGBColor.from_string("24507F" if name in ("Heading 1", "Title") else "1C2733")
            style.paragraph_format.space_before = Pt({"Title": 4, "Heading 1": 0}.get(name, 11))
            style.paragraph_format.space_after = Pt(5)
            style.paragraph_format.keep_with_next = True
        subtitle = styles["Subtitle"]
        subtitle.font.name, subtitle.font.size, subtitle.font.italic = _SANS, Pt(11), False
        subtitle.font.color.rgb = RGBColor.from_string("55606C")
        subtitle.paragraph_format.space_before, subtitle.paragraph_format.space_after = Pt(180), Pt(2)

    def _page(self) -> None:
        from docx.shared import Pt

        section: Any = self._document.sections[0]
        section.page_width, section.page_height = Pt(595.3), Pt(841.9)
        section.left_margin = section.right_margin = Pt((595.3 - FULL) / 2)
        section.top_margin, section.bottom_margin = Pt(50), Pt(48)
        paragraph: Any = section.footer.paragraphs[0]
        paragraph.alignment = 2
        for text in ("PAGE", None, "NUMPAGES"):
            if text is None:
                paragraph.add_run(" / ")
                continue
            field = self._add(paragraph._p, "w:fldSimple", instr=text)
            self._text(self._add(self._add(field, "w:r"), "w:t"), "1")

    def _add(self, parent: Any, tag: str, **values: Any) -> Any:
        made: Any = self._new(tag)
        for key, value in values.items():
            made.set(self._name(f"w:{key}"), str(value))
        parent.append(made)
        return made

    def _text(self, node: Any, text: str) -> None:
        node.text = text
        node.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")

    def _place(self, element: Any) -> Any:
        self._end.addprevious(element)
        return element

    def styled(self, style: str, text: str) -> None:
        """A paragraph in a named style."""
        paragraph = self._document.add_paragraph(text, style=style)
        self._place(paragraph._p)

    def heading(self, text: str, level: int, mark: str, page: bool = False, listed: bool = True) -> None:
        """A heading, perhaps on a new page; one that is not listed stays out of a table of contents made by Word."""
        from docx.shared import Pt

        paragraph = self._document.add_paragraph(text, style=f"Heading {level}")
        self._place(paragraph._p)
        paragraph.paragraph_format.page_break_before = page
        if level == 1 and not page:
            paragraph.paragraph_format.space_before = Pt(26)
        if not listed:
            self._add(paragraph._p.get_or_add_pPr(), "w:outlineLvl", val=9)
        if mark:
            self._mark(paragraph._p, mark)

    def entry(self, text: str, mark: str, level: int) -> None:
        """A line of the contents."""
        look = {"to": mark, "strong": True} if level == 1 else {"to": mark}
        self.paragraph([(text, look)], indent=12 * (level - 1), after=1)

    def paragraph(
        self,
        runs: Runs,
        fill: str = "",
        hanging: float = 0,
        indent: float = 0,
        keep: bool = False,
        mark: str = "",
        after: float | None = None,
    ) -> None:
        """A paragraph; ``hanging`` is the indent of all lines but the first, in points."""
        made = self._place(self._new("w:p"))
        self._shape(made, fill, hanging, indent, keep, after)
        self._runs(made, runs)
        if mark:
            self._mark(made, mark)

    def _shape(self, node: Any, fill: str, hanging: float, indent: float, keep: bool, after: float | None) -> None:
        shape = self._add(node, "w:pPr")
        if keep:
            self._add(shape, "w:keepNext")
        if fill:
            self._add(shape, "w:shd", val="clear", color="auto", fill=fill)
        if hanging:
            tabs = self._add(shape, "w:tabs")
            self._add(tabs, "w:tab", val="left", pos=round(hanging * 20))
        if after is not None:
            self._add(shape, "w:spacing", after=round(after * 20))
        if hanging:
            self._add(shape, "w:ind", left=round(hanging * 20), hanging=round(hanging * 20))
        elif indent:
            self._add(shape, "w:ind", left=round(indent * 20))

    def _runs(self, node: Any, runs: Runs) -> None:
        for text, look in runs:
            parent = node
            if to := look.get("to"):
                parent = self._add(node, "w:hyperlink", anchor=to)
            self._run(parent, text, look)

    def _run(self, parent: Any, text: str, look: Mapping[str, Any]) -> None:
        run = self._add(parent, "w:r")
        self._look(self._add(run, "w:rPr"), look)
        for number, part in enumerate(text.split("\n")):
            if number:
                self._add(run, "w:br")
            for place, piece in enumerate(part.split("\t")):
                if place:
                    self._add(run, "w:tab")
                if piece:
                    self._text(self._add(run, "w:t"), piece)

    def _look(self, node: Any, look: Mapping[str, Any]) -> None:
        size = look.get("size")
        if look.get("code"):
            self._add(node, "w:rFonts", ascii=_MONO, hAnsi=_MONO, cs=_MONO)
            size = size or 7.5
        if look.get("strong"):
            self._add(node, "w:b")
        colour = look.get("colour") or ("24507F" if look.get("to") else "")
        if colour:
            self._add(node, "w:color", val=colour)
        if size:
            self._add(node, "w:sz", val=round(size * 2))

    def _mark(self, node: Any, name: str) -> None:
        self._marks += 1
        self._add(node, "w:bookmarkStart", id=self._marks, name=name)
        self._add(node, "w:bookmarkEnd", id=self._marks)

    def gap(self, keep: bool = False) -> None:
        """A little room behind a table."""
        made = self._place(self._new("w:p"))
        shape = self._add(made, "w:pPr")
        if keep:
            self._add(shape, "w:keepNext")
        self._add(shape, "w:spacing", before=0, after=40, line=80, lineRule="exact")

    def code(self, text: str) -> None:
        """Text word for word."""
        made = self._place(self._new("w:p"))
        self._shape(made, "F4F6F8", 0, 0, False, 6)
        self._run(made, text, {"code": True, "size": 6.5})

    def picture(self, png: bytes, width: float, height: float, caption: str) -> None:
        """A picture of this size, in points, and what it shows."""
        from docx.image.image import Image
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.opc.packuri import PackURI
        from docx.oxml.shape import CT_Inline
        from docx.parts.image import ImagePart
        from docx.shared import Pt

        self._pictures += 1
        name = f"picture-{self._pictures}.png"
        part = ImagePart.from_image(Image.from_blob(png), PackURI(f"/word/media/{name}"))
        relation = self._document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
        inline: Any = CT_Inline.new_pic_inline(self._pictures, relation, name, Pt(width), Pt(height))
        inline.docPr.set("descr", caption)
        made = self._place(self._new("w:p"))
        self._shape(made, "", 0, 0, bool(caption), 2 if caption else 8)
        self._add(self._add(made, "w:r"), "w:drawing").append(inline)
        if caption:
            self.paragraph([(caption, {"colour": "55606C", "size": 8})], after=8)

    def table(self, widths: Sequence[float], borders: bool = True) -> "WordTable":
        """A table with columns of these widths, in points; its rows follow."""
        made = self._place(self._new("w:tbl"))
        shape = self._add(made, "w:tblPr")
        self._add(shape, "w:tblW", w=round(sum(widths) * 20), type="dxa")
        if borders:
            lines = self._add(shape, "w:tblBorders")
            for side in ("bottom", "insideH"):
                self._add(lines, f"w:{side}", val="single", sz=4, space=0, color="C9D1D9")
        self._add(shape, "w:tblLayout", type="fixed")
        grid = self._add(made, "w:tblGrid")
        for width in widths:
            self._add(grid, "w:gridCol", w=round(width * 20))
        return WordTable(self, made, widths)


class WordTable:
    """A table that is being written."""

    def __init__(self, word: Word, node: Any, widths: Sequence[float]) -> None:
        self._word, self._node, self._widths = word, node, widths

    def row(
        self,
        cells: Sequence[Sequence[Runs]],
        right: Sequence[bool],
        fill: str = "",
        head: bool = False,
        mark: str = "",
        height: float = 0,
        keep: bool = False,
    ) -> None:
        """A row: in each cell lines below each other. A head is repeated on each page.

        One that keeps is on the page of the row or paragraph behind it; one with a height has its text at its foot.
        """
        add = self._word._add
        row = add(self._node, "w:tr")
        shape = add(row, "w:trPr")
        add(shape, "w:cantSplit")
        if height:
            add(shape, "w:trHeight", val=round(height * 20), hRule="atLeast")
        if head:
            add(shape, "w:tblHeader")
        for place, lines in enumerate(cells):
            node = self._cell(row, place, fill, height > 0)
            for line in lines or ((),):
                paragraph = add(node, "w:p")
                self._shape(paragraph, right[place], head or keep)
                if mark and place == 0:
                    self._word._mark(paragraph, mark)
                    mark = ""
                self._word._runs(paragraph, [(text, {"size": 8, **look}) for text, look in line])

    def _cell(self, row: Any, place: int, fill: str, foot: bool) -> Any:
        node = self._word._add(row, "w:tc")
        shape = self._word._add(node, "w:tcPr")
        self._word._add(shape, "w:tcW", w=round(self._widths[place] * 20), type="dxa")
        if fill:
            self._word._add(shape, "w:shd", val="clear", color="auto", fill=fill)
        if foot:
            self._word._add(shape, "w:vAlign", val="bottom")
        return node

    def _shape(self, paragraph: Any, right: bool, keep: bool) -> None:
        shape = self._word._add(paragraph, "w:pPr")
        if keep:
            self._word._add(shape, "w:keepNext")
        self._word._add(shape, "w:spacing", before=20, after=20)
        if right:
            self._word._add(shape, "w:jc", val="right")
