"""What was measured, kept from one command to the next, and the figures that follow from it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure


@dataclass(frozen=True)
class Row:
    """One tool in one part: the median of its runs, and the most memory."""

    part: str
    tool: str
    hosts: int
    resources: int
    seconds: float
    cpu: float
    mebibytes: float
    runs: int

    @property
    def shown(self) -> str:
        """The row for a terminal."""
        what = f"{self.part:<8} {self.tool:<8} {self.hosts:>2} x {self.resources:<3}"
        return f"{what} {self.seconds:8.2f} s  {self.cpu:6.2f} s CPU  {self.mebibytes:4.0f} MiB  ({self.runs} runs)"


class Results:
    """Rows by part and tool; a newer row takes the place of an older one.

    Args:
        path: the JSON file that keeps them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        kept: dict[str, Any] = {"versions": {}, "rows": []}
        if path.exists():
            kept = json.loads(path.read_text(encoding="utf-8"))
        self.tools: dict[str, str] = kept["versions"]
        rows: list[dict[str, Any]] = kept["rows"]
        self._rows = {(row["part"], row["tool"]): Row(**row) for row in rows}

    @property
    def rows(self) -> Sequence[Row]:
        """All rows."""
        return list(self._rows.values())

    def keep(self, row: Row) -> None:
        """Keeps one more row."""
        self._rows[row.part, row.tool] = row
        self._write()

    def versions(self, versions: Mapping[str, str]) -> None:
        """Keeps the versions of the peers."""
        self.tools = dict(versions)
        self._write()

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        kept = {"versions": self.tools, "rows": [asdict(row) for row in self.rows]}
        self._path.write_text(json.dumps(kept, indent=1), encoding="utf-8")

    def figures(self) -> list[Figure]:
        """What is claimed, as far as its rows are there."""
        return list(figures(self._rows))


Rows = Mapping[tuple[str, str], Row]

CLAIMS = (
    ("same", "pyinfra", 6.0),
    ("same", "ansible", 50.0),
    ("first", "pyinfra", 5.0),
    ("far", "pyinfra", 10.0),
    ("many", "pyinfra", 10.0),
)
"""In which part golive is how many times faster than whom."""

BESIDE_BARE = (("many", 1.3), ("long-500", 1.2))
"""In which part golive takes at most how many times as long as the bare script."""


def figures(rows: Rows) -> Iterator[Figure]:
    """The figures that can be told from these rows."""
    for part, peer, least in CLAIMS:
        if {(part, peer), (part, "golive")} <= rows.keys():
            yield Figure(
                f"{part}: faster than {peer}", rows[part, peer].seconds / _golive(rows, part), "x", least=least
            )
    for part, most in BESIDE_BARE:
        if {(part, "bare"), (part, "golive")} <= rows.keys():
            yield Figure(f"{part}: beside the bare script", _golive(rows, part) / rows[part, "bare"].seconds, "x", most)
    if {("far", "golive"), ("same", "golive")} <= rows.keys():
        yield Figure("far: more than without latency", _golive(rows, "far") - _golive(rows, "same"), "s", 1.2)
    yield from _growth(rows)
    yield from _controller(rows)


def _golive(rows: Rows, part: str) -> float:
    return rows[part, "golive"].seconds


def _growth(rows: Rows) -> Iterator[Figure]:
    """Linear growth: what one more resource costs is the same from 200 to 500 as it is from 50 to 200."""
    sizes = (50, 200, 500)
    if {(f"long-{size}", "golive") for size in sizes} <= rows.keys():
        few, some, all_of_them = (_golive(rows, f"long-{size}") for size in sizes)
        early, late = (some - few) / 150, (all_of_them - some) / 300
        yield Figure("long: milliseconds for one more resource, 50 to 200", 1000 * early, "ms")
        yield Figure("long: milliseconds for one more resource, 200 to 500", 1000 * late, "ms")


def _controller(rows: Rows) -> Iterator[Figure]:
    """What one more host costs the controller, from 8 hosts to 24 with the same resources."""
    if {("many", "golive"), ("some", "golive")} <= rows.keys():
        some, many = rows["some", "golive"], rows["many", "golive"]
        hosts = many.hosts - some.hosts
        yield Figure("many: CPU of the controller for a host", 1000 * (many.cpu - some.cpu) / hosts, "ms", 60.0)
        yield Figure("many: memory for a host", (many.mebibytes - some.mebibytes) / hosts, "MiB", 1.0)
