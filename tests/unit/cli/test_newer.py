"""A newer golive in the middle of a run, which writes scripts in another way: what nobody edited does not change."""

from importlib.resources import files
from pathlib import Path

import pytest

import golive
from golive.cli.amend import amend
from golive.cli.context import Opened, compiled, load_plan, open_run
from golive.cli.run import same_plan
from golive.journal.events import AttemptAllocated, AttemptEnded, Do, Outcome
from golive.resources import script
from golive.run.project import Project
from golive.run.start import begin


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run with one step done, and then another golive."""
    file = tmp_path / "golive.yaml"
    file.write_text(files("golive.plan").joinpath("starter.yaml").read_text())
    loaded = load_plan(tmp_path)
    project, graph = Project(tmp_path), compiled(loaded)
    journal = begin(project, project.store(), loaded, graph)
    done = graph.by_id["lyon/baseline/converge@web-1"]
    journal.append(AttemptAllocated(1, done.id, Do.DO, 1, done.digest, 1, done.lane))
    journal.append(AttemptEnded(1, Outcome.DONE))
    monkeypatch.setattr(script, "_PROLOGUE", script._PROLOGUE.replace("by golive", "by a newer golive"))  # pyright: ignore
    monkeypatch.setattr(golive, "__version__", "999.1.0")
    return file


def opened(plan: Path) -> Opened:
    return open_run(plan.parent)


def edit(plan: Path, text: str = "Hello from") -> None:
    assert text in plan.read_text()
    plan.write_text(plan.read_text().replace(text, "Good day from all of"))


def test_an_unedited_plan_is_what_runs_though_it_would_be_compiled_otherwise(plan: Path) -> None:
    loaded = load_plan(plan.parent)
    assert compiled(loaded).digest != opened(plan).graph.digest
    assert same_plan(opened(plan), loaded) is None
    edit(plan)
    assert same_plan(opened(plan), load_plan(plan.parent)) is not None


def test_amend_names_the_golive_that_wrote_the_revision(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(plan)
    amend(plan.parent, check=True)
    said = capsys.readouterr().out
    before = opened(plan).journal.state.golive
    assert f"! golive {before} wrote revision 1, and golive 999.1.0 may write the same" in said
    amend(plan.parent)
    assert opened(plan).journal.state.golive == "999.1.0"
    edit(plan, "all of {{ site.name }}")
    capsys.readouterr()
    amend(plan.parent)
    assert "wrote revision" not in capsys.readouterr().out
