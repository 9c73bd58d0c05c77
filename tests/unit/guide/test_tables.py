"""Every table of the guide is compared, row by row, with what it is made from; none goes without."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import golive.guide
from golive.graph.graph import Graph
from golive.guide.context import Context
from golive.guide.document import Document, Table, walk
from golive.guide.guide import guide
from golive.guide.issue import History, Issue
from golive.guide.ran import as_run
from golive.plan.plan import Loaded

from .sources import SOURCES, same
from .test_as_run import ran_at, texts

Compile = Callable[[Path], tuple[Loaded, Graph]]
SOUND = Path(__file__).parents[1] / "flags" / "sound"
ISSUED = History((Issue(1, "2026-11-26 09:00 UTC", "Ada", "First", "abcdef0123456789"),))
DATES = """planned: {deploy: {from: Fri 2026-12-04 09:00}}
timezone: Europe/Paris
windows: [{from: Sat 2026-12-05 23:00, until: Sun 2026-12-06 06:00, for: [cutover]}]
"""
MORE = """
hypercare: {lasts: 14 d, skills: [linux], exit: [No open incident.]}
skills: {linux: {}}
milestones: [{name: board, day: Tue 2026-12-01}]
risks: [{name: copy, about: It is slow., likelihood: low, impact: high, owner: ada, response: It goes back.}]
messages: [{name: told, at: before cutover, to: [db_password], title: Soon, text: Very soon.}]
approvals: [{name: board, at: before cutover, role: operator, question: Go?}]
gates: {deploy: {defects: {file: d.csv, at_most: {P1: 0}}}}
"""


def tables(document: Document) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for block in (block for part in document.chapters for block in walk(part.blocks)):
        if isinstance(block, Table):
            found.setdefault(block.name, []).extend(
                [said.removesuffix(" / ") for said in texts(row)] for row in block.rows
            )
    return found


def wrong(context: Context, document: Document) -> list[str]:
    """What is not as its source says, table by table."""
    said, found = list[str](), tables(document)
    for name, rows in found.items():
        wanted = list(SOURCES[name](context, document)) if name in SOURCES else []
        if len(wanted) != len(rows):
            said.append(f"{name}: {len(rows)} rows, its source has {len(wanted)}")
        said += [f"{name}: {got}, wanted {one}" for one, got in zip(wanted, rows, strict=False) if not same(one, got)]
    return said


def test_every_table_has_a_source_and_every_source_a_table():
    folder = Path(golive.guide.__file__).parent
    text = "".join(path.read_text("utf-8") for path in (folder / "rows.py", *(folder / "chapters").glob("*.py")))
    assert text.count("table(") + text.count("Table(") > 40
    names = re.findall(r'name="([a-z_.]+)"', text) + re.findall(r'"check", "([a-z_.]+)"', text)
    assert set(names) == SOURCES.keys()


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory, compiled: Compile) -> tuple[Loaded, Graph]:
    """The plan of the tests with dates, a window and more of everything."""
    import shutil

    folder = shutil.copytree(Path(__file__).parent / "plan", tmp_path_factory.mktemp("dated") / "plan")
    (folder / "sites" / "lyon.yaml").open("a").write(DATES)
    (folder / "golive.yaml").open("a").write(MORE)
    return compiled(folder)


@pytest.mark.parametrize("which", ["plain", "dated", "sound"])
def test_the_whole_guide(which: str, rollout: tuple[Loaded, Graph], dated: tuple[Loaded, Graph], compiled: Compile):
    loaded, graph = {"plain": rollout, "dated": dated}.get(which) or compiled(SOUND)
    document = guide(loaded, graph, history=ISSUED)
    assert "\n".join(wrong(Context(loaded, graph), document)) == ""
    assert len(tables(document)) > 30


def test_the_guide_as_run(dated: tuple[Loaded, Graph], tmp_path: Path):
    loaded, graph = dated
    journal = ran_at(tmp_path / "journal.db", graph)
    ran = as_run("kinto-1", graph, journal.state, journal.store.entries("kinto-1"), graph.digest)
    assert "\n".join(wrong(Context(loaded, graph, ran=ran), guide(loaded, graph, history=ISSUED, ran=ran))) == ""


@pytest.mark.parametrize("person", ["ada", "bo", "claire", "kenji"])
def test_the_guide_of_a_person(dated: tuple[Loaded, Graph], person: str):
    loaded, graph = dated
    document = guide(loaded, graph, person=person)
    assert "\n".join(wrong(Context(loaded, graph, person=person), document)) == ""
    assert ("personal.tasks" in tables(document)) is (person != "ada")  # who leads is asked for nothing in this plan


def test_a_table_that_differs_and_one_without_source_are_seen(rollout: tuple[Loaded, Graph]):
    loaded, graph = rollout
    slower = replace(graph, steps=tuple(replace(step, planned=step.planned + 60) for step in graph.steps))
    found = wrong(Context(loaded, graph), guide(loaded, slower, history=ISSUED))
    assert {"timetable.stages", "procedure", "checklist", "outage.holds"} <= {said.partition(":")[0] for said in found}
