"""What every model of the plan shares: frozen, no unknown keys, and the small types that people write in YAML."""

import re
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

_DURATION = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)\s*(s|min|h|d)")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_SIZE = re.compile(r"(\d{1,18}(?:\.\d{1,9})?)\s*([KMGT]i?B)")
_BYTES = {
    f"{unit}{infix}B": base ** (power + 1)
    for power, unit in enumerate("KMGT")
    for infix, base in (("", 1000), ("i", 1024))
}


class Model(BaseModel):
    """A part of the plan as it was written: immutable, and strict about its keys."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid", populate_by_name=True)

    @cached_property
    def asks(self) -> bool:
        """Whether a text of it, or one in a list of it, holds a Jinja expression; asked for each host of the plan."""
        return any(_asks(value) for value in tuple(self.__dict__.values()))


def _asks(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_asks, value))  # pyright: ignore[reportUnknownArgumentType]
    return isinstance(value, str) and holds_expression(value)


def holds_expression(text: str) -> bool:
    """Whether Jinja would make something else of a text."""
    return "{{" in text or "{%" in text or "{#" in text


def _seconds(value: Any) -> Any:
    if isinstance(value, str) and (match := _DURATION.fullmatch(value.strip())):
        return float(match[1]) * _SECONDS[match[2]]
    if isinstance(value, str):
        raise PydanticCustomError(
            "duration", "not a duration: write a number and a unit, such as 30 s, 5 min, 2 h or 3 d"
        )
    return value


def _bytes(value: Any) -> Any:
    if isinstance(value, str) and (match := _SIZE.fullmatch(value.strip())):
        return int(float(match[1]) * _BYTES[match[2]])
    if isinstance(value, str):
        raise PydanticCustomError("size", "not a size: write a number and a unit, such as 512 MiB or 10 GB")
    return value


Duration = Annotated[float, BeforeValidator(_seconds), Field(ge=0, json_schema_extra={"type": ["number", "string"]})]
"""Seconds; written ``30 s``, ``5 min``, ``2 h``, ``3 d`` or as a bare number of seconds."""

Size = Annotated[int, BeforeValidator(_bytes), Field(ge=0, json_schema_extra={"type": ["integer", "string"]})]
"""Bytes; written ``512 MiB``, ``10 GB`` or as a bare number of bytes."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")]
"""A name that stands in step ids: lower-case letters, digits and hyphens."""

AbsolutePath = Annotated[str, Field(pattern=r"^/[^\x00\n]*$")]
"""A path on a host, from the root."""

FileMode = Annotated[str, Field(pattern=r"^0?[0-7]{3,4}$")]
"""Permission bits in octal, quoted in YAML: ``"0644"``."""

Unix = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_-]{0,31}\$?$")]
"""A user's or a group's name on a host."""

OneLine = Annotated[str, Field(pattern=r"^[^\x00\n\r\x1e\t]+$")]
"""Text for people, on one line."""

Shell = Annotated[str, Field(pattern=r"^[^\x00]+$")]
"""POSIX shell text; it runs as root on the host."""

TextLine = Annotated[str, Field(pattern=r"^[^\x00\n]+$")]
"""One line of a file on a host, of any text."""

FILLED_IN = r"[^\x00\n]*\{[{%][^\x00\n]*"
"""Pattern of a text that holds a Jinja expression: what it has to look like is known once it has been filled in."""
