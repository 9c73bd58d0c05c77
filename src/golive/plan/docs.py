"""The reference page of the plan's format: the commented reference plan, and a table for each model and kind.

``python -m golive.plan.docs > docs/plan.md`` writes it; a test holds that it is up to date.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import cast

from golive.kinds.registry import FAMILIES, Kinds, kinds
from golive.plan.schema import Schema, json_schema, key

_INTRO = """# The plan

<!-- Written by `python -m golive.plan.docs > docs/plan.md`: change src/golive/plan/reference.yaml and the models. -->

A plan is data: one YAML file, or a folder of documents. `golive init DIR` writes a small one, `golive check` tells
every mistake at once with file, line and column, and `golive schema` prints a JSON Schema for your editor.

## Every key once

```yaml
"""

_FAMILIES: Mapping[str, str] = {
    "resource": "Resources are pieces of desired state on a host: items of `baseline:` and `install:`, in order.",
    "check": "Checks tell whether something works. They are tried until they hold, or until `within` is over.",
    "fence": "Fences hold the writes to the old system: items of `cutover: fence:`.",
    "mover": "Movers move the data: items of `cutover: move:`.",
    "switch": "Switches move the traffic: items of `cutover: switch:`.",
    "artifact": "Artifacts are what a component delivers to its hosts. Their keys may stand among the component's.",
}
_SCALARS: Mapping[str, str] = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "mapping",
    "array": "list",
}


def reference() -> str:
    """The commented reference plan."""
    return files("golive.plan").joinpath("reference.yaml").read_text(encoding="utf-8")


def page(reference: str, kinds: Kinds) -> str:
    """The page as Markdown.

    Args:
        reference: the commented reference plan.
        kinds: the registry.
    """
    schema = json_schema(kinds)
    parts: Schema = schema["$defs"]
    text = [_INTRO, reference, "```\n", "\n## Sections\n", *_table("The top level", schema)]
    families = {base.__name__ for base in FAMILIES.values()}
    kinds_of = {key(family, name) for family in FAMILIES for name in kinds.of(family)}
    sections = [name for name, part in parts.items() if name not in families | kinds_of and "properties" in part]
    for name in sections:
        text += _table(_words(name), parts[name])
    for family, said in _FAMILIES.items():
        text += [f"\n## Kinds of {family}\n\n{said}\n"]
        for name in kinds.of(family):
            text += _table(f"`{name}`", parts[key(family, name)])
    return "".join(text)


def _table(title: str, schema: Schema) -> Iterator[str]:
    yield f"\n### {title}\n\n{schema.get('description', '').replace('``', '`')}\n\n"
    yield "| Key | Type | Default | What it says |\n|---|---|---|---|\n"
    required: list[str] = schema.get("required", [])
    for name, part in cast("Schema", schema["properties"]).items():
        default = "**required**" if name in required else _default(part)
        yield f"| `{name}` | {_type(part)} | {default} | {_cell(part.get('description', ''))} |\n"


def _default(part: Schema) -> str:
    value = part.get("default")
    if value in (None, [], ""):
        return ""
    return (
        f"`{value}`"
        if isinstance(value, str)
        else f"`{json.dumps(value).removesuffix('.0')}`" + (" s" if _type(part) == "duration" else "")
    )


def _type(part: Schema) -> str:
    match part:
        case {"$ref": str(target)}:
            return _words(target.rpartition("/")[2])
        case {"anyOf": choices}:
            return _type(next(choice for choice in cast("list[Schema]", choices) if choice.get("type") != "null"))
        case {"const": value}:
            return f"`{value}`"
        case {"type": ["number", "string"]}:
            return "duration"
        case {"type": ["integer", "string"]}:
            return "size"
        case {"type": "array", "items": items}:
            return f"list of {_type(cast('Schema', items))}"
        case {"type": "object", "patternProperties": patterns}:
            return f"{_type(next(iter(cast('dict[str, Schema]', patterns).values())))} by name"
        case _:
            return _SCALARS.get(str(part.get("type")), "any value")


def _words(model: str) -> str:
    """A model's name as people write it: ``FrontCheck`` is a front check."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in model).strip().capitalize()


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.stdout.write(page(reference(), kinds()))
