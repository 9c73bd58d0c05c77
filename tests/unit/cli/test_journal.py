"""golive journal: what a person sees of a journal that holds, and of one that was changed."""

import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from golive.cli.main import app
from golive.errors import GoliveError, JournalError
from golive.journal.events import AttemptStarted, FailureAnswered, RunStarted
from golive.run.journal import Journal
from golive.run.project import Project


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan's folder in which a run of twenty entries lies."""
    tmp_path.joinpath("golive.yaml").write_text("golive: 1\n", encoding="utf-8")
    store = Project(tmp_path).store()
    store.add_run("notes-1")
    journal = Journal(store, "notes-1")
    journal.append(RunStarted("notes-1", "p", "g", "me", "here", "1"))
    for number in range(1, 20):
        journal.append(AttemptStarted(number))
    store.close()
    return tmp_path


def said(*words: str) -> str:
    """What a command prints, or the message of the error by which it ends."""
    result = CliRunner().invoke(app, ["journal", *words])
    if isinstance(result.exception, GoliveError):
        assert isinstance(result.exception, JournalError)
        return result.exception.message
    assert result.exit_code == 0, result.output
    return result.output


def change(plan: Path, statement: str) -> None:
    with sqlite3.connect(plan / ".golive/journal.db") as connection:
        connection.execute(statement)


def test_a_journal_that_holds_says_its_length_and_head(plan: Path) -> None:
    out = said("verify", "-p", str(plan))
    assert out.startswith("20 entries, the chain holds; head ")
    head = out.split()[-1] if "compared" not in out else out.split("head ")[1].split()[0]
    assert "20 entries" in said("verify", "-p", str(plan), "--head", head)
    assert "does not hold at entry 1" in said("verify", "-p", str(plan), "--head", "0" * 63 + "1")


def test_a_retry_and_a_stop_which_nobody_signs_are_no_change(plan: Path) -> None:
    journal = Journal(Project(plan).store(), "notes-1")
    for answer in ("retry", "stop"):
        journal.append(FailureAnswered("lyon/deploy/api", 1, answer, "root", "here"))
    assert "compared with 0 signatures" in said("verify", "-p", str(plan))
    journal.append(FailureAnswered("lyon/deploy/api", 1, "skip", "root", "here"))
    assert "does not hold at entry 23:" in said("verify", "-p", str(plan))


@pytest.mark.parametrize(
    ("statement", "position"),
    [
        ("UPDATE entries SET body = replace(body, ':7,', ':8,') WHERE seq = 8", 8),
        ("UPDATE entries SET at = '2020-01-01T00:00:00.000+00:00' WHERE seq = 9", 9),
        ("UPDATE entries SET body = replace(body, '}', ' }') WHERE seq = 10", 10),
        ("UPDATE entries SET body = '{' WHERE seq = 11", 11),
        ("DELETE FROM entries WHERE seq = 12", 12),
        ("UPDATE entries SET seq = CASE seq WHEN 13 THEN 140 ELSE seq END", 13),
        ("UPDATE entries SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE seq = 20", 20),
        ("DELETE FROM entries", 1),
    ],
)
def test_a_change_of_the_file_is_found_with_its_position(plan: Path, statement: str, position: int) -> None:
    change(plan, statement)
    assert f"does not hold at entry {position}:" in said("verify", "-p", str(plan))


def test_a_swapped_pair_is_found(plan: Path) -> None:
    for old, new in ((5, 1000), (6, 5), (1000, 6)):
        change(plan, f"UPDATE entries SET seq = {new} WHERE seq = {old}")
    assert "does not hold at entry 5:" in said("verify", "-p", str(plan))


def test_an_export_is_verified_like_the_journal(plan: Path, tmp_path: Path) -> None:
    lines = said("export", "-p", str(plan)).splitlines()
    file = tmp_path / "journal.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert said("verify", "--file", str(file)) == said("verify", "-p", str(plan))
    file.write_text("\n".join([*lines[:4], *lines[5:]]) + "\n", encoding="utf-8")
    assert "does not hold at entry 5:" in said("verify", "--file", str(file))
    file.write_text("\n".join(lines[:-2]).replace("me", "you") + "\n", encoding="utf-8")
    assert "does not hold at entry 1:" in said("verify", "--file", str(file))
