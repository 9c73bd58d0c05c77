"""Turns a validation error into a problem that says what is wrong, where, and what to do."""

import re
from collections.abc import Mapping
from types import NoneType
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from golive.kinds.registry import Kinds
from golive.model import FILLED_IN, Model
from golive.plan.component import Component
from golive.plan.pick import REPORTED, closest, keys, similar
from golive.plan.positions import Loc, Positions, Problem, dotted

_PATTERNS: Mapping[str, str] = {
    r"^[a-z][a-z0-9-]{0,40}$": "use lower-case letters, digits and hyphens, and begin with a letter",
    r"^/[^\x00\n]*$": "write the path from the root, beginning with /",
    r"^0?[0-7]{3,4}$": 'write the mode in octal and in quotes, such as "0644"',
    r"^[a-z_][a-z0-9_-]{0,31}\$?$": "use a user's or group's name: lower-case letters, digits, hyphens",
    r"^[^\x00\n\r\x1e\t]+$": "keep it on one line",
    r"^https?://(\{\{.*?\}\}|\S)+$": "write a whole URL, such as http://127.0.0.1:8080/health",
    r"^[A-Za-z0-9.:_-]+$": "write an IP address or a host name",
    r"^[a-z0-9][a-z0-9+.-]+$": "write the name of one Debian package",
    r"^[^\x00]+$": "write shell text, or take the key out",
    r"^[a-z][a-z0-9_]*$": "use lower-case letters, digits and _",
    r"^[^\x00\n]+$": "keep it on one line",
    rf"^([0-9A-Fa-f.:]+(%[a-z0-9]+)?|{FILLED_IN})$": "write an IP address",
    rf"^([A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?|{FILLED_IN})$": "write a host name",
    rf"^([A-Za-z0-9]([A-Za-z0-9.-]{{0,62}}[A-Za-z0-9])?|{FILLED_IN})$": "write a host name of at most 64 characters",
    rf"^([A-Za-z][A-Za-z0-9_+/-]*|{FILLED_IN})$": "write the name of a zone, such as Europe/Paris",
    rf"^([0-9a-f]{{64}}|{FILLED_IN})$": "write the 64 digits that sha256sum prints",
    r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,60}$": "use letters, digits, _ and -: sudo reads no file with a dot in its name",
    r"^[A-Za-z0-9_]+([./][A-Za-z0-9_:-]+)+$": "write a parameter as sysctl(8) has it, such as net.ipv4.ip_forward",
    r"^[^\s\x00]+$": "write options with commas between, and no spaces",
}

_SHAPES: Mapping[str, tuple[str, str]] = {
    "model_type": ("is not a mapping", "write keys with values below it"),
    "dict_type": ("is not a mapping", "write keys with values below it"),
    "tuple_type": ("is not a list", "write items, each behind a hyphen, or [in, brackets]"),
    "bool_type": ("is neither true nor false", "write true or false, without quotes"),
    "bool_parsing": ("is neither true nor false", "write true or false, without quotes"),
    "int_type": ("is not a whole number", "write a number, without quotes"),
    "int_parsing": ("is not a whole number", "write a number, without quotes"),
    "int_from_float": ("is not a whole number", "write a number without a fraction"),
    "float_type": ("is not a number", "write a number, without quotes"),
    "string_type": ("is not text", 'write one text; in quotes where it looks like a number, such as "1.10"'),
}


def explain(
    start: Loc, model: type[Model], error: ValidationError, positions: Positions, kinds: Kinds
) -> list[tuple[Loc, Problem]]:
    """For each error the path of the offending part, as it was written, and the problem to show.

    Args:
        start: the path of the item that was validated on its own.
        model: the model of that item.
        error: what pydantic found.
        positions: where everything was written.
        kinds: the registry.
    """
    found: list[tuple[Loc, Problem]] = []
    misspelt: set[Loc] = set()
    for item in error.errors(include_url=False):
        inner: Loc = tuple(part for part in item["loc"] if part != "[key]")
        loc = positions.written(inner, start)
        if item["type"] == "extra_forbidden":
            near = closest(str(loc[-1]), _known(model, inner[:-1], kinds))
            misspelt |= {(*loc[:-1], near)} if near and near != loc[-1] else set()
        if item["type"] != REPORTED:
            message, hint = _sentence(item, loc, _known(model, inner[:-1], kinds))
            found.append((loc, Problem(positions.at(loc), dotted(loc), message, hint)))
    return [(loc, problem) for loc, problem in found if loc not in misspelt]


def _sentence(error: ErrorDetails, loc: Loc, known: list[str]) -> tuple[str, str]:
    context: dict[str, Any] = error.get("ctx", {})
    kind, name, shown = error["type"], str(loc[-1]) if loc else "", _shown(error["input"])
    match kind:
        case "missing":
            where = f"below {dotted(loc[:-1])}" if loc[:-1] else "at the top level"
            return f"the key {name} is missing", f"add {name}: {where}"
        case "extra_forbidden" if name in known:
            return f"the key {name} stands here without its artifact", "add the key that names the artifact's kind"
        case "extra_forbidden":
            return f"unknown key {name}", similar(name, known)
        case "string_pattern_mismatch":
            return f"{shown} will not do", _PATTERNS.get(context["pattern"], f"it must match {context['pattern']}")
        case "enum" | "literal_error":
            return f"{shown} will not do", f"use {context['expected']}"
        case "greater_than_equal":
            return f"{shown} is too small", f"write {context['ge']} or more"
        case "less_than_equal":
            return f"{shown} is too large", f"write {context['le']} or less"
        case "too_short":
            return "the list is empty", "write an item, or take the key out"
        case _ if kind in _SHAPES:
            return _shape(kind, error["input"])
        case _:
            return error["msg"][:1].lower() + error["msg"][1:], str(context.get("hint", ""))


def _shape(kind: str, value: Any) -> tuple[str, str]:
    if value is None:
        return "nothing stands here", "write a value, or take the key out"
    said, hint = _SHAPES[kind]
    return f"{_shown(value)} {said}", hint


def _known(model: type[Model], path: Loc, kinds: Kinds) -> list[str]:
    """The keys that may stand at a path inside a model."""
    found: Any = model
    for part in path:
        if isinstance(found, type) and issubclass(found, Model):
            field = next((field for name, field in found.model_fields.items() if part in (name, field.alias)), None)
            found = field.annotation if field else None
        else:
            found = get_args(found)[-1 if len(get_args(found)) == 2 and get_args(found)[-1] is not ... else 0]
        found = _without_none(found)
    if not (isinstance(found, type) and issubclass(found, Model)):
        return []
    direct = kinds.of("artifact").values() if found is Component else ()
    return sorted({*keys(found), *(key for kind in direct for key in keys(kind))})


def _without_none(annotation: Any) -> Any:
    """``X`` for ``X | None``."""
    some = [part for part in get_args(annotation) if part is not NoneType]
    return some[0] if NoneType in get_args(annotation) and len(some) == 1 else annotation


def _shown(value: Any) -> str:
    match value:
        case bool():
            return f"“{str(value).lower()}”"
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            text = re.sub(r"\s+", " ", str(value))
            return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"
