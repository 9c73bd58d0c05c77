"""What was measured of the cutover, kept from one command to the next, and the figures that follow from it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure

Parts = Mapping[str, Mapping[str, Any]]


class Results:
    """Parts by size of the data; a newer one takes the place of an older one.

    Args:
        path: the JSON file that keeps them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.sizes: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8")) if path.exists() else {}

    def keep(self, size: str, part: str, found: Mapping[str, Any]) -> None:
        """Keeps what a part has left."""
        self.sizes.setdefault(size, {})[part] = dict(found)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self.sizes, indent=1), encoding="utf-8")

    def figures(self, size: str | None = None) -> list[Figure]:
        """What is claimed, for one size or all, as far as its parts are there."""
        some = [name for name in self.sizes if size in (None, name)]
        found = [figure for name in some for figure in figures(name, self.sizes[name])]
        both = [self.sizes.get(name, {}).get("cross") for name in ("1 GB", "3 GB")]
        if size is None and all(both):
            small, large = (one["there"]["beyond"] for one in both if one)
            found.append(Figure("3 GB: stall beside that at 1 GB", large / small, "x", 1.2))
        return found


def figures(size: str, parts: Parts) -> Iterator[Figure]:
    """The figures of one size of data."""
    if cross := parts.get("cross"):
        yield Figure(f"{size}: writes a second", cross["writes a second"], "/s", least=100)
        yield Figure(f"{size}: acknowledged writes lost", cross["lost"], "", 0)
        yield Figure(f"{size}: requests failed", cross["failed"], "", 0)
        yield Figure(f"{size}: stall there, beyond the slow request", cross["there"]["beyond"], "s", 1.0)
        yield Figure(f"{size}: stall back, beyond the slow request", cross["back"]["beyond"], "s", 1.0)
        slower, compared = (cross[p99] / cross["p99 without"] for p99 in ("p99 copying", "p99 comparing"))
        yield Figure(f"{size}: p99 during the copy beside that until it", slower, "x", 2)
        yield Figure(f"{size}: p99 while all is compared beside that until the copy", compared, "x")
        yield Figure(f"{size}: p99 of users alone", 1000 * cross["p99 users alone"], "ms")
        yield Figure(f"{size}: p99 until the copy, golive at work", 1000 * cross["p99 without"], "ms")
        yield Figure(f"{size}: p99 during the copy", 1000 * cross["p99 copying"], "ms")
        yield Figure(f"{size}: p99 while all is compared", 1000 * cross["p99 comparing"], "ms")
    if copied := parts.get("copy"):
        by_hand = sum(copied["by hand"]) / len(copied["by hand"])
        yield Figure(f"{size}: rate of the copy beside dump and restore", by_hand / copied["golive"], "x", least=0.8)
    if hand := parts.get("hand"):
        yield Figure(f"{size}: by hand, time without a write", hand["gap"], "s")
        yield Figure(f"{size}: by hand, requests failed", hand["failed"], "")
