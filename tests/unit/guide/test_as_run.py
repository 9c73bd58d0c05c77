"""The guide after a run, and for one person: what was done and where it differed; everything that a person does."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from typer.testing import CliRunner

from golive.cli.main import app
from golive.errors import UsageError
from golive.graph.graph import Graph
from golive.graph.words import span
from golive.guide.chapters.personal import parts
from golive.guide.context import Context
from golive.guide.document import Document, Row, Table, walk
from golive.guide.guide import guide
from golive.guide.ran import as_run, off
from golive.guide.writers.docx import docx
from golive.guide.writers.html import html
from golive.guide.writers.pdf import pdf
from golive.journal.events import (
    AttemptAllocated,
    AttemptEnded,
    AttemptStarted,
    CoordinatorStarted,
    DecisionAsked,
    DecisionTaken,
    Do,
    Event,
    FailureAnswered,
    Outcome,
    RunStarted,
)
from golive.plan.plan import Loaded
from golive.run.journal import Journal
from golive.run.project import Project
from golive.run.store import Store

Compile = Callable[[Path], tuple[Loaded, Graph]]
SIGN = "lyon/handover/sign-off"
SLOW, TWICE, SKIPPED = "lyon/deploy/database@db-1", "lyon/deploy/kinto@app-1", "lyon/cutover/migrate@app-1"
NOON = datetime(2026, 12, 5, 12, tzinfo=UTC)


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def attempt(
    number: int, step: str, graph: Graph, seconds: float, outcome: Outcome = Outcome.DONE
) -> Iterator[Event | float]:
    of = graph.by_id[step]
    yield AttemptAllocated(number, step, Do.DO, 1, of.digest, 1, of.lane)
    yield AttemptStarted(number)
    yield seconds
    yield AttemptEnded(number, outcome, "" if outcome is Outcome.DONE else "the disk is full", seconds=seconds)


def happen(graph: Graph) -> Iterator[Event | float]:
    """A run at Lyon with one slow step, one that is tried twice, one that is skipped, and a signature."""
    yield CoordinatorStarted(1, "h", "ada", "console", 1, "0.1")
    for number, step in enumerate(graph.of_site["lyon"], 10):
        if step.id == SLOW:
            yield from attempt(number, step.id, graph, 600)
        elif step.id == TWICE:
            yield from attempt(number + 1000, step.id, graph, step.planned, Outcome.FAILED)
            yield from attempt(number + 2000, step.id, graph, step.planned)
        elif step.id == SKIPPED:
            yield from attempt(number, step.id, graph, step.planned, Outcome.FAILED)
            yield FailureAnswered(
                step.id, number, "skip", "ada", "console", step.digest, "claire", "it was done by hand"
            )
        elif step.id == SIGN:
            yield DecisionAsked(
                number, step.id, "?", "operator", "n", "2027-01-01T00:00:00+00:00", graph.digests["lyon"], "e"
            )
            yield 60
            yield DecisionTaken(number, step.id, "claire", "approve", "all is well", "s", "g")
        else:
            yield from attempt(number, step.id, graph, step.planned)


def ran_at(path: Path, graph: Graph) -> Journal:
    """The journal of that run."""
    clock = Clock()
    store = Store(path, clock)
    store.add_run("kinto-1")
    journal = Journal(store, "kinto-1")
    journal.append(RunStarted("kinto-1", "p", store.save_graph(graph), "ada", "console", "0.1"))
    for event in happen(graph):
        if isinstance(event, Event):
            journal.append(event)
        else:
            clock.now += timedelta(seconds=event)
    return journal


@pytest.fixture(scope="module")
def done(rollout: tuple[Loaded, Graph], tmp_path_factory: pytest.TempPathFactory) -> Document:
    loaded, graph = rollout
    journal = ran_at(tmp_path_factory.mktemp("run") / "journal.db", graph)
    ran = as_run("kinto-1", graph, journal.state, journal.store.entries("kinto-1"), graph.digest)
    return guide(loaded, graph, ran=ran)


def rows(document: Document, name: str) -> list[list[str]]:
    held = [block for part in document.chapters for block in walk(part.blocks) if isinstance(block, Table)]
    return [texts(row) for table in held if table.name == name for row in table.rows]


def texts(row: Row) -> list[str]:
    return [" / ".join("".join(span.text for span in line) for line in cell.lines) for cell in row.cells]


def test_where_it_differed_is_told_and_nothing_else(done: Document, rollout: tuple[Loaded, Graph]):
    found = {row[1]: (row[2], row[3]) for row in rows(done, "as_run.differences")}
    of = {name: next(value for title, value in found.items() if name in title) for name in (SLOW, TWICE, SKIPPED)}
    assert of[SLOW][0] == "done"
    assert of[SLOW][1].startswith("took 10 min instead of ")
    assert of[TWICE] == ("done", "tried 2 times; before, it was failed: the disk is full")
    assert of[SKIPPED] == ("skipped", "failed: the disk is full / answer to the failure: skip: it was done by hand")
    pending = [title for title, (status, _) in found.items() if status == "pending"]
    assert all("Osaka" in title or "controller" in title for title in pending)
    assert len(found) == 3 + len(pending)


def test_what_was_signed_stands_there(done: Document):
    ((when, step, who, verb, why),) = rows(done, "as_run.answers")
    assert (who, verb, why) == ("Claire Dupont", "approve", "all is well")
    assert SIGN in step
    assert when.startswith("Sat 2026-12-05")


def test_counts_are_those_of_the_journal(done: Document, rollout: tuple[Loaded, Graph]):
    of_lyon = [row for row in rows(done, "as_run.stages") if row[0].startswith("Lyon")]
    assert sum(int(row[2]) for row in of_lyon) == len(rollout[1].of_site["lyon"])
    assert sum(int(row[3]) for row in of_lyon) == len(rollout[1].of_site["lyon"]) - 1  # one was skipped
    deploy = next(row for row in of_lyon if row[1] == "deploy")
    steps = [step for step in rollout[1].of_site["lyon"] if step.stage == "deploy"]
    took = sum(600 if step.id == SLOW else step.planned for step in steps)
    took += sum(step.planned for step in steps if step.id == TWICE)  # a second time
    assert deploy[6] == span(took)


def test_steps_of_the_procedure_say_what_became_of_them(done: Document):
    (slow,) = [row for row in rows(done, "procedure") if SLOW in row[1]]
    assert "done Sat 2026-12-05 12:" in slow[4]
    assert "10 min" in slow[4]
    assert "ada" in slow[4]


@pytest.mark.parametrize(
    ("took", "planned", "told"), [(14, 10, False), (21, 10, True), (160, 100, True), (150, 100, False), (49, 100, True)]
)
def test_times_that_differ_little_are_not_told(took: float, planned: float, told: bool):
    assert off(took, planned) is told


def test_a_plan_that_has_changed_since_is_said(rollout: tuple[Loaded, Graph], tmp_path: Path, done: Document):
    loaded, graph = rollout
    journal = ran_at(tmp_path / "journal.db", graph)
    ran = as_run("kinto-1", graph, journal.state, journal.store.entries("kinto-1"), "another")
    assert "The plan has changed since this run" in html(guide(loaded, graph, ran=ran))
    assert "The plan has changed since this run" not in html(done)


def test_a_person_finds_everything_they_do_in_order(rollout: tuple[Loaded, Graph]):
    loaded, graph = rollout
    claire, found = Context(loaded, graph, person="claire"), list[str]()
    for part in parts(claire):
        found += [step.id for step in part.steps]
        assert all(step.site in ("lyon", None) for step in part.steps)
    asked = [
        step.id for step in graph.of_site["lyon"] if step.do.kind == "decision" and step.do.inputs["role"] == "operator"
    ]
    assert SIGN in asked
    assert set(asked) <= set(found)
    starts = [part.start for part in parts(claire)]
    assert starts == sorted(starts)


def test_an_installer_watches_every_step_that_no_person_does(rollout: tuple[Loaded, Graph]):
    loaded, graph = rollout
    bo = [step.id for part in parts(Context(loaded, graph, person="bo")) for step in part.steps]
    kenji = [step.id for part in parts(Context(loaded, graph, person="kenji")) for step in part.steps]
    own = {step.id for step in graph.steps if step.do.kind not in ("person", "decision")}
    operators = {step.id for step in graph.steps if step.owner == "operators"}
    assert len(bo) == len(set(bo))
    assert set(bo) == own - operators
    assert operators & {step.id for step in graph.of_site["osaka"]} <= set(kenji)


def test_nobody_reads_what_is_of_others(rollout: tuple[Loaded, Graph]):
    page = html(guide(*rollout, person="claire"))
    assert "Claire Dupont" in page
    assert "golive approve lyon/handover/sign-off" in page
    assert "osaka/" not in page
    assert "Kenji Tanaka" not in page


def test_both_are_written_in_all_formats(rollout: tuple[Loaded, Graph], done: Document):
    for document in (done, guide(*rollout, person="claire")):
        to = BytesIO()
        docx(document, to)
        assert to.getvalue().startswith(b"PK")
        assert pdf(document).startswith(b"%PDF")
        assert document.kind in html(document)


def test_the_command_writes_them_beside_the_plan(plan_copy: Path, compile_at: Compile):
    run = CliRunner().invoke
    missing = run(app, ["guide", "-p", str(plan_copy), "--as-run"])
    assert isinstance(missing.exception, UsageError)
    (plan_copy / ".golive").mkdir()
    ran_at(Project(plan_copy).state / "journal.db", compile_at(plan_copy)[1])
    result = run(app, ["guide", "-p", str(plan_copy), "--as-run", "--person", "ada"])
    assert (result.exit_code, result.output) == (0, f"wrote {plan_copy}/guide-as-run-ada.html\n")
    assert "Deployment Guide, as run: Ada Martin" in (plan_copy / "guide-as-run-ada.html").read_text()
    assert "The plan has changed" not in (plan_copy / "guide-as-run-ada.html").read_text()
    unknown = run(app, ["guide", "-p", str(plan_copy), "--person", "bob"])
    assert isinstance(unknown.exception, UsageError)
