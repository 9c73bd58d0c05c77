"""Reads Markdown as far as the tests need it: fenced blocks, code spans, headings, links. Pure, but for ``pages``."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]

_FENCE = re.compile(r"^```(\w*)\s*$")
_COMMENT = re.compile(r"^<!--\s*(.*?)\s*-->$")
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


def pages(root: Path = ROOT) -> list[Path]:
    """All pages that are ours: those at the top and those in docs."""
    return sorted([*root.glob("*.md"), *root.glob("docs/**/*.md")])


def shown(path: Path) -> str:
    """The path as it stands in the name of a test."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


@dataclass(frozen=True)
class Block:
    """A fenced block. ``line`` is that of its first line of content; ``mark`` is the comment right before it."""

    file: str
    line: int
    language: str
    mark: str
    text: str

    @property
    def id(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Page:
    """One page, taken apart."""

    blocks: Sequence[Block]
    prose: Sequence[tuple[int, str]]
    """The lines outside blocks, with their numbers."""

    @property
    def spans(self) -> Iterator[tuple[int, str]]:
        """Code spans, with their lines."""
        return ((line, found) for line, text in self.prose for found in _SPAN.findall(text))

    @property
    def links(self) -> Iterator[tuple[int, str]]:
        """Where links and pictures lead, with their lines."""
        return ((line, found) for line, text in self.prose for found in _LINK.findall(_SPAN.sub("``", text)))

    @property
    def anchors(self) -> set[str]:
        """What a link may name behind #."""
        return {anchor(text.lstrip("#").strip()) for _, text in self.prose if re.match(r"#{1,6} ", text)}


def anchor(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.replace(" ", "-")


def read(text: str, file: str) -> Page:
    """Takes a page apart."""
    blocks: list[Block] = []
    prose: list[tuple[int, str]] = []
    inside: list[str] | None = None
    language, begun, mark = "", 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if inside is not None:
            if line == "```":
                blocks.append(Block(file, begun, language, mark, "".join(f"{part}\n" for part in inside)))
                inside, mark = None, ""
            else:
                inside.append(line)
        elif fence := _FENCE.match(line):
            language, begun, inside = fence[1], number + 1, []
        else:
            prose.append((number, line))
            mark = comment[1] if (comment := _COMMENT.match(line)) else mark if not line.strip() else ""
    if inside is not None:
        raise ValueError(f"{file}:{begun - 1}: the block does not end")
    return Page(blocks, prose)


def page(path: Path) -> Page:
    """Reads a page and takes it apart."""
    return read(path.read_text(encoding="utf-8"), shown(path))


@dataclass(frozen=True)
class Command:
    """One command of a console block, with what should come of it."""

    line: int
    text: str
    exit: int
    output: str

    @property
    def answer(self) -> str:
        """What a person types when it asks yes or no."""
        return "y\n" if "[y/N]: y" in self.output else ""


def commands(block: Block) -> list[Command]:
    """The commands of a console block: lines that begin with ``$``, each with the output below it."""
    found: list[Command] = []
    for number, line in enumerate(block.text.splitlines(), block.line):
        if line.startswith("$ "):
            code = re.search(r"\s# exit (\d+)$", line)
            found.append(Command(number, line[2:], int(code[1]) if code else 0, ""))
        elif not found:
            raise ValueError(f"{block.file}:{number}: output without a command")
        else:
            last = found.pop()
            found.append(Command(last.line, last.text, last.exit, f"{last.output}{line}\n"))
    return found


_DURATION = r"(?:\d+ h \d+ min|\d+ min \d+ s|\d+ min|\d+(?:\.\d+)? s)"
_RESOURCES = r"\b(?:(?:ok|changed) \d+(?:, )?)+"
_TOKEN = re.compile(rf"(?P<resources>{_RESOURCES})|(?P<duration>{_DURATION})|(?P<number>\d+)|(?P<space>\s+)")
_PATTERNS = {"resources": _RESOURCES, "duration": _DURATION, "number": r"\d+", "space": r"\s+"}


def matches(expected: str, printed: str) -> bool:
    """Whether what was printed is what the page shows: ``…`` stands for anything, numbers and times may differ."""
    typed = expected.replace("[y/N]: y\n", "[y/N]: ").strip()
    parts = [_pattern(part) for part in re.split(r"\s*…\s*", typed)]
    return re.fullmatch(rf"\s*{'.*?'.join(parts)}\s*", printed, re.DOTALL) is not None


def _pattern(text: str) -> str:
    found, last = "", 0
    for token in _TOKEN.finditer(text):
        found += re.escape(text[last : token.start()]) + _PATTERNS[token.lastgroup or ""]
        last = token.end()
    return found + re.escape(text[last:])
