"""The judge of findings, by cases in data; and that findings do not hide each other."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from golive.method.findings import Door, Finding, Side, Wanted, judge

FOLDER = Path(__file__).parent / "findings"
LOADER: Any = YAML(typ="safe")
CLEAN: Any = LOADER.load(FOLDER / "clean.yaml")
CASES: Any = LOADER.load(FOLDER / "cases.yaml")


def changed(facts: Any, path: str, value: Any) -> None:
    """Sets what stands at a dotted path."""
    *way, last = path.split(".")
    for part in way:
        facts = facts[int(part) if part.isdigit() else part]
    if last == "+":
        facts.append(value)
    else:
        facts[int(last) if last.isdigit() else last] = value


def judged(facts: Any) -> list[Finding]:
    return list(
        judge(
            Wanted.of(facts["wanted"]),
            Side("old", facts["old"]),
            Side("new", facts["new"]),
            [Door("edge", facts["door"])],
        )
    )


def of(case: Any) -> Any:
    facts = json.loads(json.dumps(CLEAN))  # parts that YAML shares are copied apart
    for path, value in case.get("set", {}).items():
        changed(facts, path, json.loads(json.dumps(value)))
    return facts


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_case(case: Any):
    found = judged(of(case))
    wanted = [next(iter(one.items())) for one in case["found"]]
    assert sorted(one.id for one in found) == sorted(id for id, _ in wanted)
    for id, words in wanted:
        assert any(words in f"{one.where} {one.sentence}" for one in found if one.id == id), [
            one.sentence for one in found
        ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_every_finding_says_what_to_do_and_where(case: Any):
    for one in judged(of(case)):
        assert one.where and one.what and len(one.do) > 10
        assert "None" not in one.sentence


PROBLEMS = [case for case in CASES if case["found"] and not any(path.startswith("wanted") for path in case["set"])]
"""Another wish is no problem, and may take one away."""


def parts(case: Any) -> set[str]:
    """What it is about: ``old.relations``, ``door``."""
    of = {".".join(path.split(".")[: 1 if path.startswith("door") else 2]) for path in case["set"]}
    return of | ({"new.relations"} if "old.grants" in of else set())  # what is granted on a table that is missing


@given(st.sampled_from(PROBLEMS), st.sampled_from(PROBLEMS))
def test_two_problems_are_both_found(one: Any, other: Any):
    """Unless they are about the same facts."""
    if parts(one) & parts(other):
        return
    both = {"set": {**one.get("set", {}), **other.get("set", {})}}
    ids = {finding.id for finding in judged(of(both))}
    for case in (one, other):
        assert {finding.id for finding in judged(of(case))} <= ids
