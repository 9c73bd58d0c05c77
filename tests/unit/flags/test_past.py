"""Earlier runs as evidence and as history; silence of a large plan; a person who drops out."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from golive.flags.all import FLAGS, GATES, YELLOW
from golive.flags.facts import Facts
from golive.flags.flag import judge
from golive.flags.past import shown, tried
from golive.flags.scenarios import cells, essentials, matrix
from golive.flags.told import as_json, standings
from golive.flags.without import without
from golive.gates.rule import Waiver
from golive.journal.events import (
    AttemptAllocated,
    AttemptEnded,
    AttemptStarted,
    BackOutEnded,
    BackOutStarted,
    Do,
    Event,
    Outcome,
    RunStarted,
)
from golive.reconcile.fold import fold

from .test_cases import NOW, SOUND, edit, facts_of


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    return facts_of(shutil.copytree(SOUND, tmp_path / "plan"))


def attempt(facts: Facts, number: int, step: str, outcome: Outcome, seconds: float, note: str = "", do: Do = Do.DO):
    digest = facts.graph.by_id[step].digest
    yield AttemptAllocated(number, step, do, 1, digest, 1, facts.graph.by_id[step].lane)
    yield AttemptStarted(number)
    yield AttemptEnded(number, outcome, note, seconds=seconds)


def begun(facts: Facts) -> Event:
    return RunStarted("notes-1", "p", facts.graph.digest, "cleo", "laptop", "0.1.0")


STEP = "lyon/deploy/pages@app-1"


def test_failures_and_overruns_of_a_run_are_told_with_cause_and_line(facts: Facts):
    events: list[Event] = [begun(facts)]
    events += attempt(facts, 1, STEP, Outcome.FAILED, 20, "the disk is full")
    events += attempt(facts, 2, STEP, Outcome.DONE, 200)
    events += attempt(facts, 3, "lyon/deploy/pages@app-2", Outcome.DONE, 220)
    past = tuple(tried("notes-1", facts.graph, fold(events)))
    assert [(one.kind, one.failed, one.took) for one in past] == [
        ("deploy/pages", True, 20),
        ("deploy/pages", False, 200),
        ("deploy/pages", False, 220),
    ]
    flag = next(flag for flag in YELLOW if flag.id == "past-issues")
    (judged,) = judge([flag], replace(facts, past=past))
    said = [finding.said for finding in judged.assessment.findings]
    assert said[0] == (
        "the step deploy/pages failed 1 of 3 times before; the last time (notes-1, attempt 1): the disk is full; "
        "remedy: it was done when it was tried again (not done)"
    )
    assert said[1].startswith("the step deploy/pages is planned with 1 min, and took 3 min 30 s on the average")
    assert {finding.at.rpartition(":")[0].rpartition("/")[2] for finding in judged.assessment.findings} == {
        "golive.yaml"
    }


def whole_site(facts: Facts, site: str) -> Iterator[Event]:
    steps = [step.id for step in facts.graph.steps if step.site == site]
    for number, step in enumerate(steps, 1):
        yield from attempt(facts, number, step, Outcome.DONE, 1)


def test_a_run_that_went_through_shows_the_scenarios_of_its_profile(facts: Facts):
    state = fold([begun(facts), *whole_site(facts, "lyon")])
    runs = tuple(shown("notes-1", facts.graph, state))
    assert [(run.site, run.through, run.backed_out) for run in runs] == [("lyon", True, "")]
    bare = replace(facts, cases=(), runs=runs, loaded=without_trials(facts))
    held = {cell.scenario: cell.shown for cell in cells(bare, [*essentials(facts.plan), *matrix(facts.plan)])}
    assert held["pages/archive/online-team/upgrade/forward/none"] == "the run notes-1 at lyon"
    assert held["edge:pages->schema"] == "the run notes-1 at lyon"
    assert held["pages/archive/online-team/upgrade/back-out-cutover/none"] == ""
    assert held["back-out:cutover"] == ""


def without_trials(facts: Facts):
    evidence = facts.plan.evidence.model_copy(update={"trials": ()})
    return facts.loaded.model_copy(update={"plan": facts.plan.model_copy(update={"evidence": evidence})})


def test_a_clean_back_out_shows_the_back_out_and_one_with_residue_does_not(facts: Facts):
    step = "lyon/cutover/fence-haproxy@door"
    events: list[Event] = [begun(facts), *attempt(facts, 1, step, Outcome.DONE, 1), BackOutStarted("lyon", "a check")]
    events += attempt(facts, 2, step, Outcome.DONE, 1, do=Do.UNDO)
    clean = fold([*events, BackOutEnded("lyon")])
    assert [run.backed_out for run in shown("notes-1", facts.graph, clean)] == ["cutover"]
    assert not list(shown("notes-1", facts.graph, fold([*events, BackOutEnded("lyon", residue=(step,))])))


def test_a_run_of_another_version_shows_nothing(facts: Facts):
    runs = shown("notes-1", replace(facts.graph, version="2.0"), fold([begun(facts), *whole_site(facts, "lyon")]))
    bare = replace(facts, cases=(), runs=tuple(runs), loaded=without_trials(facts))
    assert not any(cell.shown for cell in cells(bare, matrix(facts.plan)))


def small(tmp_path: Path, thresholds: str = "") -> Facts:
    text = (
        'golive: 1\nsolution: {name: notes, version: "2.1"}\nroles: {web: {}}\ncomponents: {site: {on: web}}\n'
        f"sites: {{lyon: {{hosts: {{web-1: {{address: 192.0.2.10, role: web}}}}}}}}\n{thresholds}"
    )
    (tmp_path / "golive.yaml").write_text(text, encoding="utf-8")
    return facts_of(tmp_path)


def test_a_small_plan_has_no_flags(tmp_path: Path):
    held = standings(judge(FLAGS, small(tmp_path)), (), NOW)
    assert {one.verdict for one in held} == {"not judged", "go"}
    assert [one.flag.id for one in held if one.verdict == "go"] == ["schedule-sane"]


def test_from_a_size_on_silence_is_yellow_and_never_a_no_go(tmp_path: Path):
    held = standings(judge(FLAGS, small(tmp_path, "flags: {expect_from: 1}\n")), (), NOW)
    assert {one.verdict for one in held} == {"yellow", "go"}
    (load,) = [one for one in held if one.flag.id == "load-headroom"]
    assert load.findings[0].said == "the plan says nothing about it, and the rollout has 1 site"
    assert load.findings[0].hint == "add evidence: load:"


def test_a_waiver_covers_what_was_found_and_nothing_else(tmp_path: Path):
    folder = shutil.copytree(SOUND, tmp_path / "plan")
    edit(folder, {"from": "size: 3 GB", "to": "size: 0"})
    judged = judge(GATES, facts_of(folder))
    (refused,) = [one for one in judged if one.assessment.refuses]
    waiver = Waiver(
        "lyon/deploy/gate", refused.flag.id, refused.assessment.digest, "claire", "known", "2026-12-31T00:00Z"
    )
    assert verdict(judged, waiver) == "waived"
    assert verdict(judged, replace(waiver, expires="2026-11-01T00:00Z")) == "no-go"
    edit(folder, {"from": 'tool: "17.2"', "to": 'tool: "15.2"'})
    assert verdict(judge(GATES, facts_of(folder)), waiver) == "no-go"


def verdict(judged: object, waiver: Waiver) -> str:
    held = standings(judged, (waiver,), NOW)  # pyright: ignore[reportArgumentType]
    return next(one.verdict for one in held if one.flag.id == waiver.rule)


def test_what_hangs_on_one_person(facts: Facts):
    held = {one.flag.id: [finding.said for finding in one.assessment.findings] for one in without(facts, "ada")}
    assert held["back-out-executable"] == ["ada, who decides, is not in people"]
    assert "only ben has the critical skill postgresql at lyon and osaka: there is no backup" in held["skills-floor"]
    assert "only cleo has the skill linux at lyon and osaka" in held["skills-gone"]
    assert held["scenario-coverage"] == ["back-out:deploy is deferred by nobody who is in people"]
    assert [one.flag.id for one in without(facts, "kenji")] == ["skills-gone"], "claire alone can sign then"


def test_evidence_lasts_until_the_first_of_it_is_too_old(facts: Facts):
    days = {one.flag.id: one.expires for one in judge(GATES, facts)}
    assert days["restore-proven"] == date(2027, 1, 13)
    (restore,) = [flag for flag in GATES if flag.id == "restore-proven"]
    late = NOW.replace(year=2027, month=1, day=14)
    (judged,) = judge([restore], replace(facts, now=late))
    assert "nightly was last restored on 2026-10-15, more than 90 d ago" in [f.said for f in judged.assessment.findings]


def test_json_says_what_the_text_says(facts: Facts):
    for one in standings(judge(FLAGS, facts), (), NOW):
        told = as_json(one)
        assert {"id", "explanation", "evidence", "severity", "owner", "verdict", "expires", "waiver"} <= told.keys()
        assert told["verdict"] == "go" and told["holds"]
