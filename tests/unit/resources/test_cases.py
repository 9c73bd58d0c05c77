"""Each document of ``cases/*.yaml``: a resource, and the exact text of each of its shell functions."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from golive.resources.script import slot

from .shells import SHELLS, resource, run

YAML_FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
FUNCTIONS = ("prepare", "check", "apply", "diff", "foreseen", "keep", "undo", "settle")
DEFAULTS = {"foreseen": ":"}


def cases() -> list[Any]:
    found: list[Any] = []
    for file in YAML_FILES:
        loader: Any = YAML(typ="safe", pure=True)
        for number, case in enumerate(loader.load_all(file.read_text(encoding="utf-8")), 1):
            found.append(pytest.param(case, id=f"{file.stem}:{number}"))
    return found


@pytest.mark.parametrize("case", cases())
def test_what_a_resource_renders(case: dict[str, Any]):
    made = resource(case["resource"])
    assert made.title == case["title"]
    rendered = {name: getattr(made, name)() for name in FUNCTIONS}
    assert rendered == {name: (case.get(name) or DEFAULTS.get(name, "")).removesuffix("\n") for name in FUNCTIONS}
    assert list(made.restarts_on()) == case.get("restarts_on", [])


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("case", cases())
def test_it_is_shell_text(case: dict[str, Any], shell: str, tmp_path: Path):
    made = resource(case["resource"])
    body = "".join(f"{name}() {{\n{getattr(made, name)() or ':'}\n}}\n" for name in FUNCTIONS)
    done = run(body, tmp_path, SHELLS[shell])
    assert (done.code, done.errors) == (0, "")


def test_what_is_kept_has_a_place_by_scope_and_kind_and_name():
    package, service = resource({"package": "nginx"}), resource({"service": "nginx"})
    assert len({slot(scope, item) for scope in ("a", "b") for item in (package, service)}) == 4
    lines = [resource({"line": "/etc/x", "text": text}) for text in ("a", "b")]
    assert slot("a", lines[0]) != slot("a", lines[1])
    assert slot("a", package).startswith('"$GOLIVE_ROOT/keep/$GOLIVE_RUN"/')
