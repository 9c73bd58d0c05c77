"""What happens to the plan if a person drops out: flags, steps that stand still, duties that are open."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from golive.cli.main import app
from golive.flags.without import duties, stranded, without

from .test_cases import SOUND, facts_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(SOUND, tmp_path / "plan")


def signers(folder: Path) -> list[str]:
    facts = facts_of(folder)
    decisions = [step for step in facts.graph.steps if step.do.kind in ("decision", "person")]
    people = facts.plan.people
    only: list[str] = []
    for step in decisions:
        able = [name for name, of in people.items() if of.acts(str(step.do.inputs["role"]), step.site or "") and of.key]
        only += able if len(able) == 1 else []
    return only


def test_who_is_one_of_two_strands_nothing(folder: Path):
    facts = facts_of(folder)
    for person in facts.plan.people:
        alone = signers(folder).count(person)
        assert len(stranded(facts, person)) == alone


def test_the_last_who_can_sign_strands_all_that_waits(tmp_path: Path):
    plan = tmp_path / "plan"
    plan.mkdir()
    (plan / "key.pub").write_text(
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFrO6rLh0m6xGQmzm5kXqjCwvD3mDZ5wq8t0m2i6bq8B x\n"
    )
    (plan / "golive.yaml").write_text(PLAN)
    facts = facts_of(plan)
    (one,) = stranded(facts, "claire")
    assert (one.step.id, one.role) == ("lyon/deploy/board", "operator")
    waiting = {step.id for step in facts.graph.steps if step.stage in ("deploy", "cutover", "handover")} - {one.step.id}
    assert one.behind == len(waiting) > 1
    assert duties(facts, "claire") == (("represents lyon", "sites.lyon.contact"),)
    assert stranded(facts, "ada") == ()
    told = CliRunner().invoke(app, ["flags", "-p", str(plan), "--without", "claire"]).output
    where = f"{plan}/golive.yaml"
    assert f"{where}:12: lyon/deploy/board stands still: nobody else has the role operator and a key" in told
    assert "claire represents lyon: somebody else must" in told
    assert told.endswith("1 step stands still, 1 duty is open\n")


def test_a_skill_that_one_person_alone_has_is_flagged_without_them(folder: Path):
    facts = facts_of(folder)
    ben = {finding.said for one in without(facts, "ben") for finding in one.assessment.findings}
    assert any("haproxy" in said for said in ben)


PLAN = """golive: 1
solution: {name: notes, version: "2.1"}
roles: {web: {}}
components: {pages: {on: web, install: [{directory: /srv/notes}]}, more: {on: web, needs: [pages]}}
people:
  ada: {name: Ada, roles: [lead]}
  claire: {name: Claire, roles: [operator], key: key.pub}
sites:
  lyon:
    contact: claire
    hosts: {web-1: {address: 192.0.2.10, role: web}}
approvals: [{name: board, at: before deploy, role: operator, question: Go?}]
"""
