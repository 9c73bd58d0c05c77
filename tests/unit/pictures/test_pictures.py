"""Pictures are plain, legible and in their places, whatever is in them."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.graph.forecast import Forecast
from golive.graph.graph import Graph
from golive.graph.step import Action, Stage, Step
from golive.pictures import dependencies, raci, risks, timeline, topology, waves
from golive.pictures.text import fit, width, wrap
from golive.plan.plan import Plan

from .pages import faults
from .plans import TITLE, compiled

DRAWN: dict[str, Callable[[Plan, Graph], tuple[str, ...]]] = {
    "topology": lambda plan, graph: tuple(one for site in list(plan.sites)[:3] for one in topology.sheets(plan, site)),
    "dependencies": lambda plan, graph: dependencies.sheets(graph, list(plan.sites)[-1]),
    "dependencies of a stage": lambda plan, graph: dependencies.sheets(graph, list(plan.sites)[-1], "deploy"),
    "dependencies of the controller": lambda plan, graph: dependencies.sheets(graph, None),
    "rollout": timeline.rollout,
    "site": lambda plan, graph: timeline.site(plan, graph, list(plan.sites)[-1]),
    "waves": waves.sheets,
    "raci": raci.sheets,
    "risks": lambda plan, graph: risks.sheets(plan),
}


@pytest.mark.parametrize("sites", [1, 3, 40])
@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_has_no_fault(name: str, sites: int):
    plan, graph = compiled(sites)
    drawn = DRAWN[name](plan, graph)
    assert drawn
    assert [f"{index}: {fault}" for index, one in enumerate(drawn) for fault in faults(one)] == []
    assert drawn == DRAWN[name](plan, graph)


def test_what_is_shortened_stands_whole_in_a_title():
    plan, _ = compiled(3)
    (picture,) = topology.sheets(plan, "site-002")
    assert "Saint-Germain-en-Laye-lès-Corbeil, Logistikzentrum Nord &amp; Süd &lt;Halle 3&gt;" in picture
    assert "the-host-of-the-application-number-11" in picture and "and 3 more" in picture
    assert "<Halle" not in picture


def test_faults_are_found():
    plan, _ = compiled(1)
    (picture,) = topology.sheets(plan, "site-000")
    assert any(
        "leaves its box" in fault
        for fault in faults(picture.replace(">controller<", f">{TITLE}<".replace("&", "").replace("<Halle 3>", "")))
    )
    assert any("too small" in fault for fault in faults(picture.replace('font-size="10"', 'font-size="9"')))
    assert any("plain shape" in fault for fault in faults(picture.replace("<desc>", "<script/><desc>")))
    assert any("× 900" in fault for fault in faults(picture.replace('height="', 'height="900" x="', 1)))
    twice = picture.replace("</svg>", '<text x="46" y="92" font-size="11">on it</text></svg>')
    assert any("lie on each other" in fault for fault in faults(twice))


ANY = st.text(min_size=1, max_size=60).filter(lambda text: text.strip())


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Steps with any names and titles, each after some of those before."""
    steps: list[Step] = []
    for number in range(draw(st.integers(1, 12))):
        name = f"x/{number}{draw(ANY)}".replace("@", "")
        earlier = list(steps)
        needs = draw(st.lists(st.sampled_from(earlier), max_size=3, unique_by=lambda step: step.id)) if earlier else []
        stage = draw(st.sampled_from(list(Stage)))
        host = draw(st.sampled_from(["h1", "h2", None]))
        more: dict[str, Any] = {
            "planned": draw(st.integers(0, 10**6)),
            "no_return": draw(st.booleans()),
            "title": draw(ANY),
        }
        do = draw(
            st.sampled_from(
                [Action("script"), Action("decision", {"role": draw(ANY)}), Action("message", {"to": draw(ANY)})]
            )
        )
        steps.append(Step(name, stage, do=do, site="x", host=host, needs=tuple(need.id for need in needs), **more))
    return Graph("s", "1", tuple(steps))


PLAN = Plan.model_validate(
    {
        "golive": 1,
        "solution": {"name": "s", "version": "1"},
        "roles": {"web": {}},
        "sites": {"x": {"hosts": {"h1": {"address": "a", "role": "web"}}}},
    }
)


@settings(max_examples=40, deadline=None)
@given(graphs(), ANY)
def test_any_names_stay_in_their_places_and_are_escaped(graph: Graph, title: str):
    site = PLAN.sites["x"].model_copy(update={"title": title})
    plan = PLAN.model_copy(update={"sites": {"x": site}})
    drawn = [
        *topology.sheets(plan, "x"),
        *dependencies.sheets(graph, "x"),
        *timeline.rollout(plan, graph),
        *timeline.site(plan, graph, "x"),
        *raci.sheets(plan, graph),
        *waves.sheets(plan, graph),
    ]
    assert [fault for one in drawn for fault in faults(one)] == []


@given(st.text(), st.floats(8, 20), st.floats(30, 300), st.integers(1, 4), st.booleans())
def test_fitted_text_fits(said: str, size: float, room: float, most: int, bold: bool):
    assert width(fit(said, size, room, bold), size, bold) <= room
    lines = wrap(said, size, room, most, bold)
    assert len(lines) <= most
    assert all(width(line, size, bold) <= room for line in lines)
    if not any(line.endswith("…") for line in lines):
        assert "".join("".join(lines).split()) == "".join(said.split())


def test_every_step_of_a_site_is_in_its_dependencies_and_its_timeline():
    plan, graph = compiled(3)
    for site in graph.sites:
        for drawn in (dependencies.sheets(graph, site), timeline.site(plan, graph, site)):
            assert [step.id for step in graph.of_site[site] if not any(step.id in one for one in drawn)] == []


def test_every_site_is_in_the_rollout_and_the_waves():
    plan, graph = compiled(40)
    for drawn in (timeline.rollout(plan, graph), waves.sheets(plan, graph)):
        whole = "".join(drawn)
        assert [site for site in graph.sites if f"{site}, " not in whole and f"({site})" not in whole] == []


def test_the_timeline_begins_when_the_dates_can_be_kept_and_waits_for_windows():
    _, graph = compiled(3)
    found = Forecast(graph, "Europe/Paris")
    assert found.at(0) == "Tue 2026-12-01 00:00 CET"
    cutover = [step for step in graph.of_site["site-000"] if step.id == "site-000/cutover/verify-1@app-0"]
    assert found.at(found.times.start[cutover[0].id]) == "Sat 2026-12-05 22:20 CET"
    assert found.times.never == ()


def test_who_does_what():
    plan, graph = compiled(1)
    told = {row.activity: dict(row.letters) for row in raci.rows(plan, graph)}
    assert told["move data and traffic"] == {"project team": "R", "lead": "A", "operator": "C", "desk": "I"}
    assert told[f"decide: Go? {TITLE}"] == {"operator": "A"}
    assert told[f"by hand: {TITLE}"[:109]] == {"operator": "R", "lead": "A"}
