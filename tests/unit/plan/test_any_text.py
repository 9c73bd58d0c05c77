"""Whatever is in the files, loading ends with a plan or with problems at places that exist."""

import copy
import os
import tempfile
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any, cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from golive.graph.compile import compile_plan
from golive.graph.render import RenderError
from golive.kinds.registry import kinds
from golive.plan import docs
from golive.plan.document import parse
from golive.plan.load import PlanError, load
from golive.plan.plan import Loaded

from .plans import write
from .test_reference import HELPERS

KINDS = kinds()
GOOD: Any = parse(docs.reference(), "reference.yaml").data
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        *[
            None,
            True,
            0,
            -1,
            2.5,
            10**30,
            "",
            "x",
            "text of many words",
            "\n",
            "/",
            "{{ x }}",
            "{{ secret('y') }}",
            "{%",
        ],
        *[[], {}, [[]], ["x"], {"x": "y"}, {"": ""}, {"file": "/x"}, {"haproxy": 1}, "lyon", "app", "30 s", "7 GB"],
    ]
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for name, item in cast("dict[str, Any]", value).items():
            found += places(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[Any]", value)):
            found += places(item, (*path, index))
    return found


PLACES = places(GOOD)


@st.composite
def mutilated(draw: st.DrawFn) -> str:
    plan = copy.deepcopy(GOOD)
    for path in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=8)):
        holder = plan
        try:
            for part in path[:-1]:
                holder = holder[part]
            match draw(st.sampled_from(["delete", "replace", "rename"])):
                case "delete":
                    del holder[path[-1]]
                case "rename":
                    holder[f"{path[-1]}x"] = holder.pop(path[-1])
                case _:
                    holder[path[-1]] = draw(ODD)
        except (KeyError, IndexError, TypeError, AttributeError):
            continue
    return dumped(plan)


def dumped(plan: Any) -> str:
    stream = StringIO()
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.dump(plan, stream)
    return stream.getvalue()


@st.composite
def torn(draw: st.DrawFn) -> str:
    text = docs.reference()
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 60)))
        text = text[:start] + draw(st.text(max_size=12)) + text[end:]
    return text


def outcome(text: str) -> Loaded | PlanError:
    with tempfile.TemporaryDirectory() as name:
        folder = write(Path(name), HELPERS)
        (folder / "golive.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            return load(folder, KINDS)
        except PlanError as error:
            return error


def hold(text: str) -> None:
    result = outcome(text)
    if isinstance(result, Loaded):
        with suppress(RenderError):
            compile_plan(result, KINDS)
        return
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert result.problems
    for problem in result.problems:
        place = problem.position
        assert place.file.endswith("golive.yaml") and problem.message
        assert 1 <= place.line <= len(lines) + 1
        assert 1 <= place.column <= max(map(len, lines)) + 2


FEW = settings(
    max_examples=1000 if os.environ.get("GOLIVE_PROVE") else 50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""Each loads a plan of several hundred lines; many more with GOLIVE_PROVE=1, as ``scripts/prove`` sets it."""


def test_what_is_mutilated_is_sound_as_a_whole():
    assert isinstance(outcome(dumped(GOOD)), Loaded)


@FEW
@given(mutilated())
def test_a_mutilated_plan_never_crashes_the_loader(text: str):
    hold(text)


@FEW
@given(torn())
def test_a_torn_text_never_crashes_the_loader(text: str):
    hold(text)


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_no_text_crashes_the_loader(text: str):
    hold(text)


def test_deep_and_wide_texts_are_refused():
    deep, wide = "[" * 5000, "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*{p}, *{p}]\n" for n, p in chain(30))
    assert "nested too deeply" in str(parse(deep, "x").problems[0])
    assert any("too many values" in str(problem) for problem in parse(wide, "x").problems)


def chain(count: int) -> list[tuple[int, str]]:
    return [(number, "a" if number == 0 else f"b{number - 1}") for number in range(count)]
