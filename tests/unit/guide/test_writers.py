"""The writers: whatever a text holds, it is shown and not obeyed, in each format in that format's own way."""

from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import docx as python_docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.guide.document import (
    Block,
    Chapter,
    Code,
    Document,
    Gap,
    Missing,
    Picture,
    Section,
    cell,
    code,
    facts,
    finished,
    items,
    line,
    link,
    para,
    row,
    strong,
    table,
)
from golive.guide.writers.docx import docx
from golive.guide.writers.html import html
from golive.guide.writers.legal import SPACE, breakable, legal, wrapped
from golive.guide.writers.pdf import encoded, pdf

NASTY = [
    "</p></td><script>alert(1)</script>",
    '" onload="alert(1)',
    "{{ 7 * 7 }}{% raw %}",
    '#panic("no") #eval("1")',
    "]; #set page(width: 1pt)",
    "$ x $ *bold* _it_ `raw` <label> @ref \\u{41} // gone /* gone */ --- ~ 'q'",
    "]]><w:p/>&lt;&amp;&#0;",
    "\x00\x0b\ud800\ufffe",
    "```\nraw\n```",
    "=heading\n- list\n+ enum\n/ term: x",
    "x" * 400,
]
TEXTS = st.one_of(
    st.sampled_from(NASTY), st.text(max_size=60), st.text(alphabet="<>&#[]{}()$*_`\\\"'@/~=-\n ab", max_size=60)
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" width="40" height="20"><rect width="9" height="9"/></svg>'


def document(text: str) -> Document:
    """A document with the text in every place that a text can have."""
    blocks: tuple[Block, ...] = (
        para(text, strong(text), code(text), link(text, "here")),
        para(text, tone="warning"),
        items([line(text)], boxes=True),
        facts((text, text)),
        table((text, "b"), [row(text, cell(text, code(text)), anchor="here", tone="decision")], "", name="one"),
        Section(text, (Code(text, line(text), "there", folded=True), Picture(SVG, text)), "part"),
        Gap((Missing(text, (text,), owner=text, due=text),)),
    )
    return Document(text, text, text, text, ((text, cell(text)),), finished((Chapter("one", text, blocks, "1"),)))


def shape_of(page: str) -> list[tuple[str, list[str]]]:
    """The tags of a page with the names of their attributes."""
    found: list[tuple[str, list[str]]] = []

    class _Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, [name for name, _ in attrs]))

    _Tags().feed(page)
    return found


@given(TEXTS.filter(bool))
def test_no_text_changes_the_shape_of_the_page(text: str):
    plain = text.count("\n") * "\n" + "a"  # only the end of a line has a meaning: it ends the line
    assert shape_of(html(document(text))) == shape_of(html(document(plain)))


def test_a_page_with_another_shape_is_seen():
    assert shape_of("<p>a</p>") != shape_of("<p><b>a</b></p>")


@settings(max_examples=25, deadline=None)
@given(TEXTS)
def test_typst_takes_any_text_as_data(text: str):
    assert pdf(document(text)).startswith(b"%PDF")


@pytest.mark.parametrize("text", NASTY[:7])
def test_a_pdf_shows_what_was_written(text: str):
    from pypdf import PdfReader

    pages = PdfReader(BytesIO(pdf(document(text)))).pages
    shown = "".join("".join(page.extract_text() for page in pages).replace(SPACE, "").split())
    assert shown.count("".join(legal(text).split())) > 8


def test_markup_would_be_obeyed_if_it_were_markup():
    import typst

    with pytest.raises(typst.TypstError):
        typst.compile(NASTY[3].encode())


@settings(max_examples=40, deadline=None)
@given(TEXTS)
def test_word_takes_any_text_as_data(text: str):
    to = BytesIO()
    docx(document(text), to)
    made: Any = python_docx.Document(BytesIO(to.getvalue()))
    shown = [paragraph.text for paragraph in made.paragraphs]
    wanted = "\n".join(legal(text).replace("\r", "\n").split("\n"))
    assert any(wanted.strip() in said for said in (one.replace("\r", "\n") for one in shown)) or not wanted.strip()


def test_equal_documents_give_equal_bytes():
    assert pdf(document("a")) == pdf(document("a"))
    assert encoded(document("a")) == encoded(document("a"))


@given(st.text(max_size=200))
def test_places_to_break_change_no_sign(text: str):
    assert breakable(text).replace(SPACE, "") == text.replace(SPACE, "")
    assert wrapped(text, 20).replace(SPACE, "") == text.replace(SPACE, "")


@given(st.text(alphabet="abcdef0123456789/._-", min_size=17, max_size=90))
def test_no_word_is_wider_than_a_column(text: str):
    assert all(len(part) <= 17 for part in breakable(text).split(SPACE))
