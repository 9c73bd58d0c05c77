"""A table that is followed, and how SQL speaks of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from golive.site.changes import Key
from golive.site.psql import ident, literal
from golive.site.sides import Side


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

    def among(self, keys: Sequence[Key]) -> str:
        """Whether a row is one of these, as SQL."""
        if len(self.key) == 1:
            return f"{self.keys()} IN ({', '.join(literal(key[0]) for key in keys)})"
        return f"({self.keys()}) IN ({', '.join(_tuple(key) for key in keys)})"

    def where(self, low: Key | None, high: Key | None) -> str:
        """The clause for the rows behind one key, up to another; None: no bound. Empty when there is no bound."""
        columns = f"({self.keys()})" if len(self.key) > 1 else self.keys()
        parts = [f"{columns} {sign} {_tuple(key)}" for sign, key in ((">", low), ("<=", high)) if key is not None]
        return f"WHERE {' AND '.join(parts)}" if parts else ""


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


def by_key(rows: Sequence[Sequence[str]]) -> dict[Key, str]:
    """Rows of a key and a digest, as a mapping."""
    return {tuple(row[:-1]): row[-1] for row in rows}


def _tuple(key: Key) -> str:
    return f"({', '.join(literal(part) for part in key)})"
