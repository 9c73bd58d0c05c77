"""The commands of the pages' console blocks, run for real and in order against a fresh host."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "docs"))

from docs_blocks import ROOT, Command, commands, matches, page
from ground import Ground, Host

EXAMPLE_ADDRESS = "203.0.113.7"
"""Stands for the reader's own host."""
PAGES = ["README.md"]


@pytest.fixture
def reader(ground: Ground) -> Host:
    return ground.fresh("docs")[0]


@pytest.fixture
def home(ground: Ground, tmp_path: Path) -> Path:
    """The home of a person who has a key for the host and has never seen the host."""
    home = tmp_path / "home"
    home.joinpath(".ssh").mkdir(parents=True, mode=0o700)
    shutil.copy(ground.lab.key, home / ".ssh/id_ed25519")
    return home


def carry_out(command: Command, folder: Path, home: Path, address: str) -> str:
    """Runs a command as a reader would; returns what is wrong with what came of it, or nothing."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", command.text.replace(EXAMPLE_ADDRESS, address)],
        cwd=folder,
        env={**os.environ, "PATH": path, "HOME": str(home), "SSH_AUTH_SOCK": "", "COLUMNS": "120"},
        input=command.answer,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    expected = command.output.replace(EXAMPLE_ADDRESS, address)
    if done.returncode == command.exit and matches(expected, done.stdout):
        return ""
    return f"{command.line}: $ {command.text}\nexit {done.returncode}, expected {command.exit}, printed:\n{done.stdout}"


@pytest.mark.parametrize("name", PAGES)
def test_commands_do_what_the_page_says(name: str, reader: Host, home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    blocks = [block for block in page(ROOT / name).blocks if block.language == "console"]
    for command in [command for block in blocks for command in commands(block)]:
        assert carry_out(command, folder, home, reader.address) == "", name


def test_a_page_that_lies_is_found_out(tmp_path: Path) -> None:
    assert carry_out(Command(1, "echo 3 steps", 0, "5 steps\n"), tmp_path, tmp_path, "") == ""
    assert "expected 0" in carry_out(Command(1, "exit 3", 0, ""), tmp_path, tmp_path, "")
    assert "printed:\n3 steps" in carry_out(Command(1, "echo 3 steps", 0, "3 sites\n"), tmp_path, tmp_path, "")
