"""What a failed step said leads to its likely cause; what fits nothing is not guessed at."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from golive.reconcile.hints import HINTS, hint

_yaml: Any = YAML(typ="safe")
CASES: list[dict[str, Any]] = _yaml.load(Path(__file__).with_name("hints.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["said"][:40])
def test_a_cause_is_found(case: dict[str, str]):
    found = hint(case["said"])
    assert (case["cause"] in found.cause) if found and case["cause"] else (found is None and not case["cause"])


def test_every_hint_says_what_helps():
    assert all(one.cause and one.remedy and one.pattern.pattern for one in HINTS)
    assert not any(one.pattern.search("") for one in HINTS), "a pattern that always fits says nothing"
