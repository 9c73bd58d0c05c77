"""A box of what is missing and lines to sign are never alone on a page, however long what stands before them is."""

from collections.abc import Iterable
from io import BytesIO

import pytest

from golive.guide.document import Chapter, Column, Document, Gap, Missing, Section, Table, finished, para, row, table
from golive.guide.layout import laid, whole
from golive.guide.writers.pdf import pdf
from golive.pictures.sheet import paged

ROWS = range(34, 62)
SIGN = Section("Signatures", (table([Column("Lead")], [row("")], "", kind="sign", name="signed"),))
LAST = Section("Exit", (para("the last line"),))
GAP = Gap((Missing("something", ("key",), owner="Ada", due="before deploy"),))


def chapters(ending: Gap | Section) -> tuple[Chapter, ...]:
    """For each number of rows a chapter that ends so; a page holds about fifty."""
    held = [table([Column("A")], [row(f"row {number}") for number in range(count)], "", name="long") for count in ROWS]
    return finished(Chapter(f"of-{count}", "Rows", (one, ending)) for count, one in zip(ROWS, held, strict=True))


def alone(made: Iterable[Chapter], words: str) -> int:
    """On how many pages these words stand and no row does."""
    from pypdf import PdfReader

    pages = PdfReader(BytesIO(pdf(Document("Guide", "one", "1", "", (), tuple(made))))).pages[2:]
    shown = [page.extract_text() for page in pages]
    return sum(words in text and "row " not in text for text in shown)


@pytest.mark.parametrize(("ending", "words"), [(GAP, "Still missing"), (SIGN, "Lead"), (LAST, "the last line")])
def test_nothing_that_needs_company_is_alone_on_a_page(ending: Gap | Section, words: str):
    assert alone(laid(chapters(ending)), words) == 0
    assert alone(chapters(ending), words) > 0, "it cannot fail: no chapter breaks just before its end"


def test_lines_to_sign_are_not_torn_and_a_long_list_of_them_may_be():
    made = [
        table([Column("Lead")], [row("")] * count, "", kind=kind, name="one")
        for kind, count in (("sign", 12), ("sign", 13), ("", 2))
    ]
    assert [whole(one) for one in made if isinstance(one, Table)] == [True, False, False]


def test_a_short_chapter_shares_its_page_and_a_long_one_does_not():
    long = table([Column("A")], [row("one")] * 60, "", name="long")
    made = [Chapter("a", "A", (long,)), Chapter("b", "B", (para("short"),)), Chapter("c", "C", (long,))]
    assert [one.flows for one in laid([*made, Chapter("d", "D", (long,))])] == [False, True, True, False]


def test_sheets_of_a_picture_are_about_equally_full():
    assert paged([10] * 27, 130) == [range(9), range(9, 18), range(18, 27)]
    assert paged([10] * 13, 130) == [range(13)]
    assert paged([], 130) == [range(0)]
