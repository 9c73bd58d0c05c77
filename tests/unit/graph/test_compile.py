"""One plan, one graph: the same bytes each time, ids that are unique, needs that end, digests that say what changed."""

import json
import subprocess
import sys
from dataclasses import replace
from graphlib import TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

from golive.digest import canonical
from golive.graph.graph import Graph, from_json, ordered, to_json, to_store
from golive.graph.render import RenderError
from golive.graph.step import Action, Stage, Step

from .plans import TWO_SITES, changed, compiled


@pytest.fixture(scope="module")
def graph() -> Graph:
    return compiled()


def test_the_same_plan_gives_the_same_bytes(graph: Graph):
    bare, again = to_json(graph), to_json(compiled())
    for data in (bare, again):
        for step in data["steps"]:
            step["source"] = step["source"].rpartition("/")[2]
    assert canonical(bare) == canonical(again)


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_the_order_of_hashes_does_not_matter(graph: Graph, seed: str):
    root = Path(__file__).parents[3]
    code = "from tests.unit.graph.plans import compiled; print(compiled().digest)"
    environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == graph.digest


def test_every_step_stands_behind_what_it_needs(graph: Graph):
    seen: set[str] = set()
    for step in graph.steps:
        assert step.id not in seen
        assert set(step.needs) <= seen
        seen.add(step.id)
    assert len(list(TopologicalSorter({step.id: step.needs for step in graph.steps}).static_order())) == len(seen)


def test_the_stages_of_a_site_come_in_order(graph: Graph):
    for site in graph.sites:
        stages = [step.stage.order for step in graph.steps if step.site == site]
        assert stages == sorted(stages)
        assert set(stages) == {stage.order for stage in Stage if stage is not Stage.DEFINE}


def behind(graph: Graph, step: str) -> set[str]:
    found: set[str] = set()
    waiting = [step]
    while waiting:
        for need in graph.by_id[waiting.pop()].needs:
            if need not in found:
                found.add(need)
                waiting.append(need)
    return found


def test_a_wave_waits_for_the_one_before_but_its_baseline_does_not(graph: Graph):
    assert "lyon/handover/sign-off" in behind(graph, "osaka/deploy/schema@db-1")
    assert not any(need.startswith("lyon/") for need in behind(graph, "osaka/baseline/converge@app-1"))


def test_the_cutover_comes_in_its_order(graph: Graph):
    names = [
        "fence-haproxy@door-1", "fence-postgresql@old-1", "copy-postgresql-dump@db-1", "compare-postgresql-dump@db-1",
        "migrate@app-1", "application-check@app-2", "switch-haproxy@door-1", "verify-1@door-1",
        "release-haproxy@door-1",
    ]  # fmt: skip
    for before, after in pairwise(names):
        assert f"lyon/cutover/{before}" in behind(graph, f"lyon/cutover/{after}")
    assert [step.id for step in graph.steps if step.no_return and step.site == "lyon"] == [f"lyon/cutover/{names[-1]}"]


def test_a_rolling_component_goes_host_by_host(graph: Graph):
    assert "lyon/deploy/application-check@app-1" in behind(graph, "lyon/deploy/application@app-2")
    assert "lyon/deploy/pages@app-1" not in behind(graph, "lyon/deploy/pages@app-2")


def test_no_secret_is_in_the_graph_but_its_name_is(graph: Graph):
    step = graph.by_id["lyon/deploy/application@app-1"]
    assert step.do.inputs["secrets"] == ["database_password"]
    assert "${GOLIVE_SECRET_database_password}" in step.do.inputs["script"]


def test_json_and_back(graph: Graph):
    for written in (to_json(graph), to_store(graph)):
        again = from_json(json.loads(json.dumps(written)))
        assert canonical(to_json(again)) == canonical(to_json(graph))
    assert again.digest == graph.digest
    assert again.digests == graph.digests


SAME = [
    (("title: Lyon, head office", "title: Lyon"),),
    (("planned: 90 s", "planned: 9 min"),),
    (("purpose: Runs the application behind the front door.", "purpose: Runs."),),
    (("# What is taken live.", "# What\n\n\n# is taken live."),),
]


def test_what_twins_do_is_stored_and_held_once():
    do = Action("script", {"script": "long"})
    whole = Graph("s", "1", tuple(replace(step(f"a/baseline/converge@{name}"), do=do) for name in ("one", "two")))
    again = from_json(json.loads(canonical(to_store(whole))))
    assert again.steps[0].do is again.steps[1].do == Action("script", {"script": "long"})
    assert canonical(to_store(whole)).count("long") == 1


def test_where_only_operators_may_log_in_their_login_is_used(graph: Graph):
    changed_graph = compiled(changed(("may_log_in: [team, operators]", "may_log_in: [operators]")))
    logins = {step.place.login for step in changed_graph.steps if step.place and step.site == "lyon"}
    assert logins == {"operators"}
    assert "lyon/handover/team-key-off@app-1" in graph.by_id
    assert "lyon/handover/team-key-off@app-1" not in changed_graph.by_id


@pytest.mark.parametrize("edits", SAME, ids=[edits[0][0] for edits in SAME])
def test_words_do_not_change_a_digest(graph: Graph, edits: tuple[tuple[str, str], ...]):
    assert compiled(changed(*edits)).digests == graph.digests


LYON_ONLY = ["vars: {workers: 8}", "address: 192.0.2.12", "user: deploy", "port: 2222"]


@pytest.mark.parametrize("old", LYON_ONLY)
def test_a_change_at_one_site_leaves_the_other_alone(graph: Graph, old: str):
    other = compiled(changed((old, f"{old[:-1]}7" if old[-1] != "}" else "vars: {workers: 16}")))
    assert other.digests["lyon"] != graph.digests["lyon"]
    assert other.digests["osaka"] == graph.digests["osaka"]
    assert other.digests["-"] == graph.digests["-"]
    assert other.digest != graph.digest


def test_a_change_of_one_stage_leaves_the_others_alone(graph: Graph):
    other = compiled(changed(("proof: systemctl is-active notes", "proof: systemctl is-active -q notes")))
    differ = {scope for scope in graph.digests if other.digests[scope] != graph.digests[scope]}
    assert differ == {"", "lyon", "osaka", "lyon/handover", "osaka/handover"}


def test_an_artifact_changes_what_delivers_and_installs_it(graph: Graph, monkeypatch: pytest.MonkeyPatch):
    from ..plan.test_reference import HELPERS

    monkeypatch.setitem(HELPERS, "dist/pages-2.1.tar.zst", b"another archive")
    other = compiled()
    differ = {step.id for step in graph.steps if step.digest != other.by_id[step.id].digest}
    assert {name.partition("/")[2].partition("@")[0] for name in differ} == {
        "gather-pages",
        "deploy/deliver-pages",
        "deploy/pages",
    }


PLACES = [
    (("workers = {{ vars.workers }}", "workers = {{ vars.wokers }}"), "components.application.install[0]", "wokers"),
    (("command: systemctl restart notes", "command: restart {{ nothing }}"), "handover.procedures[0]", "nothing"),
    (("http: http://{host}:8000/health", "http: http://{{ hots }}:8000/"), "components.application.check", "hots"),
    (("command: /opt/notes/bin/notes migrate", "command: '{{ x.y }}' #"), "cutover.then[0]", "x"),
    (
        ("package: python3-venv", "command: echo {{ a\n        unless: 'true' #"),
        "roles.app.baseline[0]",
        "end of print statement",
    ),
]


@pytest.mark.parametrize(("edit", "place", "name"), PLACES, ids=[place for _, place, _ in PLACES])
def test_a_name_that_is_not_known_is_told_with_its_place(edit: tuple[str, str], place: str, name: str):
    text = changed(edit)
    if "baseline" in place:
        text = text.replace("        version: 3.13.5-1", "        #")
    with pytest.raises(RenderError) as error:
        compiled(text)
    said = str(error.value)
    assert said.startswith(f"{place}")
    assert name in said
    assert " for lyon/" in said and "names that are known" in error.value.hint


def test_a_template_is_named_with_its_line(monkeypatch: pytest.MonkeyPatch):
    from ..plan.test_reference import HELPERS

    monkeypatch.setitem(HELPERS, "templates/notes.service.j2", "[Service]\n{% if %}\n")
    with pytest.raises(
        RenderError, match=r"components.application.install\[1\] \(templates/notes.service.j2\): .* line 2"
    ):
        compiled()


def test_every_step_says_where_the_plan_asks_for_it(graph: Graph):
    assert [step.id for step in graph.steps if not step.source.rpartition(":")[2].isdigit()] == []


def step(name: str, *needs: str) -> Step:
    return Step(id=name, stage=Stage.DEPLOY, title=name, do=Action("script"), needs=needs)


def test_steps_are_put_in_order():
    made = ordered([step("c", "b"), step("a"), step("b", "a")])
    assert [item.id for item in made] == ["a", "b", "c"]
    assert [item.id for item in ordered([step("b"), step("a")])] == ["b", "a"]
    assert len(ordered([step("s0"), *(step(f"s{n}", f"s{n - 1}") for n in range(1, 5000))][::-1])) == 5000


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([step("a"), step("a")], "two steps are called a"),
        ([step("a", "b")], "a needs b, which is no step"),
        ([step("a", "a")], "a needs itself, by way of a"),
        ([step("a", "b"), step("b", "c"), step("c", "a")], "a needs itself, by way of c"),
    ],
)
def test_what_cannot_be_put_in_order_is_refused(steps: list[Step], says: str):
    with pytest.raises(ValueError, match=says):
        ordered(steps)


def test_the_plan_of_the_tests_is_what_it_says():
    assert TWO_SITES.count("osaka") == 2


@pytest.mark.parametrize(("text", "code"), [("\\0", "0000"), ("\\ud800", "D800"), ("\\ue000", "E000")])
def test_what_no_script_can_carry_is_refused_also_when_an_expression_makes_it(text: str, code: str):
    edit = ("database = postgresql", f"{{{{ '{text}' }}}} = postgresql")
    with pytest.raises(RenderError, match=f"install.*: filled in, it holds U[+]{code}, which no script can carry"):
        compiled(changed(edit))
