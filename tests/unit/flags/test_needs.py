"""The key resource requirements: sums, weeks, and what is short by how much."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from golive.flags.facts import Facts
from golive.flags.needs import NO_SKILL, requirements

from .test_cases import SOUND, edit, facts_of

MORE = """\
licences:
  notes-server: {held: 2, role: app}
standards:
"""


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    folder = shutil.copytree(SOUND, tmp_path / "plan")
    edit(folder, {"from": "standards:\n", "to": MORE})
    edit(folder, {"from": "skills: [postgresql, haproxy]", "to": "skills: [postgresql], hours: [Mon-Fri 09:00-17:00]"})
    edit(folder, {"from": "skills: [postgresql, linux]", "to": "skills: [linux]"})
    edit(folder, {"from": "    servers: {app: 2}", "to": "    link: {megabits: 0.001, hours: 6 h}"})
    return facts_of(folder)


def test_hours_are_those_of_the_graph(facts: Facts):
    found = requirements(facts)
    without_skill = sum(one.hours for one in found.hours if one.skill == NO_SKILL)
    with_one_each = sum(one.hours for one in found.hours if one.skill != NO_SKILL)
    planned = sum(step.planned for step in facts.graph.steps) / 3600
    assert without_skill + with_one_each == pytest.approx(planned), "no part of this plan needs two skills"
    # It is prepared as soon as the wave before it is done; its cutover waits for its date.
    assert {one.week for one in found.hours if one.site == "osaka"} == {"2026-W49", "2027-W02"}


def test_a_week_of_work_is_what_is_there(facts: Facts):
    (one,) = [need for need in requirements(facts).skills if need.what == "postgresql"]
    assert (one.where, one.when, one.available) == ("ben", "2026-W49", pytest.approx(40.0))
    assert one.short == 0.0


def test_hours_that_are_not_known_are_not_short(facts: Facts):
    assert {need.available for need in requirements(facts).skills if need.what == "haproxy"} == {None}


def test_a_person_with_too_few_hours_is_short(tmp_path: Path):
    folder = shutil.copytree(SOUND, tmp_path / "plan")
    edit(folder, {"from": "planned: 30 min", "to": "planned: 40 h"})
    edit(folder, {"from": "[postgresql, haproxy]", "to": "[haproxy], hours: [Mon-Fri 09:00-17:00]"})
    edit(folder, {"from": "[haproxy, linux]", "to": "[linux]"})
    short = [one for one in requirements(facts_of(folder)).short if one.what == "haproxy"]
    assert [(one.where, one.when) for one in short] == [("ben", "2026-W49"), ("ben", "2027-W02")]
    assert short[0].short == pytest.approx(short[0].needed - 40)


def test_licences_are_counted_by_host(facts: Facts):
    (one,) = requirements(facts).licences
    assert (one.needed, one.available, one.short) == (3, 2, 1)


def test_a_line_carries_a_copy_for_each_host(facts: Facts):
    size = facts.loaded.artifacts["pages"][0].size
    volume = {one.where: one.needed for one in requirements(facts).links if one.unit == "MB"}
    assert volume["lyon"] == pytest.approx(2 * size / 1e6)
    (hours,) = [one for one in requirements(facts).links if one.unit == "h"]
    assert hours.needed == pytest.approx(2 * size * 8 / 1000 / 3600)
    live = facts.go_live("lyon")
    assert live is not None
    assert hours.available == pytest.approx((live - facts.now).total_seconds() / 3600 / 4)


def test_disk_beside_what_the_survey_found(facts: Facts):
    seen = replace(facts, surveyed={"lyon/app-1": {"disk": "50"}})
    (one,) = [need for need in requirements(seen).hosts if need.where == "lyon/app-1"]
    assert one.available == pytest.approx(50 * 0.8 / 2**20)
    assert one.short == pytest.approx((2 * facts.loaded.artifacts["pages"][0].size - 40) / 2**20)


def test_the_peak_is_one_of_the_schedule(facts: Facts):
    peak = requirements(facts).peak
    assert 1 <= peak.steps <= sum(len(site.hosts) for site in facts.plan.sites.values())
    assert peak.skills["linux"] == 3
