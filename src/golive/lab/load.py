"""Reads a lab file: YAML into a LabSpec, every problem with its file and line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from golive.errors import UsageError
from golive.lab.spec import LabSpec

EXAMPLE = """\
lab: 1
hosts:
  web-1: {suite: trixie, address: 10.98.1.10}
"""


def load_spec(path: Path) -> LabSpec:
    """The lab that a file describes."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}", "give the path of a lab file") from error
    return parse_spec(text, str(path))


def parse_spec(text: str, file: str) -> LabSpec:
    """The lab that a YAML text describes; ``file`` is named in messages."""
    data = _parse(text, file)
    if not isinstance(data, dict):
        raise UsageError(f"{file}:1: a lab file is a mapping", f"the smallest one is:\n{EXAMPLE}")
    try:
        return LabSpec.model_validate(data)
    except ValidationError as error:
        lines = [_problem(data, file, one["loc"], _say(one["type"], one["loc"], one["msg"])) for one in error.errors()]
        raise UsageError("\n".join(lines), f"the smallest lab file is:\n{EXAMPLE}") from error


def _parse(text: str, file: str) -> Any:
    from ruamel.yaml import YAML, YAMLError

    try:
        return YAML().load(text)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        raise UsageError(f"{file}:{line}: this is not YAML: {getattr(error, 'problem', error)}") from error


def _problem(data: Any, file: str, where: Sequence[int | str], message: str) -> str:
    path = [str(key) for key in where if key != "[key]"]
    dotted = ".".join(path)
    return f"{file}:{_line(data, where)}: {dotted + ': ' if dotted else ''}{message}"


def _say(kind: str, where: Sequence[int | str], message: str) -> str:
    """pydantic's message, in the words of a person where its own are about types."""
    if where and where[-1] == "[key]" and kind == "string_pattern_mismatch":
        return "is no host name: use lower-case letters, digits and hyphens"
    known = {"missing": "is missing", "extra_forbidden": "is not a key of a lab file"}
    return known.get(kind, message.removeprefix("Value error, "))


def _line(data: Any, where: Sequence[int | str]) -> int:
    """The line of the deepest node on the way that exists."""
    line = 1
    node = data
    for key in where:
        try:
            line = node.lc.data[key][0] + 1
            node = node[key]
        except (KeyError, TypeError, AttributeError, IndexError):
            return line
    return line
