"""Findings, waivers and how a gate stands by them."""

from dataclasses import replace
from datetime import UTC, datetime

from golive.gates.rule import Assessment, Finding, Rule, Severity, Waiver, as_json, assess, judge

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
GATE = "lyon/deploy/gate"
BAD = Finding("3 tests failed", "api.xml", facts={"failed": ["a", "b", "c"]})


def assessed(*findings: Finding) -> Assessment:
    [one] = assess([Rule[None]("tests", "tests pass", lambda _: findings, lambda _: "all passed")], None)
    return one


def waiver(of: Assessment, **changed: str) -> Waiver:
    made = Waiver(GATE, of.rule, of.digest, "ada", "the three are about printing", "2026-06-02T00:00:00+00:00")
    return replace(made, **changed)


def test_nothing_found_is_a_go_and_says_why():
    verdict = judge(GATE, [assessed()], [], NOW)
    assert verdict.go
    assert verdict.standings[0].assessment.holds == "all passed"


def test_a_no_go_closes_the_gate_and_a_warning_does_not():
    assert not judge(GATE, [assessed(BAD)], [], NOW).go
    assert judge(GATE, [assessed(replace(BAD, severity=Severity.WARNING))], [], NOW).go


def test_a_waiver_opens_the_gate_for_what_was_found_then():
    found = assessed(BAD)
    assert judge(GATE, [found], [waiver(found)], NOW).go


def test_a_waiver_lapses_when_the_facts_change_and_says_so():
    held = waiver(assessed(BAD))
    more = assessed(replace(BAD, facts={"failed": ["a", "b", "c", "d"]}))
    verdict = judge(GATE, [more], [held], NOW)
    assert not verdict.go
    assert verdict.against[0].lapsed == "the waiver of ada is for what was found then, and that has changed"


def test_a_waiver_does_not_lapse_when_only_the_words_change():
    held = waiver(assessed(BAD))
    assert judge(GATE, [assessed(replace(BAD, said="three tests failed, 4 days ago"))], [held], NOW).go


def test_a_waiver_expires():
    found = assessed(BAD)
    verdict = judge(GATE, [found], [waiver(found, expires=NOW.isoformat())], NOW)
    assert not verdict.go
    assert verdict.against[0].lapsed == f"the waiver of ada expired at {NOW.isoformat()}"


def test_a_waiver_is_for_one_gate_and_one_rule():
    found = assessed(BAD)
    others = [waiver(found, step="oslo/deploy/gate"), waiver(found, rule="defects")]
    assert not judge(GATE, [found], others, NOW).go


def test_a_later_waiver_counts_although_an_earlier_one_lapsed():
    found = assessed(BAD)
    assert judge(GATE, [found], [waiver(found, covers="0"), waiver(found)], NOW).go


def test_the_verdict_as_json_names_what_a_waiver_would_cover():
    found = assessed(BAD)
    [row] = as_json(judge(GATE, [found], [], NOW))
    assert (row["go"], row["covers"], row["findings"][0]["said"]) == (False, found.digest, "3 tests failed")
