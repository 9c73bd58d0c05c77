"""What a script said about its resources, read from its output."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

FRAME = "\x1e"
"""With this a framed line begins."""


class State(StrEnum):
    """What became of one resource."""

    OK = "ok"
    CHANGED = "changed"
    SKIPPED = "skipped"
    FAILED = "failed"
    WOULD = "would"
    """It would be changed; said by a script that only looks."""
    MAY = "may"
    """Likewise, unless what would be changed before it makes it so."""
    ARMED = "armed"
    """It is about to be changed, and the host takes it back unless golive confirms; more is said of it later."""
    REVERTED = "reverted"
    """It was changed, and the host took it back."""
    UNDONE = "undone"
    KEPT = "kept"
    RESIDUE = "residue"


@dataclass(frozen=True)
class Reported:
    """What became of which resource."""

    state: State
    title: str
    seconds: float = 0.0
    reason: str = ""
    diff: tuple[str, ...] = ()
    """The lines in which the host differed from what was wanted."""


def parse(output: str) -> tuple[Reported, ...]:
    """What a script's framed lines say, in order; lines outside of frames are plain output and are left out."""
    found: list[Reported] = []
    diffs: dict[str, tuple[str, ...]] = {}
    held: list[str] | None = None
    for line in output.split("\n"):
        if not line.startswith(FRAME):
            if held is not None:
                held.append(line)
            continue
        state, title, centiseconds, reason = (*line[1:].split("\t"), "", "", "")[:4]
        if state == "diff":
            held = []
        elif state == "end" and held is not None:
            diffs[title], held = tuple(held), None
        elif state in set(State) and title:
            spent = int(centiseconds) / 100 if centiseconds.isdecimal() else 0.0
            diff = () if state == State.ARMED else diffs.pop(title, ())
            found.append(Reported(State(state), title, spent, reason, diff))
    return tuple(found)


def plain(output: str) -> str:
    """The output without its frames and facts: what the commands themselves printed."""
    kept: list[str] = []
    inside = False
    for line in output.split("\n"):
        if line.startswith(FRAME):
            inside = line.startswith(f"{FRAME}diff\t")
        elif not inside and not line.startswith("fact\t"):
            kept.append(line)
    return "\n".join(kept)


def summary(reported: Iterable[Reported]) -> str:
    """A few words for a person: ``changed 5, ok 3``."""
    counts = Counter(item.state for item in reported if item.state is not State.ARMED)
    return ", ".join(f"{state} {counts[state]}" for state in State if counts[state])
