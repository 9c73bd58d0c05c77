"""What the pages name is there: pages, anchors, files, modules, and words of the code."""

import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from docs_blocks import ROOT, page, pages, read

PATH = re.compile(r"(?:src|tests|docs|examples|scripts|\.ci)/[\w./-]+")
DOTTED = re.compile(r"golive(?:\.\w+)+")
WORD = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]+)+|[a-z]+_[a-z_]+\(\)|[A-Z]{2,}(?:_[A-Z]+)+")
LEFT_OUT = {"README.md", "CHANGELOG.md", "docs/plan.md"}
"""Pages that speak to people who do not read the code; words that look like code may be the reader's own there."""


def broken_links(text: str, path: Path) -> Iterator[str]:
    """Relative links that lead nowhere."""
    for line, link in read(text, str(path)).links:
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if name and not target.exists():
            yield f"{line}: {link} is not there"
        elif anchor and anchor not in (page(target) if name else read(text, "")).anchors:
            yield f"{line}: {target.name} has no heading #{anchor}"


def unknown_names(text: str) -> Iterator[str]:
    """Paths, modules and words of the code that a page names and that do not exist."""
    for line, span in read(text, "").spans:
        missing = PATH.fullmatch(span) and not (ROOT / span).exists()
        if missing or (DOTTED.fullmatch(span) and not importable(span)):
            yield f"{line}: there is no {span}"
        elif WORD.fullmatch(span) and not re.search(rf"\b{re.escape(span.removesuffix('()'))}\b", sources()):
            yield f"{line}: nothing in the code is called {span}"


def importable(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    module, _, last = name.rpartition(".")
    try:
        importlib.import_module(name)
    except ImportError:
        return bool(module) and hasattr(importlib.import_module(module), last)
    return True


@cache
def sources() -> str:
    """All code of the product."""
    files = [*ROOT.glob("src/**/*.py"), *ROOT.glob("src/**/*.sh")]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


PAGES = pages()
NAMES = [str(path.relative_to(ROOT)) for path in PAGES]


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_links_lead_somewhere(path: Path) -> None:
    assert list(broken_links(path.read_text(encoding="utf-8"), path)) == []


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LEFT_OUT])
def test_what_a_page_names_exists(name: str) -> None:
    assert list(unknown_names((ROOT / name).read_text(encoding="utf-8"))) == []


def test_broken_links_are_found() -> None:
    text = "# Here\n[a](no.md) [b](README.md#nowhere) [c](#here) [d](#gone) [e](https://example.com)\n"
    assert list(broken_links(text, ROOT / "page.md")) == [
        "2: no.md is not there",
        "2: README.md has no heading #nowhere",
        "2: page.md has no heading #gone",
    ]


def test_names_that_do_not_exist_are_found() -> None:
    text = (
        "`src/golive/no.py` `src/golive/errors.py` `golive.nothing` `golive.errors.Exit` `NoSuchThing` `next_steps()`\n"
    )
    assert list(unknown_names(text)) == [
        "1: there is no src/golive/no.py",
        "1: there is no golive.nothing",
        "1: nothing in the code is called NoSuchThing",
    ]


def test_the_layout_names_every_package() -> None:
    layout = page(ROOT / "docs/onboarding.md").blocks[0].text
    packages = {path.parent.name for path in ROOT.glob("src/golive/*/__init__.py")}
    assert {name for name in packages if not re.search(rf"^ +{name}/", layout, re.MULTILINE)} == set()


def test_decisions_are_numbered_once_and_listed() -> None:
    files = sorted(path.name for path in (ROOT / "docs/adr").glob("[0-9]*.md"))
    assert len({name[:4] for name in files}) == len(files)
    listed = [link for _, link in page(ROOT / "docs/adr/README.md").links]
    assert [name for name in files if name not in listed] == []
    for name in files:
        headings = [text for _, text in page(ROOT / "docs/adr" / name).prose if text.startswith("## ")]
        assert headings == ["## Context", "## Options", "## Outcome", "## Consequences"], name
