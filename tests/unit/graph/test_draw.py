"""The graph as text and as a picture."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from golive.calendar.times import Times
from golive.calendar.timing import Timing
from golive.graph.draw import svg, text
from golive.graph.forecast import Forecast
from golive.graph.graph import Graph
from golive.graph.mermaid import mermaid
from golive.graph.order import direct
from golive.graph.step import Action, Place, Stage, Step
from golive.graph.words import span

HOSTILE = "lyon/deploy/<script>&\"'x\x01@web-1"


def step(name: str, *needs: str, stage: Stage = Stage.DEPLOY, host: str | None = "web-1", **more: object) -> Step:
    site = name.partition("/")[0]
    place = Place("192.0.2.10") if host else None
    fields = {"site": None if site == "define" else site, "host": host, "needs": needs, "place": place, **more}
    return Step(name, stage, f"title of {name}", Action("script"), **fields)  # type: ignore[arg-type]


@pytest.fixture
def graph() -> Graph:
    steps = (
        step("define/guide", stage=Stage.DEFINE, host=None, planned=2),
        step("lyon/deploy/site@web-1", "define/guide", planned=150),
        step(HOSTILE, "lyon/deploy/site@web-1"),
        step("lyon/cutover/release@web-1", HOSTILE, stage=Stage.CUTOVER, no_return=True),
        step("lyon/handover/sign-off", "lyon/cutover/release@web-1", stage=Stage.HANDOVER, host=None),
        step("osaka/deploy/site@web-1", "lyon/handover/sign-off"),
    )
    return Graph("notes", "2.1", steps)


def titles(picture: str) -> list[str]:
    root = ElementTree.fromstring(picture)
    return [node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}title")]


def test_text_shows_every_step_with_its_place_and_times(graph: Graph):
    said = text(graph, graph.steps, {"define/guide": "done", "lyon/deploy/site@web-1": "failed"})
    for item in graph.steps:
        assert item.id in said
    failed = next(line for line in said.splitlines() if "lyon/deploy/site@web-1  " in line)
    assert failed.split()[:4] == ["✗", "*", "lyon/deploy/site@web-1", "web-1"]
    assert "2 min 30 s" in failed and "+2 s" in failed and "[failed]" in failed and "after define/guide" in failed
    assert "[point of no return]" in next(line for line in said.splitlines() if "release@web-1 " in line)


def test_text_groups_by_site_and_stage(graph: Graph):
    lines = [line for line in text(graph, graph.steps, {}).splitlines() if line and not line.startswith("    ")]
    assert [line.split(":")[0].strip() for line in lines[:-1]] == [
        "controller", "define", "lyon", "deploy", "cutover", "handover", "osaka", "deploy"
    ]  # fmt: skip


def test_a_part_of_the_graph_is_enough(graph: Graph):
    part = graph.steps[2:4]
    assert "osaka" not in text(graph, part, {})
    assert len(titles(svg(graph, part, {}))) == 1 + len(part)


def test_nothing_is_a_picture_too(graph: Graph):
    assert len(titles(svg(graph, (), {}))) == 1
    assert text(graph, (), {})


def test_svg_is_xml_and_shows_every_step(graph: Graph):
    shown = titles(svg(graph, graph.steps, {}))
    for item in graph.steps:
        assert any(title.startswith(item.id.replace("\x01", "\ufffd")) for title in shown)


def test_svg_escapes_and_holds_no_script(graph: Graph):
    picture = svg(graph, graph.steps, {})
    assert "<script" not in picture
    assert "&lt;script&gt;" in picture
    assert "\x01" not in picture


def test_svg_tells_status_critical_path_and_point_of_no_return(graph: Graph):
    picture = svg(graph, graph.steps, {"lyon/deploy/site@web-1": "failed"})
    assert "(failed; critical path)" in picture
    assert ">point of no return</text>" in picture
    assert "✗" in picture


def test_mermaid_tells_needs_status_critical_path_and_point_of_no_return(graph: Graph):
    told = mermaid(graph, graph.steps, {"lyon/deploy/site@web-1": "failed"}).splitlines()
    assert told[:5] == ["---", 'title: "notes 2.1, expected to end at T + 3 min 12 s"', "---", "flowchart TB", '  subgraph g0["controller: define"]']  # fmt: skip
    assert '    s1["site@web-1<br/>2 min 30 s"]' in told and "  s1 ==> s2" in told
    assert '    s2["#60;script#62;#38;#34;\'x @web-1<br/>10 s"]' in told
    assert any("⚠ point of no return" in line for line in told)
    assert "  class s1 is-failed" in told and "  classDef is-failed fill:#fbdedb" in told
    assert "  class s0,s1,s2,s3,s4,s5 critical" in told


def test_mermaid_of_a_part_has_only_its_arrows(graph: Graph):
    told = mermaid(graph, graph.steps[2:4], {})
    assert told.count("==>") + told.count("-->") == 1


def test_a_need_that_another_implies_is_no_arrow():
    one, two = step("a/deploy/one@h"), step("a/deploy/two@h", "a/deploy/one@h")
    three = step("a/deploy/three@h", two.id, one.id)
    assert direct([one, two, three]) == {one.id: (), two.id: (one.id,), three.id: (two.id,)}


def test_with_dates_and_windows_the_end_is_known_before_the_start():
    night = Times("Europe/Paris", "2026-12-05T22:00", 3600.0, rule="FREQ=DAILY", name="nights", scopes=("cutover",))
    timing = Timing("Europe/Paris", (night,), planned=(("baseline", "2026-12-01T08:00"),), back_out=3000.0)
    steps = (
        step("lyon/baseline/all@h", stage=Stage.BASELINE, planned=3600),
        step("lyon/cutover/fence@h", "lyon/baseline/all@h", stage=Stage.CUTOVER, planned=300),
        step("lyon/cutover/move@h", "lyon/cutover/fence@h", stage=Stage.CUTOVER, planned=300, no_return=True),
        step("lyon/cutover/late@h", "lyon/cutover/move@h", stage=Stage.CUTOVER, planned=3600),
    )
    found = Forecast(Graph("notes", "2.1", steps, timings={"lyon": timing}))
    assert [found.at(found.times.start[one.id]) for one in steps] == [
        "Tue 2026-12-01 08:00 CET", "Sat 2026-12-05 22:00 CET", "Sat 2026-12-05 22:05 CET", "Sat 2026-12-05 22:10 CET"
    ]  # fmt: skip
    told = text(found.graph, steps, {})
    assert told.startswith("begins Tue 2026-12-01 08:00 CET at the latest, expected to end Sat 2026-12-05 23:10 CET\n")
    slow = replace(timing, back_out=3001.0)
    never = Forecast(Graph("notes", "2.1", steps, timings={"lyon": slow}))
    assert never.times.never == ("lyon/cutover/fence@h",)
    assert "nothing opens for lyon/cutover/fence@h" in text(never.graph, steps, {})


def test_svg_is_deterministic(graph: Graph):
    assert svg(graph, graph.steps, {}) == svg(graph, graph.steps, {})


def test_an_unknown_status_is_shown_as_something_to_look_at(graph: Graph):
    assert "! *" in text(graph, graph.steps, {"lyon/deploy/site@web-1": "novel"})
    assert ElementTree.fromstring(svg(graph, graph.steps, {"lyon/deploy/site@web-1": "novel"})) is not None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (0.4, "0 s"), (59.6, "1 min"), (150, "2 min 30 s"), (3600, "1 h"), (3601, "1 h"), (90000, "1 d 1 h")],
)
def test_durations_are_for_people(seconds: float, said: str):
    assert span(seconds) == said
