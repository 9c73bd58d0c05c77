"""One YAML 1.2 document as plain data, with the place of every key and item. The only module that knows ruamel.yaml.

A key that stands twice, a tag, a merge key and the like are reported, left out, and the rest is read all the same.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, Protocol, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from golive.plan.positions import Loc, Position, Problem, dotted

_MOST_VALUES = 200_000
_TAG = "tag:yaml.org,2002:"
_UNCARRIED = re.compile("[\x00\ud800-\udfff\ue000\ue001]")
"""NUL, half characters, and the two that stand for secrets in rendered text."""
_BASES: Mapping[str, int] = {"0o": 8, "0x": 16, "0b": 2}


class _Mark(Protocol):
    line: int
    column: int


class _Node(Protocol):
    tag: str
    value: Any
    start_mark: _Mark


@dataclass
class Document:
    """What one file holds; ``data`` is None where it cannot be read at all, ``gone`` are the parts that cannot."""

    data: dict[str, Any] | None = None
    places: dict[Loc, Position] = field(default_factory=dict[Loc, Position])
    problems: list[Problem] = field(default_factory=list[Problem])
    gone: set[Loc] = field(default_factory=set[Loc])


def uncarried(text: str) -> str:
    """The first character that golive does not carry to a host; empty: all is well."""
    found = _UNCARRIED.search(text)
    return found[0] if found else ""


def read(file: Path, shown: str, path: Loc = ()) -> Document:
    """Reads a document.

    Args:
        file: where it is.
        shown: how messages name it.
        path: what part of the plan it holds.
    """
    start = Position(shown, 1, 1)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        return Document(problems=[Problem(start, dotted(path), f"cannot be read: {error.strerror}")])
    except UnicodeDecodeError:
        return Document(problems=[Problem(start, dotted(path), "this is not UTF-8 text", "save it as UTF-8")])
    return parse(text, shown, path)


def parse(text: str, shown: str, path: Loc = ()) -> Document:
    """The document that the text holds, as ``read`` gives it."""
    walk = _Walk(shown)
    start = Position(shown, 1, 1)
    try:
        node = _compose(text)
        data: Any = walk.value(node, path) if node else {}
    except YAMLError as error:
        place, said = _syntax(error, text, shown)
        return Document(
            problems=[Problem(place, "", said, "mend the indentation or quotes here, or on the line before")]
        )
    except RecursionError:
        return Document(problems=[Problem(start, dotted(path), "this is nested too deeply", "write it flatter")])
    if not isinstance(data, dict):
        said = "a document of the plan is a mapping of keys to values"
        walk.problems.append(Problem(start, dotted(path), said, "begin it with a line such as: solution:"))
        return Document(problems=walk.problems)
    return Document(cast("dict[str, Any]", data), walk.places, walk.problems, walk.gone)


def _compose(text: str) -> _Node | None:
    loader: Any = YAML(typ="safe", pure=True)
    return cast("_Node | None", loader.compose(text))


def _syntax(error: YAMLError, text: str, shown: str) -> tuple[Position, str]:
    known: Any = error
    if isinstance(error, ReaderError):
        before = text[: known.position].split("\n")
        return Position(shown, len(before), len(before[-1]) + 1), "not YAML: a character that no text may hold"
    mark: _Mark | None = (known.problem_mark or known.context_mark) if isinstance(error, MarkedYAMLError) else None
    said = str(getattr(known, "problem", None) or "it cannot be read").replace("\n", " ")
    lines = text.split("\n")
    line = min(mark.line, len(lines) - 1) if mark else 0
    column = min(mark.column, len(lines[line])) if mark else 0
    return Position(shown, line + 1, column + 1), f"not YAML: {said}"


class _Walk:
    """Turns nodes into plain values, and notes where each stood and what is wrong with it."""

    def __init__(self, shown: str) -> None:
        self.places: dict[Loc, Position] = {}
        self.problems: list[Problem] = []
        self.gone: set[Loc] = set()
        self._shown, self._open, self._left = shown, set[int](), _MOST_VALUES

    def value(self, node: _Node, path: Loc) -> Any:
        self._left -= 1
        if id(node) in self._open:
            return self._unusable(node, path, "this value contains itself", "take the alias (*) out")
        if self._left == -1:
            return self._unusable(node, path, "the plan holds too many values", "take out aliases (*) of aliases")
        if self._left < 0:
            return self.gone.add(path)
        if not isinstance(node.value, list):
            return self._scalar(node, path)
        self._open.add(id(node))
        result = self._mapping(node, path) if node.tag == f"{_TAG}map" else self._sequence(node, path)
        self._open.discard(id(node))
        return result

    def _place(self, node: _Node) -> Position:
        return Position(self._shown, node.start_mark.line + 1, node.start_mark.column + 1)

    def _wrong(self, node: _Node, path: Loc, message: str, hint: str) -> None:
        self.problems.append(Problem(self._place(node), dotted(path), message, hint))

    def _unusable(self, node: _Node, path: Loc, message: str, hint: str) -> None:
        self._wrong(node, path, message, hint)
        self.gone.add(path)

    def _mapping(self, node: _Node, path: Loc) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in cast("list[tuple[_Node, _Node]]", node.value):
            if isinstance(key.value, list) or key.value == "<<" or uncarried(key.value):
                self._wrong(key, path, "this will not do as a key", "write plain keys, each of them once")
            elif key.value in result:
                first = self.places[(*path, key.value)]
                said = f"the key {key.value} stands twice here, first on line {first.line}"
                self._wrong(key, (*path, key.value), said, "keep one of them")
            else:
                self.places[(*path, key.value)] = self._place(key)
                result[key.value] = None
                result[key.value] = self.value(value, (*path, key.value))
        return result

    def _sequence(self, node: _Node, path: Loc) -> Any:
        if node.tag != f"{_TAG}seq":
            return self._tagged(node, path)
        result: list[Any] = []
        for index, item in enumerate(cast("list[_Node]", node.value)):
            self.places[(*path, index)] = self._place(item)
            result.append(self.value(item, (*path, index)))
        return result

    def _scalar(self, node: _Node, path: Loc) -> Any:
        text = str(node.value)
        match node.tag.removeprefix(_TAG):
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int" | "float":
                return self._number(node, text, path)
            case "str" | "timestamp":
                return self._text(node, text, path)
            case _:
                return self._tagged(node, path)

    def _text(self, node: _Node, text: str, path: Loc) -> Any:
        if not (strange := uncarried(text)):
            return text
        return self._unusable(
            node, path, f"this text holds U+{ord(strange):04X}, which no script can carry", "take it out"
        )

    def _number(self, node: _Node, text: str, path: Loc) -> Any:
        plain = re.sub(r"_", "", text.lower())
        sign, digits = (-1, plain[1:]) if plain.startswith("-") else (1, plain.removeprefix("+"))
        try:
            if node.tag == f"{_TAG}int":
                base = _BASES.get(digits[:2], 10)
                return sign * int(digits if base == 10 else digits[2:], base)
            if isfinite(number := float(plain)):
                return number
        except ValueError:
            pass  # told below, with its place, as one that is not finite is
        return self._unusable(node, path, f"{text[:20]} is no number that can be used", "write a finite decimal number")

    def _tagged(self, node: _Node, path: Loc) -> None:
        tag = node.tag.replace(_TAG, "!!")
        self._unusable(node, path, f"the tag {tag} is not known here", "write the value without it")
