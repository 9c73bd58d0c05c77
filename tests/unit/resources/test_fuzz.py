"""Any text in any field of any resource is refused, or stands quoted in every script: nothing of it becomes code.

The resources are those of ``cases/*.yaml``. A script's skeleton (``skeleton.py``) must be the same whatever the texts
are. With GOLIVE_PROVE=1, as ``scripts/prove`` sets it, there are many more examples.
"""

import os
import re
import shlex
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from golive.kinds.registry import kinds
from golive.resources.interface import Resource
from golive.resources.script import converge, examine, revert
from golive.resources.sh import quote

from .shells import SHELLS, resource, run
from .skeleton import skeleton
from .test_any_text import LINE, NAME, ROOT_ONLY, TEXT, WHOLE
from .test_cases import cases

PROVE = bool(os.environ.get("GOLIVE_PROVE"))
AT_RENDERER = 10_000 if PROVE else 500
IN_SHELLS = 25 if PROVE else 5
"""Scripts for each shell; each holds ten cases."""

SHELL_TEXT = {
    ("file", "validate"), ("command", "command"), ("command", "unless"), ("command", "undo"), ("reboot", "when_needed"),
}  # fmt: skip
"""Code that the plan's author writes as such; so is ``when`` of all resources."""
BEGINS = {("mount", "device"): "", ("mount", "options"): ",", ("certificate", "key"): ""}
"""What else is looked for depends on how these begin: their text is only added to, behind this."""
CLOSED = {("mount", "type")}
"""Likewise, and what it may be holds nothing that a shell knows."""
PATIENT = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
MANY = settings(max_examples=AT_RENDERER, deadline=None, suppress_health_check=PATIENT)

Model = dict[str, Any]


def _resources() -> list[tuple[Model, tuple[str, ...]]]:
    """The resources of all cases, with the keys under which they hold text."""
    found: list[tuple[Model, tuple[str, ...]]] = []
    for case in cases():
        model = cast("Model", case.values[0]["resource"])
        kind = resource(model).kind
        one_file = kind == "certificate" and model["certificate"] == model.get("key")  # both, or none of them
        left_out = {"when", "tags"} | ({"certificate", "key"} if one_file else set[str]())
        keys = tuple(key for key, value in model.items() if _text(value) and (kind, key) not in SHELL_TEXT | CLOSED)
        found.append((model, tuple(key for key in keys if key not in left_out)))
    return [(model, keys) for model, keys in found if keys]


def _text(value: Any) -> bool:
    """Whether it is text, or a list of texts, without secrets."""
    values = cast("list[Any]", value) if isinstance(value, list) else [value]
    return bool(values) and all(isinstance(item, str) and "\ue000" not in item for item in values)


RESOURCES = _resources()


def _patterns(model: type[Resource]) -> Mapping[str, str | None]:
    """What the text under each key has to match, if anything."""
    found: dict[str, str | None] = {}
    for key, schema in model.model_json_schema()["properties"].items():
        options = [schema, *schema.get("anyOf", ()), schema.get("items", {})]
        found[key] = next((option["pattern"] for option in options if "pattern" in option), None)
    return found


PATTERNS = {kind: _patterns(cast("type[Resource]", model)) for kind, model in kinds().of("resource").items()}


def _texts(pattern: str | None) -> st.SearchStrategy[str]:
    """Texts for a field, nasty ones where it takes them; one in four of a closed field's is nasty all the same."""
    if pattern is None:
        return WHOLE
    for before in ("", "/", "{{"):
        if re.search(pattern, f"{before}a'b$(c)`d\"e"):
            return LINE.map(before.__add__)
    fits = st.from_regex(pattern, fullmatch=True).filter(lambda text: "\0" not in text and "\ue000" not in text)
    return st.one_of(fits, fits, fits, WHOLE)


TEXTS = {kind: {key: _texts(pattern) for key, pattern in held.items()} for kind, held in PATTERNS.items()}


@st.composite
def fuzzed(draw: st.DrawFn) -> tuple[Model, Model]:
    """A resource as it is in a case, and with other texts in it."""
    model, keys = draw(st.sampled_from(RESOURCES))
    other = dict(model)
    for key in draw(st.sets(st.sampled_from(keys), min_size=1)):
        kind = resource(model).kind
        before = f"{model[key]}{BEGINS[kind, key]}" if (kind, key) in BEGINS else ""
        texts = TEXTS[kind][key].map(before.__add__)
        value = model[key]
        other[key] = [draw(texts) for _ in cast("list[str]", value)] if isinstance(value, list) else draw(texts)
    return model, other


def code_of(one: Resource) -> str:
    return skeleton(converge([one], "k") + examine([one]) + revert([one], "k"))


def holds_for(pair: tuple[Model, Model]) -> None:
    model, other = pair
    try:
        made = resource(other)
    except ValidationError:
        event("refused")
        return
    if made.main in made.restarts_on():
        event("hears of itself, which no plan can say")
        return
    event("carried")
    assert code_of(made) == code_of(resource(model))


def test_no_text_becomes_code():
    MANY(given(fuzzed())(holds_for))()


def test_every_kind_is_among_them():
    assert {resource(model).kind for model, _ in RESOURCES} == set(PATTERNS)


BROKEN: dict[str, Callable[[str], str]] = {
    "not at all": lambda text: text,
    "single quotes, and no more": lambda text: f"'{text}'",
    "double quotes": lambda text: '"' + text.replace('"', '\\"') + '"',
    "only what looks dangerous": lambda text: text if re.match(r"^[\w./=~-]+$", text) else quote(text),
    "the first quote only": lambda text: "'" + text.replace("'", "'\\''", 1) + "'",
}


@pytest.mark.parametrize("how", BROKEN)
def test_broken_quoting_is_found(how: str, monkeypatch: pytest.MonkeyPatch):
    for name, module in list(sys.modules.items()):
        if name.startswith("golive.resources.") and getattr(module, "quote", None) is quote:
            monkeypatch.setattr(module, "quote", BROKEN[how])
    found = settings(MANY, max_examples=500, database=None, phases=[Phase.generate])(given(fuzzed())(holds_for))
    with pytest.raises((AssertionError, ValueError)):
        found()


def test_a_word_is_what_python_reads():
    @MANY
    @given(st.lists(WHOLE, min_size=1, max_size=4))
    def holds(words: list[str]) -> None:
        assert shlex.split(" ".join(quote(item) for item in words)) == words

    holds()


@st.composite
def cases_of_ten(draw: st.DrawFn) -> list[tuple[str, str, str, str]]:
    """Name, content, line, and where a link leads."""
    lines = LINE.filter(lambda line: not line.startswith("#"))
    one = st.tuples(NAME, WHOLE, lines, st.one_of(LINE, TEXT.map(lambda text: text.replace("\n", "")).filter(bool)))
    return draw(st.lists(one, min_size=10, max_size=10))


def _wanted(here: Path, number: int, name: str, content: str, line: str, to: str) -> list[Resource]:
    return [
        resource(model)
        for model in (
            {"directory": f"{here}/{number}"},
            {"directory": f"{here}/{number}/d {name}"},
            {"file": f"{here}/{number}/f{name}", "content": content},
            {"line": f"{here}/{number}/l{name}", "text": line, "create": True},
            {"block": f"{here}/{number}/b{name}", "name": "n", "content": line, "create": True},
            {"symlink": f"{here}/{number}/s{name}", "to": to},
        )
    ]


def _user(name: str, line: str) -> Resource:
    return resource({"user": "nobody-here", "home": f"/{line}", "shell": f"/{name}"})


_STUBS = {"getent": "exit 2", "useradd": 'printf \'%s\\000\' "$@" >> "$T/added"', "usermod": ":"}
"""A user is not made for real here: what the command is given is looked at."""


@ROOT_ONLY
@pytest.mark.parametrize("which", SHELLS)
def test_ten_at_a_time_arrive(which: str):
    @settings(max_examples=IN_SHELLS, deadline=None, suppress_health_check=PATIENT)
    @given(cases_of_ten())
    def holds(ten: list[tuple[str, str, str, str]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            _arrive(Path(folder), SHELLS[which], ten)

    holds()


def _arrive(work: Path, shell: tuple[str, ...], ten: list[tuple[str, str, str, str]]) -> None:
    here = work / "t"
    here.mkdir()
    (work / "bin").mkdir()
    for command, body in _STUBS.items():
        (work / "bin" / command).write_text(f"#!/bin/sh\n{body}\n")
        (work / "bin" / command).chmod(0o755)
    wanted = [one for number, case in enumerate(ten) for one in _wanted(here, number, *case)]
    users = "".join(f"\nadd() {{\n{_user(name, line).apply()}\n}}\nadd\n" for name, _, line, _ in ten)
    users = f"{_user('a', 'a').prepare()}\n{users}"
    done = run(converge(wanted) + users, work, shell, path=str(work / "bin"))
    assert done.code == 0, (done.said, done.errors)
    assert run(examine(wanted), work, shell).reports == [f"ok {one.title}" for one in wanted]
    for number, case in enumerate(ten):
        _is_there(here / str(number), *case)
    added = (here / "added").read_bytes().split(b"\0")
    assert added[:-1] == [word.encode() for name, _, line, _ in ten for word in _useradd(name, line)]
    assert not (here / "owned").exists()


def _useradd(name: str, line: str) -> list[str]:
    return ["--user-group", "--create-home", "--home-dir", f"/{line}", "--shell", f"/{name}", "nobody-here"]


def _is_there(here: Path, name: str, content: str, line: str, to: str) -> None:
    names = [f"d {name}", f"f{name}", f"l{name}", f"b{name}", f"s{name}"]
    assert sorted(os.listdir(here)) == sorted(names)
    assert (here / f"f{name}").read_bytes() == content.encode()
    assert (here / f"l{name}").read_bytes() == f"{line}\n".encode()
    assert (here / f"b{name}").read_bytes() == f"# golive n begin\n{line}\n# golive n end\n".encode()
    assert os.readlink(here / f"s{name}") == to
