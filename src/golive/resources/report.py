"""What a script said about its resources, read from its output."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What became of one resource."""

    OK = "ok"
    CHANGED = "changed"
    FAILED = "failed"
    UNDONE = "undone"
    KEPT = "kept"
    RESIDUE = "residue"


@dataclass(frozen=True)
class Reported:
    """One framed line: what became of which resource."""

    state: State
    title: str


def parse(output: str) -> tuple[Reported, ...]:
    """The framed lines of a script's output, in order; lines of another shape are plain output and are left out."""
    found: list[Reported] = []
    for line in output.split("\n"):
        state, tab, title = line.removeprefix("\x1e").partition("\t")
        if line.startswith("\x1e") and tab and state in set(State):
            found.append(Reported(State(state), title))
    return tuple(found)


def plain(output: str) -> str:
    """The output without its framed lines: what the commands themselves printed."""
    return "\n".join(line for line in output.split("\n") if not line.startswith("\x1e"))


def summary(reported: Iterable[Reported]) -> str:
    """A few words for a person: ``changed 5, ok 3``."""
    counts = Counter(item.state for item in reported)
    return ", ".join(f"{state} {counts[state]}" for state in State if counts[state])
