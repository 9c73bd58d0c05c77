"""The texts that people wrote into a plan for people, each with its path. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from golive.kinds.interface import Kind
from golive.model import Model
from golive.plan.plan import Plan
from golive.resources.interface import Resource

_FOR_MACHINES = frozenset(
    {"vars", "command", "proof", "undo", "secrets", "access", "address", "user", "port", "key", "flags"}
)


def texts(plan: Plan) -> Iterator[tuple[str, str]]:
    """All of them; desired state, commands and values for templates are no texts for people."""
    return _texts(plan, "")


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Resource | Kind):
        return
    elif isinstance(value, Model):
        fields = type(value).model_fields
        for name in value.model_fields_set:
            if name not in _FOR_MACHINES:
                key = fields[name].alias or name
                yield from _texts(getattr(value, name), f"{path}.{key}" if path else key)
    elif isinstance(value, Mapping):
        for name, item in cast("Mapping[str, Any]", value).items():
            yield from _texts(item, f"{path}.{name}")
    elif isinstance(value, tuple):
        for index, item in enumerate(cast("tuple[Any, ...]", value)):
            yield from _texts(item, f"{path}[{index}]")
