"""All rows of two sides, read range by range; only digests travel.

As quick as it goes both work at once. Gently they work in turn, and rest, so that neither works for longer than its
share of the time, and where both are on one machine only one of them is in its users' way.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

from golive.site.changes import Key
from golive.site.sides import Side, at_once
from golive.site.tables import Table, by_key

ROWS = 1000
"""Rows in a range: some milliseconds of work, so that nobody waits for long behind it."""
PATIENCE = 120.0
"""Seconds in which a side answers."""


class Compared(NamedTuple):
    """A range that was read."""

    rows: int
    """That the source has in it."""
    different: frozenset[Key]
    """Keys of which the sides do not show the same."""


class Ranges:
    """Reads tables on both sides.

    Args:
        source: the side whose keys bound the ranges.
        target: the other one.
        share: how much of the time a side may work, up to a half; 1: both all of the time.
    """

    def __init__(self, source: Side, target: Side, share: float) -> None:
        self._source, self._target, self._share = source, target, share
        self._worked: dict[str, float] = {}

    def of(self, table: Table) -> Iterator[Compared]:
        """All ranges of a table, one after the other. Raises SqlError."""
        low: Key | None = None
        while True:
            began, self._worked = time.monotonic(), {}
            high = self._end(table, low)
            yield self._compared(table, table.where(low, high))
            worked = max(self._worked.values(), default=0.0)
            time.sleep(max(0.0, worked / self._share - (time.monotonic() - began)))
            if high is None:
                return
            low = high

    def _end(self, table: Table, low: Key | None) -> Key | None:
        """The last key of the range behind this one; None: it goes on to the end."""
        query = f"SELECT {table.keys()} FROM {table.sql} {table.where(low, None)} ORDER BY {table.keys()}"
        rows = self._ask(self._source, f"{query} OFFSET {ROWS - 1} LIMIT 1")
        return tuple(rows[0]) if rows else None

    def _compared(self, table: Table, where: str) -> Compared:
        sums = f"pg_catalog.sum(('x' || pg_catalog.left({table.hash()}, 15))::bit(60)::bigint)"
        (here,), (there,) = self._both(f"SELECT count(*), coalesce({sums}, 0) FROM {table.sql} {where}")
        if here == there:
            return Compared(int(here[0]), frozenset())
        one, other = map(by_key, self._both(f"SELECT {table.keys()}, {table.hash()} FROM {table.sql} {where}"))
        different = (key for key in one.keys() | other.keys() if one.get(key) != other.get(key))
        return Compared(int(here[0]), frozenset(different))

    def _both(self, query: str) -> tuple[list[list[str]], list[list[str]]]:
        if self._share == 1:  # no rest follows
            return at_once(query, self._source, self._target, PATIENCE)
        return self._ask(self._source, query), self._ask(self._target, query)

    def _ask(self, side: Side, query: str) -> list[list[str]]:
        began = time.monotonic()
        rows = side.query(query, PATIENCE)
        self._worked[side.name] = self._worked.get(side.name, 0.0) + time.monotonic() - began
        return rows
