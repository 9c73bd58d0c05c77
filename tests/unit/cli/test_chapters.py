"""The help lists each command in a chapter, with its whole first sentence."""

import typer
from typer.testing import CliRunner

from golive.cli.chapters import CHAPTERS, Chapters
from golive.cli.main import app


def _help(of: typer.Typer) -> str:
    return CliRunner().invoke(of, ["--help"]).output


def test_each_command_has_its_chapter_and_each_chapter_only_commands() -> None:
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]  # pyright: ignore
    assert {name for names in CHAPTERS.values() for name in names} == commands
    assert "Others:" not in _help(app)


def test_sentences_are_not_cut() -> None:
    assert "..." not in _help(app).partition("Write the plan:")[2]


def test_a_command_without_a_chapter_is_still_told() -> None:
    small = typer.Typer(cls=Chapters, rich_markup_mode=None)
    small.command("check")(lambda: None)
    small.command("strange")(lambda: None)
    told = _help(small)
    assert told.index("Write the plan:") < told.index("check") < told.index("Others:") < told.index("strange")
    assert "Proof" not in told
