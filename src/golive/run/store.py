"""The store: the journal's entries, the graphs and the blobs of a project, in one SQLite file.

Several processes may read and append at once; an entry gets its sequence number and its hash under the database's
write lock. Nothing is ever changed or removed.
"""

import json
import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    delete,
    event,
    insert,
    select,
)
from sqlalchemy.exc import DatabaseError

from golive.digest import canonical, digest_bytes
from golive.errors import JournalError
from golive.graph.graph import Graph, from_json, to_store
from golive.journal.chain import link
from golive.journal.events import Entry, Event, decode, encode
from golive.journal.record import Record

FORMAT = "1"
"""Version of the tables. A newer golive reads older ones; an older golive refuses newer ones."""

tables = MetaData()
_meta = Table("meta", tables, Column("key", String, primary_key=True), Column("value", String, nullable=False))
runs_table = Table("runs", tables, Column("run", String, primary_key=True), Column("began", String, nullable=False))
_entries = Table(
    "entries",
    tables,
    Column("run", String, ForeignKey("runs.run"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", String, nullable=False),
    Column("body", String, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
)
_graphs = Table("graphs", tables, Column("digest", String, primary_key=True), Column("body", String, nullable=False))
_blobs = Table("blobs", tables, Column("digest", String, primary_key=True), Column("body", LargeBinary))

_BEHIND = (
    select(_entries)
    .where(_entries.c.run == bindparam("named"), _entries.c.seq > bindparam("after"))
    .order_by(_entries.c.seq)
)
"""Made once: it is asked several times for each step."""


def utc_now() -> datetime:
    """The time, with zone."""
    return datetime.now(UTC)


class Store:
    """One project's store.

    Args:
        path: the SQLite file; it is made, readable by its owner only, when it is not there.
        now: the clock.
    """

    def __init__(self, path: Path, now: Callable[[], datetime] = utc_now) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            path.touch(mode=0o600)
        self.now = now
        self._engine = _engine(path)
        with self._writing() as connection:
            tables.create_all(connection)
            self._claim_format(connection, path)

    def _claim_format(self, connection: Connection, path: Path) -> None:
        found = self._meta(connection, "format")
        if found is None:
            connection.execute(insert(_meta).values(key="format", value=FORMAT))
        elif found != FORMAT:
            raise JournalError(f"{path} has format {found}, this golive knows {FORMAT}", "use the golive that wrote it")

    @contextmanager
    def _writing(self) -> Generator[Connection]:
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
                connection.commit()
        except DatabaseError as error:
            raise JournalError(
                f"the store cannot be written: {error.orig}", "is the disk full, or read-only?"
            ) from error

    @contextmanager
    def _reading(self) -> Generator[Connection]:
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("BEGIN")
                yield connection
        except DatabaseError as error:
            raise JournalError(f"the store cannot be read: {error.orig}") from error

    def _alone(self, connection: Connection, run: str | None = None) -> None:
        """Whoever writes to SQLite does so alone."""

    @contextmanager
    def driving(self, run: str, who: Callable[[], str]) -> Generator[None]:
        """Only one coordinator drives a run; here the plan's lock holds that already."""
        yield

    @property
    def url(self) -> str | None:
        """Where workers on other machines find it; None: nowhere."""
        return None

    def close(self) -> None:
        """Lets go of the file."""
        self._engine.dispose()

    @staticmethod
    def _meta(connection: Connection, key: str) -> str | None:
        return connection.execute(select(_meta.c.value).where(_meta.c.key == key)).scalar()

    def constant(self, key: str, make: Callable[[], str]) -> str:
        """A value that is made once for the project and then stays, such as its id."""
        with self._writing() as connection:
            self._alone(connection)
            found = self._meta(connection, key)
            if found is None:
                found = make()
                connection.execute(insert(_meta).values(key=key, value=found))
            return found

    def next_epoch(self, above: int = 0) -> int:
        """A coordinator's epoch: higher than any that this store has given out, and higher than ``above``."""
        with self._writing() as connection:
            self._alone(connection)
            epoch = max(int(self._meta(connection, "epoch") or 0), above) + 1
            connection.execute(delete(_meta).where(_meta.c.key == "epoch"))
            connection.execute(insert(_meta).values(key="epoch", value=str(epoch)))
            return epoch

    def add_run(self, run: str) -> None:
        """Adds a run. Raises JournalError when there is one of that name."""
        with self._writing() as connection:
            connection.execute(insert(runs_table).values(run=run, began=self.now().isoformat()))

    def restore(self, run: str, records: Sequence[Record], graphs: Mapping[str, str]) -> None:
        """Puts back a run that was kept elsewhere, as it was written; its entries were verified."""
        keys = ("seq", "at", "body", "previous", "hash")
        rows = [{"run": run} | {key: getattr(kept, key) for key in keys} for kept in records]
        with self._writing() as connection:
            connection.execute(insert(runs_table).values(run=run, began=records[0].at))
            connection.execute(insert(_entries), rows)
        for name, body in graphs.items():
            self._keep(_graphs, name, body)

    def runs(self) -> tuple[str, ...]:
        """All runs, oldest first."""
        with self._reading() as connection:
            return tuple(
                connection.execute(select(runs_table.c.run).order_by(runs_table.c.began, runs_table.c.run)).scalars()
            )

    def entries(self, run: str, after: int = 0) -> tuple[Entry, ...]:
        """The entries of a run behind sequence number ``after``."""
        with self._reading() as connection:
            return self._entries(connection, run, after)

    def records(self, run: str, after: int = 0) -> tuple[Record, ...]:
        """The entries of a run behind sequence number ``after`` as they are written, unread."""
        with self._reading() as connection:
            rows = connection.execute(_BEHIND, {"named": run, "after": after}).all()
        return tuple(Record(row.seq, row.at, row.body, row.previous, row.hash) for row in rows)

    @staticmethod
    def _entries(connection: Connection, run: str, after: int) -> tuple[Entry, ...]:
        return tuple(_entry(row) for row in connection.execute(_BEHIND, {"named": run, "after": after}))

    def append(
        self, run: str, events: Sequence[Event], after: tuple[int, str], allowed: Callable[[tuple[Entry, ...]], None]
    ) -> tuple[Entry, ...]:
        """Appends events, all or none; returns all entries behind ``after``, the new ones last.

        Args:
            run: the run.
            events: the events.
            after: sequence number and hash of the last entry that the caller knows.
            allowed: called under the lock with what others appended since; it raises to refuse.
        """
        seq, head = after
        with self._writing() as connection:
            self._alone(connection, run)
            rows = connection.execute(_BEHIND, {"named": run, "after": max(seq - 1, 0)}).all()
            others = tuple(_entry(row) for row in rows if row.seq > seq)
            allowed(others)
            if seq and not rows:
                raise JournalError(f"the journal of {run} was cut: entry {seq} is gone", "restore it from a copy")
            last = (others[-1].seq, others[-1].hash) if others else (seq, head)
            entries = self._linked(events, *last)
            connection.execute(insert(_entries), [row(run, entry) for entry in entries])
        return (*others, *entries)

    def _linked(self, events: Sequence[Event], seq: int, head: str) -> list[Entry]:
        at, entries = self.now().isoformat(timespec="milliseconds"), list[Entry]()
        for number, what in enumerate(events, seq + 1):
            entries.append(link(number, at, what, head))
            head = entries[-1].hash
        return entries

    def save_graph(self, graph: Graph) -> str:
        """Keeps a graph; returns the digest of what was written, by which the journal names it."""
        body = canonical(to_store(graph))
        name = digest_bytes(body.encode())
        self._keep(_graphs, name, body)
        return name

    def graph(self, name: str) -> Graph:
        """The graph of this name. Raises JournalError when it is not there, or is not what was written."""
        return from_json(json.loads(self.graph_text(name)))

    def graph_text(self, name: str) -> str:
        """The graph of this name as it was written. Raises JournalError."""
        with self._reading() as connection:
            body = connection.execute(select(_graphs.c.body).where(_graphs.c.digest == name)).scalar()
        if body is None:
            raise JournalError(f"graph {name[:12]} is not in the store")
        if digest_bytes(body.encode()) != name:
            raise JournalError(f"graph {name[:12]} is damaged", "the store was changed from outside")
        return body

    def save_blob(self, body: bytes) -> str:
        """Keeps bytes; returns their digest, or nothing for nothing."""
        if not body:
            return ""
        digest = digest_bytes(body)
        self._keep(_blobs, digest, body)
        return digest

    def blob(self, digest: str) -> bytes:
        """The bytes of this digest; none for the empty digest."""
        with self._reading() as connection:
            body = connection.execute(select(_blobs.c.body).where(_blobs.c.digest == digest)).scalar() or b""
        if body and digest_bytes(body) != digest:
            raise _damaged("output", digest)
        return body

    def _keep(self, table: Table, digest: str, body: Any) -> None:
        with self._writing() as connection:
            if not connection.execute(select(table.c.digest).where(table.c.digest == digest)).scalar():
                connection.execute(insert(table).values(digest=digest, body=body))


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30, "isolation_level": None})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")  # an attempt's number must outlive a power cut
        connection.execute("PRAGMA foreign_keys=ON")

    return engine


def row(run: str, entry: Entry) -> Mapping[str, Any]:
    """How an entry is written."""
    keys = {"seq": entry.seq, "at": entry.at, "previous": entry.previous, "hash": entry.hash}
    return keys | {"run": run, "body": canonical(encode(entry.event))}


def _damaged(what: str, digest: str) -> JournalError:
    return JournalError(
        f"{what} {digest[:12]} is damaged", "the store was changed from outside: restore it from a copy"
    )


def _entry(row: Any) -> Entry:
    try:
        return Entry(row.seq, row.at, decode(json.loads(row.body)), row.previous, row.hash)
    except (KeyError, TypeError, ValueError) as error:
        hint = "a newer golive may have written it; otherwise the journal is damaged"
        raise JournalError(f"entry {row.seq} of {row.run} cannot be read: {error}", hint) from error
