"""The starter, the reference, the page made from it and the schema say the same as the models."""

import re
from pathlib import Path
from typing import Any, cast

import pytest

from golive.graph.compile import compile_plan
from golive.kinds.registry import FAMILIES, kinds
from golive.plan import docs
from golive.plan.load import load
from golive.plan.schema import json_schema, key

from .plans import write

HELPERS = {
    "templates/notes.service.j2": "[Service]\nExecStart=/opt/notes/bin/notes /etc/notes/notes.ini\n",
    "files/logo.png": b"\x89PNG\r\n\x00\xff",
    "dist/pages-2.1.tar.zst": b"an archive",
    "artifacts.lock": '{"application": {"wheels": ["notes[postgresql]==2.1"], "python": "3.13", "files": []}}',
    "keys/team.pub": "ssh-ed25519 AAAAteam team",
    "keys/operators.pub": "ssh-ed25519 AAAAoperators operators",
    "keys/claire.pub": "ssh-ed25519 AAAAclaire claire",
    "keys/omar.pub": "ssh-ed25519 AAAAomar omar",
    "keys/jana.pub": "ssh-ed25519 AAAAjana jana",
}
SOURCE = Path(docs.__file__).parent
SCHEMA: Any = json_schema(kinds())
MODELS: list[tuple[str, Any]] = [("plan", SCHEMA), *((name, part) for name, part in SCHEMA["$defs"].items())]


def test_the_starter_is_sound_and_refers_to_no_other_file(tmp_path: Path):
    text = (SOURCE / "starter.yaml").read_text(encoding="utf-8")
    loaded = load(write(tmp_path, {"golive.yaml": text}), kinds())
    assert [step.id for step in compile_plan(loaded, kinds()).steps][:2] == [
        "define/guide",
        "lyon/baseline/survey@web-1",
    ]


def test_the_reference_is_sound_and_compiles(tmp_path: Path):
    loaded = load(write(tmp_path, {"golive.yaml": docs.reference(), **HELPERS}), kinds())
    assert len(compile_plan(loaded, kinds()).steps) > 40


@pytest.mark.parametrize(("name", "schema"), MODELS, ids=[name for name, _ in MODELS])
def test_the_reference_shows_every_key(name: str, schema: Any):
    missing = [item for item in schema.get("properties", {}) if not re.search(rf"\b{item}:", docs.reference())]
    assert missing == []


def test_the_page_is_up_to_date():
    page = Path(__file__).parents[3] / "docs" / "plan.md"
    assert page.read_text(encoding="utf-8") == docs.page(docs.reference(), kinds()), (
        "run: python -m golive.plan.docs > docs/plan.md"
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_items_of_a_family_are_told_apart_by_their_kind(family: str):
    parts = SCHEMA["$defs"]
    choices = parts[FAMILIES[family].__name__]["oneOf"]
    assert choices == [{"$ref": f"#/$defs/{key(family, name)}"} for name in kinds().of(family)]
    for name in kinds().of(family):
        assert name in parts[key(family, name)]["required"]
        assert parts[key(family, name)]["additionalProperties"] is False


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        own = [str(held["$ref"])] if isinstance(held.get("$ref"), str) else []
        return own + [found for item in held.values() for found in references(item)]
    return [found for item in cast("list[Any]", value) for found in references(item)] if isinstance(value, list) else []


def test_every_reference_leads_somewhere():
    assert {name.removeprefix("#/$defs/") for name in references(SCHEMA)} <= set(SCHEMA["$defs"])


def test_every_key_is_explained():
    bare = [
        f"{name}.{item}"
        for name, schema in MODELS
        for item, part in schema.get("properties", {}).items()
        if not part.get("description")
    ]
    assert bare == []


def test_durations_and_sizes_may_be_written_with_units():
    parts = SCHEMA["$defs"]
    assert parts["Component"]["properties"]["planned"]["type"] == ["number", "string"]
    memory = parts["Hardware"]["properties"]["memory"]["anyOf"][0]
    assert memory["type"] == ["integer", "string"]
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_an_artifact_may_stand_among_the_keys_of_its_component():
    assert {"archive", "wheels", "venv"} <= set(SCHEMA["$defs"]["Component"]["properties"])
