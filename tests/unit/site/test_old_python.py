"""The service runs on hosts that are older than golive's own: nothing in it may need more than Python 3.8."""

import ast
from collections.abc import Iterator
from importlib.resources import files

import pytest

from golive.kinds.register import MODULES

LATER = {"removeprefix", "removesuffix", "is_relative_to", "pairwise", "hardlink_to", "getencoding"}
"""Methods and functions that came after 3.8, which the compiler does not know to be too new."""


def needs_more(text: str) -> Iterator[str]:
    """What a text needs beyond Python 3.8: its grammar is the compiler's to judge."""
    for node in ast.walk(ast.parse(text, feature_version=(3, 8))):
        if isinstance(node, ast.Attribute) and node.attr in LATER:
            yield node.attr
        if isinstance(node, ast.Call) and any(one.arg == "strict" for one in node.keywords):
            yield "zip(strict=)"


@pytest.mark.parametrize("name", [*(f"site/{module}.py" for module in MODULES), "words.py"])
def test_it_needs_no_more_than_python_3_8(name: str) -> None:
    assert list(needs_more(files("golive").joinpath(name).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("text", ['x.removeprefix("= ")', "zip(a, b, strict=True)"])
def test_what_is_too_new_is_found(text: str) -> None:
    assert len(list(needs_more(text))) == 1
