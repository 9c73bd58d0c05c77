"""A figure that was measured, with the limit that is claimed for it."""

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One figure; ``limit`` is the most that is claimed for it, ``least`` the least."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    least: float | None = None

    @property
    def holds(self) -> bool:
        """Whether it is within its limits."""
        return (self.limit is None or self.value <= self.limit) and (self.least is None or self.value >= self.least)

    @property
    def claim(self) -> str:
        """The limits, in words; nothing where there are none."""
        bounds = [("at most", self.limit), ("at least", self.least)]
        return ", ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)

    @property
    def verdict(self) -> str:
        """The claim and whether it holds, for the table."""
        return f"({self.claim}: {'holds' if self.holds else 'DOES NOT HOLD'})" if self.claim else ""


def seconds(action: Callable[[], object]) -> float:
    """How long the action takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def side_by_side(first: Sequence[str], second: Sequence[str], times: int = 15) -> tuple[float, float]:
    """The median seconds of two commands, run in turn as whole processes."""
    pairs = [(seconds(lambda: _run(first)), seconds(lambda: _run(second))) for _ in range(times)]
    return statistics.median(one for one, _ in pairs), statistics.median(other for _, other in pairs)


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
