"""Items whose kind is told by one of their keys: ``{package: nginx}``, ``{http: http://..., status: 200}``."""

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError

from golive.kinds.interface import Artifact, Check, Fence, Mover, Switch
from golive.kinds.registry import FAMILIES, Kinds
from golive.model import Model
from golive.resources.interface import Resource

REPORTED = "golive_reported"
"""Type of the error that stands for errors which were reported already, with positions of their own."""


@dataclass(frozen=True)
class Context:
    """What the validation of a plan needs beside the data."""

    kinds: Kinds
    report: Callable[[Any, type[Model], ValidationError], None]
    """Takes the item, its model and its errors."""
    alias: Callable[[Any, Any], None]
    """Takes a mapping that was made of parts of another, and that other one."""


def keys(model: type[Model]) -> tuple[str, ...]:
    """The keys that a model has in the plan, in order of declaration."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


def closest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant; empty: none of them."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1)), "")


def similar(word: str, known: Iterable[str]) -> str:
    """A hint that names the closest known word, or all of them."""
    close = closest(word, known)
    return f"did you mean {close}?" if close else f"known here: {', '.join(sorted(known))}"


def _pick(family: str) -> Callable[[Any, ValidationInfo], Any]:
    def validate(value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, FAMILIES[family]):
            return value
        context = cast("Context", info.context)
        model = _model(family, value, context.kinds)
        try:
            return model.model_validate(value, context=context)
        except ValidationError as error:
            context.report(value, model, error)
            raise PydanticCustomError(REPORTED, "reported already") from error

    return validate


def _model(family: str, value: Any, kinds: Kinds) -> type[Model]:
    registry = kinds.of(family)
    if not isinstance(value, dict):
        raise _error("item_shape", f"a {family} is a mapping", similar("", registry))
    item = cast("dict[str, Any]", value)
    names = [key for key in item if key in registry]
    # A file has a group and is none: a key that is another kind's field does not tell the kind.
    names = [name for name in names if all(other in keys(registry[name]) for other in names)] or names
    if len(names) > 1:
        raise _error("item_kinds", f"one {family} cannot be {' and '.join(names)} at once", "write one item for each")
    if not names:
        raise _error("item_kind", f"no known kind of {family} here", similar(next(iter(item), ""), registry))
    return registry[names[0]]


def _error(name: str, message: str, hint: str) -> PydanticCustomError:
    return PydanticCustomError(name, "{said}", {"said": message, "hint": hint})  # pyright: ignore[reportArgumentType]


AnyResource = Annotated[Resource, BeforeValidator(_pick("resource"))]
AnyCheck = Annotated[Check, BeforeValidator(_pick("check"))]
AnyFence = Annotated[Fence, BeforeValidator(_pick("fence"))]
AnyMover = Annotated[Mover, BeforeValidator(_pick("mover"))]
AnySwitch = Annotated[Switch, BeforeValidator(_pick("switch"))]
AnyArtifact = Annotated[Artifact, BeforeValidator(_pick("artifact"))]
