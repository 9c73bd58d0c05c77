"""How soon the command line answers, beside a bare Python."""

import sys

from benchmarks.figures import Figure, side_by_side


def measure() -> list[Figure]:
    """`golive --help` as a whole process."""
    bare = [sys.executable, "-c", "pass"]
    command = [sys.executable, "-m", "golive.cli.main", "--help"]
    ours, python = side_by_side(command, bare)
    return [
        Figure("golive --help", ours, "s", 0.3),
        Figure("a bare python", python, "s"),
        Figure("ratio to a bare python", ours / python, "x"),
    ]
