"""A lab for whole go-lives, apart from the one that a person may have up."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from golive.lab import Lab

for folder in ("examples/kinto", "tests/lab"):
    sys.path.insert(0, str(Path(__file__).parents[2] / folder))


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """An empty lab; its hosts are removed at the end."""
    lab = Lab(tmp_path / "lab", say=print)
    yield lab
    lab.down()
