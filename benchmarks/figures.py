"""A figure that was measured, with the limit that is claimed for it."""

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One figure."""

    name: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def holds(self) -> bool:
        """Whether it is within its limit."""
        return self.limit is None or self.value <= self.limit

    @property
    def verdict(self) -> str:
        """The limit and whether it holds, for the table."""
        return "" if self.limit is None else f"(at most {self.limit:g}: {'holds' if self.holds else 'DOES NOT HOLD'})"


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
