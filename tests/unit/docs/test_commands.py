"""Commands, options and exit codes in the pages are those of the program."""

import re
import shlex
from collections.abc import Iterator, Mapping
from functools import cache

import pytest
from docs_blocks import ROOT, commands, page, pages
from typer.testing import CliRunner

from golive import __version__
from golive.cli.main import app
from golive.errors import Exit

TABLE_ROW = re.compile(r"\| `?([^|`]+?)`? +\| (.+) \|")


@cache
def help_of(*words: str) -> str:
    """What ``golive WORDS --help`` prints."""
    result = CliRunner(env={"COLUMNS": "200", "TERMINAL_WIDTH": "200"}).invoke(app, [*words, "--help"])
    assert result.exit_code == 0, result.output
    return result.output


def listed_commands(*words: str) -> Mapping[str, str]:
    """The commands that a help lists, chapter by chapter, with what it says about each."""
    _, _, listing = help_of(*words).partition("Options:\n")
    return dict(re.findall(r"^  (\w[\w-]*) +(.+)$", listing, re.MULTILINE))


def options_of(*words: str) -> set[str]:
    """The options that a help lists."""
    _, _, listing = help_of(*words).partition("Options:\n")
    return set(re.findall(r"(?:^  |, )(--?[\w-]+)", listing.partition("Commands:\n")[0], re.MULTILINE))


def wrong_with(text: str) -> str:
    """What is wrong with a command line that begins with ``golive``; empty: nothing."""
    words = shlex.split(text, comments=True)[1:]
    path: list[str] = []
    while words and words[0] in listed_commands(*path):
        path.append(words.pop(0))
        if path not in (["lab"], ["journal"]):
            break
    if words and not path and not words[0].startswith("-"):
        return f"there is no command {words[0]}"
    given = [] if path == ["lab", "ssh"] else [word.partition("=")[0] for word in words if word.startswith("-")]
    unknown = [word for word in given if word not in options_of(*path)]
    return f"golive {' '.join(path)} has no option {', '.join(unknown)}" if unknown else ""


def command_lines() -> Iterator[tuple[str, str]]:
    """Every golive command that the pages show, with where."""
    for path in pages():
        parts = page(path)
        name = str(path.relative_to(ROOT))
        yield from ((f"{name}:{line}", span) for line, span in parts.spans if re.match(r"golive (?!\d)", span))
        for block in parts.blocks:
            lines = [(command.line, command.text) for command in commands(block)] if block.language == "console" else []
            if block.language == "sh":
                lines = list(enumerate(block.text.splitlines(), block.line))
            yield from ((f"{name}:{line}", text) for line, text in lines if text.startswith("golive "))


LINES = list(command_lines())


@pytest.mark.parametrize(("where", "text"), LINES, ids=[where for where, _ in LINES])
def test_a_command_exists_with_its_options(where: str, text: str) -> None:
    assert wrong_with(text) == "", where


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("golive fly", "there is no command fly"),
        ("golive run --fast", "golive run has no option --fast"),
        ("golive lab up --now x", "golive lab up has no option --now"),
        ("golive run -p x --until deploy", ""),
        ("golive lab ssh host ls -la", ""),
        ("golive --version", ""),
    ],
)
def test_a_wrong_command_is_found_out(text: str, said: str) -> None:
    assert wrong_with(text) == said


def table(name: str, heading: str) -> dict[str, str]:
    """The rows of the first table below a heading."""
    text = (ROOT / name).read_text(encoding="utf-8").partition(f"## {heading}\n")[2]
    section = text.partition("\n## ")[0]
    return {row[1]: row[2] for line in section.splitlines() if (row := TABLE_ROW.fullmatch(line))}


def test_the_readme_lists_every_exit_code() -> None:
    rows = table("README.md", "Exit codes")
    del rows["Code"]
    assert rows == {str(int(code)): code.meaning for code in Exit}


def test_the_operators_guide_says_what_to_do_at_every_exit_code() -> None:
    rows = table("docs/operating.md", "Exit codes")
    assert set(rows) - {"Code", "---"} == {str(int(code)) for code in Exit}
    assert [code for code in Exit if not rows[str(int(code))].startswith(f"{code.meaning} |")] == []


def test_the_readme_lists_every_command() -> None:
    rows = table("README.md", "Commands")
    del rows["Command"]
    assert sorted(rows) == sorted(f"golive {name}" for name in listed_commands())
    for name, said in listed_commands().items():
        assert rows[f"golive {name}"].startswith(said.removesuffix("...")), name


def test_the_changelog_has_this_version() -> None:
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
