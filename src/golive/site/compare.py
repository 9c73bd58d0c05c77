"""The comparison of two sides while one follows the other: ranges first, then row by row what the stream says changed.

A row counts as equal when both sides showed the same and no change of it was read since. What was changed is compared
again behind a marker, so what is left at the end is what was changed in the last moments.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from golive.site.changes import Key, Reader, fetch
from golive.site.psql import ident, literal
from golive.site.shape import SHAPE
from golive.site.sides import Side
from golive.words import several

RANGE = 5000
"""Rows in a range."""
AT_ONCE = 500
"""Rows asked for by key in one statement."""
STRIKES = 3
"""How often a row must differ behind a marker, with no change of it in the stream, until it is a difference."""


class Differs(Exception):
    """The sides hold different content, or their tables have changed."""


class Table(NamedTuple):
    """A table that is followed."""

    schema: str
    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def title(self) -> str:
        """As people write it."""
        return f"{self.schema}.{self.name}"

    @property
    def sql(self) -> str:
        """As SQL wants it."""
        return f"{ident(self.schema)}.{ident(self.name)}"

    def keys(self) -> str:
        """The key's columns as SQL."""
        return ", ".join(ident(column) for column in self.key)

    def hash(self) -> str:
        """The digest of a row as SQL; columns that only one side has do not count."""
        return f"pg_catalog.md5(ROW({', '.join(ident(column) for column in self.columns)})::text)"


_TABLES = """SELECT n.nspname, c.relname,
  (SELECT string_agg(a.attname, E'\\x1d' ORDER BY k.place) FROM pg_catalog.pg_index i,
    unnest(i.indkey::int[]) WITH ORDINALITY k(number, place), pg_catalog.pg_attribute a
    WHERE i.indrelid = c.oid AND a.attrelid = c.oid AND a.attnum = k.number
      AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END),
  (SELECT string_agg(a.attname, E'\\x1d' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')
FROM pg_catalog.pg_publication_tables p, pg_catalog.pg_class c, pg_catalog.pg_namespace n
WHERE p.pubname = %s AND n.nspname = p.schemaname AND c.relnamespace = n.oid AND c.relname = p.tablename
  AND n.nspname <> 'golive'
ORDER BY pg_catalog.pg_relation_size(c.oid) DESC, 1, 2"""


def tables(side: Side, publication: str) -> tuple[Table, ...]:
    """The tables of a publication, the big ones first."""
    found = side.query(_TABLES % literal(publication))
    return tuple(Table(row[0], row[1], tuple(row[2].split("\x1d")), tuple(row[3].split("\x1d"))) for row in found)


class Comparison:
    """Compares as it goes; ``prove`` says at the end that all is equal.

    Args:
        source: the side that takes writes.
        target: the side that follows.
        slot: a slot on the source, made before the comparison begins.
        publication: what the slot is read for.
        followed: the tables.
        shape: of the source's tables, which must stay as it is.
        share: how much of the time ranges may be read, between 0 and 1.
    """

    def __init__(
        self,
        source: Side,
        target: Side,
        slot: str,
        publication: str,
        followed: Iterable[Table],
        shape: str,
        share: float = 0.5,
    ) -> None:
        self._source, self._target, self._slot, self._publication = source, target, slot, publication
        self._share = share
        self._pool = ThreadPoolExecutor(1)
        self.tables = {table.title: table for table in followed}
        self._reader = Reader({table.title: table.key for table in self.tables.values()})
        self._pending: dict[str, set[Key]] = {}
        self._strikes: dict[tuple[str, Key], int] = {}
        self._shape = shape
        self._marks = 0
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

    def ranges(self, tell: Callable[[str], None]) -> None:
        """Compares all tables, range by range. Raises Differs, SqlError."""
        for table in self.tables.values():
            before = self.rows
            for low, high in self._bounds(table):
                began = time.monotonic()
                self._range(table, low, high)
                self.drink()
                time.sleep((time.monotonic() - began) * (1 / self._share - 1))
            tell(f"compared {table.title}: {several(self.rows - before, 'row')}")

    def _bounds(self, table: Table) -> Iterator[tuple[Key | None, Key | None]]:
        low: Key | None = None
        while True:
            query = f"SELECT {table.keys()} FROM {table.sql} {_where(table, low, None)} ORDER BY {table.keys()}"
            rows = self._source.query(f"{query} OFFSET {RANGE - 1} LIMIT 1", 120)
            high = tuple(rows[0]) if rows else None
            yield low, high
            if high is None:
                return
            low = high

    def _range(self, table: Table, low: Key | None, high: Key | None) -> None:
        sums = f"pg_catalog.sum(('x' || pg_catalog.left({table.hash()}, 15))::bit(60)::bigint)"
        query = f"SELECT count(*), coalesce({sums}, 0) FROM {table.sql} {_where(table, low, high)}"
        (old,), (new,) = self._both(query, 120)
        self.rows += int(old[0])
        if old == new:
            return
        query = f"SELECT {table.keys()}, {table.hash()} FROM {table.sql} {_where(table, low, high)}"
        here, there = map(_by_key, self._both(query, 120))
        different = {key for key in here.keys() | there.keys() if here.get(key) != there.get(key)}
        self._pending.setdefault(table.title, set()).update(different)

    def _both(self, query: str, patience: float | None = None) -> tuple[list[list[str]], list[list[str]]]:
        """What both sides answer, asked at the same time."""
        there = self._pool.submit(self._target.query, query, patience)
        return self._source.query(query, patience), there.result()

    def drink(self) -> set[tuple[str, Key]]:
        """Reads what changed since the last time. Raises Differs when tables were changed or truncated."""
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
                query = f"SELECT {table.keys()}, {table.hash()} FROM {table.sql} WHERE {_among(table, part)}"
                here, there = map(_by_key, self._both(query))
                found |= {(title, key) for key in part if here.get(key) != there.get(key)}
        return found


def _by_key(rows: Sequence[Sequence[str]]) -> dict[Key, str]:
    return {tuple(row[:-1]): row[-1] for row in rows}


def _tuple(key: Key) -> str:
    return f"({', '.join(literal(part) for part in key)})"


def _among(table: Table, keys: Sequence[Key]) -> str:
    if len(table.key) == 1:
        return f"{table.keys()} IN ({', '.join(literal(key[0]) for key in keys)})"
    return f"({table.keys()}) IN ({', '.join(_tuple(key) for key in keys)})"


def _where(table: Table, low: Key | None, high: Key | None) -> str:
    columns = f"({table.keys()})" if len(table.key) > 1 else table.keys()
    parts = [f"{columns} {sign} {_tuple(key)}" for sign, key in ((">", low), ("<=", high)) if key is not None]
    return f"WHERE {' AND '.join(parts)}" if parts else ""
