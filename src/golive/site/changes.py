"""What changed on a side, as its write-ahead log tells it through a slot of ``pgoutput``, protocol version 1.

https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Tuple

from golive.site.psql import literal
from golive.site.sides import Side

Key = Tuple[str, ...]
"""The key of a row, each column as text."""


class Seen(NamedTuple):
    """What a batch of changes holds."""

    keys: dict[str, set[Key]]
    """Changed rows by table, as ``schema.table``."""
    truncated: set[str]
    columns: dict[str, tuple[str, ...]]
    """The columns of each table that was described."""


class Reader:
    """Reads messages one by one and remembers the relations that they describe.

    Args:
        keys: the key columns of each table, by ``schema.table``.
    """

    def __init__(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        self._keys = keys
        self._names: dict[int, str] = {}
        self._columns: dict[str, tuple[str, ...]] = {}

    def read(self, messages: Iterable[bytes]) -> Seen:
        """What these messages say."""
        seen = Seen({}, set(), {})
        for message in messages:
            kind, body = message[:1], message[1:]
            if kind == b"R":
                name = self._relation(body)
                seen.columns[name] = self._columns[name]
            elif kind in (b"I", b"U", b"D"):
                self._row(body, seen)
            elif kind == b"T":
                count = struct.unpack(">i", body[:4])[0]
                for oid in struct.unpack(f">{count}I", body[5 : 5 + 4 * count]):
                    seen.truncated.add(self._names[oid])
        return seen

    def _relation(self, body: bytes) -> str:
        oid = struct.unpack(">I", body[:4])[0]
        schema, table, rest = body[4:].split(b"\x00", 2)
        name = f"{schema.decode()}.{table.decode()}"
        count, rest = struct.unpack(">h", rest[1:3])[0], rest[3:]
        columns: list[str] = []
        for _ in range(count):
            column, rest = rest[1:].split(b"\x00", 1)
            columns.append(column.decode())
            rest = rest[8:]
        self._names[oid], self._columns[name] = name, tuple(columns)
        return name

    def _row(self, body: bytes, seen: Seen) -> None:
        name = self._names[struct.unpack(">I", body[:4])[0]]
        wanted = self._keys.get(name)
        rest = body[4:]
        while rest and wanted:
            values, rest = _tuple(rest[1:])
            by_name = dict(zip(self._columns[name], values))
            key = tuple(value for value in (by_name.get(column) for column in wanted) if value is not None)
            if len(key) == len(wanted):  # an old row tells its key alone, a new one all
                seen.keys.setdefault(name, set()).add(key)


def _tuple(body: bytes) -> tuple[list[str | None], bytes]:
    count, rest = struct.unpack(">h", body[:2])[0], body[2:]
    values: list[str | None] = []
    for _ in range(count):
        kind, rest = rest[:1], rest[1:]
        if kind == b"t":
            size = struct.unpack(">i", rest[:4])[0]
            values.append(rest[4 : 4 + size].decode("utf-8", "replace"))
            rest = rest[4 + size :]
        else:
            values.append(None)
    return values, rest


def fetch(side: Side, slot: str, publication: str) -> list[bytes]:
    """All messages that the slot has; they are gone from it then. Raises SqlError."""
    rows = side.query(
        f"SELECT data FROM pg_catalog.pg_logical_slot_get_binary_changes({literal(slot)}, NULL, NULL,"
        f" 'proto_version', '1', 'publication_names', {literal(publication)})"
    )
    return [bytes.fromhex(row[0][2:]) for row in rows]
