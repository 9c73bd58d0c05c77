"""The JSON Schema (2020-12) of the plan, for editors and for the reference page. Made from the models alone."""

from collections.abc import Mapping
from typing import Any, cast

from golive.kinds.registry import FAMILIES, Kinds
from golive.model import Model
from golive.plan.plan import Plan

Schema = dict[str, Any]
_REF = "#/$defs/{model}"


def json_schema(kinds: Kinds) -> Schema:
    """The schema of a plan in one file; items are told apart by the key of their kind.

    Args:
        kinds: the registry; plug-ins' kinds are part of the schema.
    """
    schema = Plan.model_json_schema(ref_template=_REF)
    parts: Schema = schema["$defs"]
    for family, base in FAMILIES.items():
        parts[base.__name__] = {"oneOf": [{"$ref": f"#/$defs/{key(family, name)}"} for name in kinds.of(family)]}
        for name, kind in kinds.of(family).items():
            parts[key(family, name)] = kind_schema(kind, parts)
    parts["Component"]["properties"] |= _artifacts_in_place(kinds, parts)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "golive plan"} | {
        name: value for name, value in schema.items() if name != "title"
    }


def key(family: str, kind: str) -> str:
    """The name of a kind's schema among the definitions."""
    return f"{family}-{kind}"


def kind_schema(kind: type[Model], parts: Schema) -> Schema:
    """The schema of one kind; models that it refers to join ``parts``."""
    schema = kind.model_json_schema(ref_template=_REF)
    for name, definition in schema.pop("$defs", {}).items():
        parts.setdefault(name, definition)
    return schema


def _artifacts_in_place(kinds: Kinds, parts: Mapping[str, Any]) -> Schema:
    """The keys of artifacts, which may stand among those of their component."""
    found: Schema = {}
    for name in kinds.of("artifact"):
        found |= cast("Schema", parts[key("artifact", name)]["properties"])
    return found
