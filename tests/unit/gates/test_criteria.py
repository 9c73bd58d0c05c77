"""Each entry criterion: when it holds, and every reason for which it does not, as the person reads it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from golive.gates.criteria import frozen, rules
from golive.gates.facts import Case, CheckFacts, Defect, Facts, FileFacts, HostFacts, Results, Signed
from golive.gates.rule import Assessment, assess

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
ROW = {"name": "disk", "required": "10 GB at least", "found": "12 GB", "holds": True}
READY = HostFacts("app-1", "done", (ROW,), "done", 7, "c0ffee")
PASSED = Case("tests.api.test_read", "passed")
GREEN = Results("api.xml", "abc", NOW - timedelta(days=1), "2.1", {"api": "d1"}, (PASSED,))
TESTS: dict[str, Any] = {
    "kind": "tests", "id": "tests", "path": "gates.deploy.testing", "results": ["*.xml"], "version": "2.1",
    "within": 7 * 86400.0, "components": {"api": "tests.api.*"}, "scenarios": {}, "artifacts": {"api": "d1"}, "exact": True,
}  # fmt: skip
DEFECTS: dict[str, Any] = {
    "kind": "defects", "id": "defects", "path": "", "file": "d.csv", "at_most": {"critical": 0, "major": 1},
    "closed": ["closed"],
}  # fmt: skip


def judged(criterion: dict[str, Any], facts: Facts) -> Assessment:
    [one] = assess(rules((criterion,)), facts)
    return one


def why(criterion: dict[str, Any], facts: Facts) -> list[str]:
    return [": ".join(part for part in (f.about, f.said) if part) for f in judged(criterion, facts).findings]


HARDWARE: dict[str, Any] = {"kind": "hardware", "id": "hardware", "path": "roles"}
BASELINE: dict[str, Any] = {"kind": "baseline", "id": "baseline", "path": "roles"}


def test_hardware_that_meets_the_architecture() -> None:
    assert judged(HARDWARE, Facts(NOW, (READY,))).holds == "1 host met 1 requirement"


@pytest.mark.parametrize(
    ("host", "said"),
    [
        (replace(READY, survey="pending", rows=()), "app-1: it was not surveyed yet"),
        (replace(READY, survey="unreachable", rows=(), note="no route"), "app-1: its survey is unreachable: no route"),
        (
            replace(READY, survey="refused", rows=({**ROW, "found": "2 GB", "holds": False},)),
            "app-1: disk: 10 GB at least required, 2 GB found",
        ),
    ],
)
def test_hardware_that_does_not(host: HostFacts, said: str) -> None:
    assert why(HARDWARE, Facts(NOW, (READY, host))) == [said]


def test_the_baseline_is_frozen_by_one_digest_of_all_reports() -> None:
    facts = Facts(NOW, (READY, replace(READY, name="app-2")))
    assert judged(BASELINE, facts).holds == f"2 hosts conform in 14 resources, frozen as {frozen(facts)[:12]}"
    drifted = Facts(NOW, (READY, replace(READY, name="app-2", conformance="other")))
    assert frozen(drifted) != frozen(facts)


@pytest.mark.parametrize(
    ("stands", "said"),
    [
        ("pending", "app-1: its baseline is not there yet"),
        ("failed", "app-1: its baseline is failed: nginx"),
        ("stale", "app-1: its baseline is stale: nginx"),
    ],
)
def test_a_baseline_that_is_not_ready(stands: str, said: str) -> None:
    note = "" if stands == "pending" else "nginx"
    assert why(BASELINE, Facts(NOW, (replace(READY, baseline=stands, note=note),))) == [said]


def test_a_host_of_the_existing_system_needs_no_baseline() -> None:
    assert why(BASELINE, Facts(NOW, (replace(READY, baseline=""),))) == []


def test_testing_is_complete() -> None:
    assert judged(TESTS, Facts(NOW, results=(GREEN,))).holds == "1 test of 2.1 passed, 0 skipped (api.xml)"


def one_test(name: str, outcome: str) -> Case:
    return Case(f"tests.api.{name}", outcome)


@pytest.mark.parametrize(
    ("results", "said"),
    [
        (replace(GREEN, version="2.0"), "api.xml: the results are of version 2.0, 2.1 will be installed"),
        (
            replace(GREEN, version=""),
            "api.xml: the results do not say which version was tested, 2.1 will be installed",
        ),
        (replace(GREEN, at=NOW - timedelta(days=9)), "api.xml: the results are 9 days old, at most 7 allowed"),
        (replace(GREEN, at=None), "api.xml: the results do not say when they were made"),
        (
            replace(GREEN, at=NOW + timedelta(days=1)),
            "api.xml: the results are of 2026-06-02T03:00:00+00:00, which is still to come",
        ),
        (
            replace(GREEN, artifacts={"api": "d0"}),
            "api.xml: api was tested with the artifact d0, d1 will be installed",
        ),
        (replace(GREEN, artifacts={}), "api.xml: the results do not say which artifact of api was tested"),
        (
            replace(GREEN, cases=(PASSED, one_test("x", "failed"), one_test("y", "error"))),
            "api.xml: 2 of 3 tests failed: tests.api.x, tests.api.y",
        ),
        (
            replace(GREEN, cases=(Case("tests.db.z", "passed"),)),
            "api: no test is about the component api (tests.api.*)",
        ),
        (
            replace(GREEN, cases=(one_test("x", "skipped"),)),
            "api: tests of the component api were skipped: tests.api.x",
        ),
    ],
)
def test_testing_that_is_not_complete(results: Results, said: str) -> None:
    assert why(TESTS, Facts(NOW, results=(results,))) == [said]


def test_no_results_at_all_are_told_as_such() -> None:
    missing = Facts(NOW, unread={"*.xml": "there is no such file"})
    assert why(TESTS, missing)[0] == "*.xml: there is no such file"


def test_a_scenario_must_not_be_skipped_even_in_part() -> None:
    wanted = {**TESTS, "scenarios": {"restore": "tests.api.restore*"}}
    cases = (PASSED, one_test("restore_full", "passed"), one_test("restore_point", "skipped"))
    assert why(wanted, Facts(NOW, results=(replace(GREEN, cases=cases),))) == [
        "restore: tests of the scenario restore were skipped: tests.api.restore_point"
    ]


def test_a_component_is_told_by_its_property_where_the_plan_has_no_pattern() -> None:
    wanted = {**TESTS, "components": {"api": ""}}
    assert why(wanted, Facts(NOW, results=(replace(GREEN, cases=(Case("t", "passed", "api"),)),))) == []


def test_defects_within_their_limits() -> None:
    register = (Defect("1", "Major", "open"), Defect("2", "critical", "Closed"))
    assert judged(DEFECTS, Facts(NOW, defects=register)).holds == (
        "open defects: 0 critical (at most 0), 1 major (at most 1)"
    )


@pytest.mark.parametrize(
    ("register", "said"),
    [
        ((Defect("7", "critical", "new"),), "critical: 1 open of priority critical, at most 0 allowed: 7"),
        (
            (Defect("8", "blocker", "open"),),
            "blocker: 1 open of priority blocker, for which at_most sets no limit: 8",
        ),
    ],
)
def test_defects_beyond_them(register: tuple[Defect, ...], said: str) -> None:
    assert why(DEFECTS, Facts(NOW, defects=register)) == [said]


def test_a_waiver_of_defects_covers_these_and_no_others() -> None:
    one = judged(DEFECTS, Facts(NOW, defects=(Defect("7", "critical", "new"),)))
    other = judged(DEFECTS, Facts(NOW, defects=(Defect("9", "critical", "new"),)))
    assert one.digest != other.digest


FILE: dict[str, Any] = {
    "kind": "file",
    "id": "drill",
    "path": "",
    "file": "drill.md",
    "within": 86400.0,
    "said": "drilled",
}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (Facts(NOW, files={"drill.md": FileFacts("abc", 9, NOW)}), []),
        (Facts(NOW, unread={"drill.md": "no such file or directory"}), ["drill.md: no such file or directory"]),
        (
            Facts(NOW, files={"drill.md": FileFacts("abc", 9, NOW - timedelta(days=3))}),
            ["drill.md is 3 d old, at most 1 d allowed"],
        ),
        (Facts(NOW, files={"drill.md": FileFacts("abc", 0, NOW)}), ["drill.md is empty"]),
    ],
)
def test_a_file_of_evidence(facts: Facts, said: list[str]) -> None:
    assert why(FILE, facts) == said


def test_a_check_that_no_host_was_asked_does_not_hold() -> None:
    check: dict[str, Any] = {"kind": "check", "id": "door", "path": "", "said": "the door answers"}
    assert why(check, Facts(NOW)) == ["it was not looked at: no host was asked"]
    assert why(check, Facts(NOW, checks={"door": (CheckFacts("edge", False, "503"),)})) == ["edge: does not hold: 503"]
    assert judged(check, Facts(NOW, checks={"door": (CheckFacts("edge", True),)})).holds == "holds on edge"


@pytest.mark.parametrize(
    ("signed", "said"),
    [
        ({}, ["nobody was asked yet"]),
        ({"s": Signed("waiting")}, ["it waits for an answer"]),
        ({"s": Signed("refused", ("ann",), "ann: not all")}, ["it is refused: ann: not all"]),
        ({"s": Signed("done", ("ann",))}, []),
    ],
)
def test_an_attestation(signed: dict[str, Signed], said: list[str]) -> None:
    attest: dict[str, Any] = {"kind": "attest", "id": "told", "path": "", "said": "told?", "step": "s", "role": "lead"}
    assert why(attest, Facts(NOW, signed=signed)) == said


DRIFT: dict[str, Any] = {"kind": "drift", "id": "drift", "path": "roles"}


def test_drift_is_told_and_closes_no_gate() -> None:
    still = Facts(NOW, (READY,), drift={"app-1": ()})
    assert judged(DRIFT, still).holds == "1 host as the baseline left them"
    assert judged(DRIFT, Facts(NOW, (READY,))).holds == "no baseline to compare with"
    gone = replace(still, drift={"app-1": ("login eve: absent → /bin/sh, 1 keys",)}, unseen={"app-2": "it is off"})
    assert why(DRIFT, gone) == [
        "app-2: its drift is not known: it is off",
        "app-1: has changed since its baseline: login eve: absent → /bin/sh, 1 keys",
    ]
    assert not judged(DRIFT, gone).refuses
