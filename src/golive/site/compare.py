"""The comparison of two sides while one follows the other: ranges first, then row by row what the stream says changed.

A row counts as equal when both sides showed the same and no change of it was read since. What was changed is compared
again behind a marker, so what is left at the end is what was changed in the last moments.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from golive.site.changes import Key, Reader, fetch
from golive.site.ranges import Ranges
from golive.site.shape import SHAPE
from golive.site.sides import Side, at_once
from golive.site.tables import Table, by_key
from golive.words import several

SIP = 0.5
"""Seconds after which, in the midst of comparing all, it is read what changed meanwhile."""
AT_ONCE = 500
"""Rows asked for by key in one statement."""
STRIKES = 3
"""How often a row must differ behind a marker, with no change of it in the stream, until it is a difference."""


class Differs(Exception):
    """The sides hold different content, or their tables have changed."""


class Comparison:
    """Compares as it goes; ``prove`` says at the end that all is equal.

    Args:
        source: the side that takes writes.
        target: the side that follows.
        slot: a slot on the source, made before the comparison begins.
        publication: what the slot is read for.
        followed: the tables.
        shape: of the source's tables, which must stay as it is.
    """

    def __init__(
        self,
        source: Side,
        target: Side,
        slot: str,
        publication: str,
        followed: Iterable[Table],
        shape: str,
    ) -> None:
        self._source, self._target, self._slot, self._publication = source, target, slot, publication
        self.tables = {table.title: table for table in followed}
        self._reader = Reader({table.title: table.key for table in self.tables.values()})
        self._pending: dict[str, set[Key]] = {}
        self._strikes: dict[tuple[str, Key], int] = {}
        self._shape = shape
        self._marks = 0
        self._drunk = 0.0
        self.rows = 0
        """Rows compared by range so far."""

    @property
    def pending(self) -> int:
        """Rows that were changed and have not been compared since."""
        return sum(len(keys) for keys in self._pending.values())

    @property
    def suspects(self) -> int:
        """Rows that differed when they were last compared, though no change of them was read since."""
        return len(self._strikes)

    def sweep(self, ranges: Ranges, tell: Callable[[str], None]) -> None:
        """Compares all tables. Raises Differs, SqlError.

        Args:
            ranges: reads both sides.
            tell: is told of each table.
        """
        for table in self.tables.values():
            before = self.rows
            for count, different in ranges.of(table):
                self.rows += count
                self._pending.setdefault(table.title, set()).update(different)
                if time.monotonic() - self._drunk > SIP:
                    self.drink()
            tell(f"compared {table.title}: {several(self.rows - before, 'row')}")

    def drink(self) -> set[tuple[str, Key]]:
        """Reads what changed since the last time. Raises Differs when tables were changed or truncated."""
        self._drunk = time.monotonic()
        seen = self._reader.read(fetch(self._source, self._slot, self._publication))
        for title, columns in seen.columns.items():
            table = self.tables.get(title)
            if table is not None and not set(table.columns) <= set(columns):
                raise Differs(f"{title} was changed on the {self._source.name} system")
        if truncated := {title for title in seen.truncated if title in self.tables}:
            raise Differs(f"{', '.join(sorted(truncated))} was emptied by TRUNCATE: begin again")
        self.unchanged()
        for title, keys in seen.keys.items():
            if title in self.tables:
                self._pending.setdefault(title, set()).update(keys)
        return {(title, key) for title, keys in seen.keys.items() for key in keys}

    def unchanged(self) -> None:
        """Raises Differs when a table was made, changed or dropped: that is not carried over."""
        if self._source.value(SHAPE) != self._shape:
            raise Differs(f"a table was made, changed or dropped on the {self._source.name} system since the copy")

    def settle(self, seconds: float) -> float:
        """Compares what was changed, behind a marker. Returns the lag in seconds. Raises Differs, SqlError."""
        self.drink()
        asked = {title: frozenset(keys) for title, keys in self._pending.items() if keys}
        lag = self.lag(seconds)
        left = self._unequal(asked)
        changed = self.drink()
        for title, keys in asked.items():
            for key in keys:
                if (title, key) in changed:
                    self._strikes.pop((title, key), None)
                elif (title, key) in left:
                    self._strike(title, key)
                else:
                    self._pending[title].discard(key)
                    self._strikes.pop((title, key), None)
        return lag

    def lag(self, seconds: float) -> float:
        """How long a marker takes from source to target. Raises SqlError when it does not arrive in time."""
        self._marks += 1
        text, began = f"{self._slot} {time.time_ns()} {self._marks}", time.monotonic()
        self._source.mark(text)
        self._target.await_mark(text, seconds)
        return time.monotonic() - began

    def prove(self) -> int:
        """Under the fence, both at the marker: all that was changed agrees. Returns how many rows. Raises Differs."""
        self.drink()
        asked = {title: frozenset(keys) for title, keys in self._pending.items() if keys}
        left = self._unequal(asked)
        if left:
            title, key = min(left)
            raise Differs(
                f"{several(len(left), 'row differs', 'rows differ')}, among them {title} {'/'.join(map(str, key))}"
            )
        self._pending.clear()
        return sum(len(keys) for keys in asked.values())

    def _strike(self, title: str, key: Key) -> None:
        strikes = self._strikes[title, key] = self._strikes.get((title, key), 0) + 1
        if strikes >= STRIKES:
            raise Differs(f"{title} {'/'.join(map(str, key))} differs, and nobody changes it")

    def _unequal(self, asked: Mapping[str, frozenset[Key]]) -> set[tuple[str, Key]]:
        found: set[tuple[str, Key]] = set()
        for title, keys in asked.items():
            table, ordered = self.tables[title], sorted(keys)
            for start in range(0, len(ordered), AT_ONCE):
                part = ordered[start : start + AT_ONCE]
                query = f"SELECT {table.keys()}, {table.hash()} FROM {table.sql} WHERE {table.among(part)}"
                here, there = map(by_key, at_once(query, self._source, self._target))
                found |= {(title, key) for key in part if here.get(key) != there.get(key)}
        return found
