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
from typing import Any, Protocol

from golive.digest import canonical, digest_bytes
from golive.errors import JournalError
from golive.graph.graph import Graph, from_json, to_store
from golive.journal.chain import link
from golive.journal.events import Entry, Event, encode
from golive.journal.record import Record, read

FORMAT = "1"
"""Version of the tables. A newer golive reads older ones; an older golive refuses newer ones."""

_TABLES = """
    CREATE TABLE IF NOT EXISTS meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
    CREATE TABLE IF NOT EXISTS runs (run VARCHAR PRIMARY KEY, began VARCHAR NOT NULL);
    CREATE TABLE IF NOT EXISTS entries (
        run VARCHAR NOT NULL REFERENCES runs (run), seq INTEGER NOT NULL, at VARCHAR NOT NULL, body VARCHAR NOT NULL,
        previous VARCHAR NOT NULL, hash VARCHAR NOT NULL, PRIMARY KEY (run, seq));
    CREATE TABLE IF NOT EXISTS graphs (digest VARCHAR PRIMARY KEY, body VARCHAR NOT NULL);
    CREATE TABLE IF NOT EXISTS blobs (digest VARCHAR PRIMARY KEY, body BLOB);
"""
_RECORDS = "SELECT seq, at, body, previous, hash FROM entries WHERE run = :run AND seq > :after ORDER BY seq"
_ADD = "INSERT INTO entries (run, seq, at, body, previous, hash) VALUES (:run, :seq, :at, :body, :previous, :hash)"
KEEP = "INSERT INTO {} (digest, body) VALUES (:digest, :body) ON CONFLICT DO NOTHING"


class Rows(Protocol):
    """What a statement found."""

    def fetchone(self) -> Any: ...

    def fetchall(self) -> Sequence[Any]: ...


class Connection(Protocol):
    """A connection to a database, with ``:name`` for what is filled in."""

    def execute(self, statement: str, values: Mapping[str, Any] = ..., /) -> Rows:
        """Has one statement done."""
        ...


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
        self.now, self._path = now, path
        self._idle: list[sqlite3.Connection] = []
        with self._writing() as connection:
            for table in _TABLES.strip().split(";\n"):
                connection.execute(table)
            self._claim_format(connection, path)

    def _claim_format(self, connection: Connection, path: Path) -> None:
        found = self._meta(connection, "format")
        if found is None:
            self._say(connection, "format", FORMAT)
        elif found != FORMAT:
            raise JournalError(f"{path} has format {found}, this golive knows {FORMAT}", "use the golive that wrote it")

    @contextmanager
    def _connected(self) -> Generator[sqlite3.Connection]:
        """A connection that nobody else uses meanwhile, in whichever thread."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = _connect(self._path)
        try:
            yield connection
        finally:
            if connection.in_transaction:
                connection.rollback()
            self._idle.append(connection)

    @contextmanager
    def _writing(self) -> Generator[Connection]:
        try:
            with self._connected() as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.commit()
        except sqlite3.DatabaseError as error:
            raise JournalError(f"the store cannot be written: {error}", "is the disk full, or read-only?") from error

    @contextmanager
    def _reading(self) -> Generator[Connection]:
        try:
            with self._connected() as connection:
                connection.execute("BEGIN")
                yield connection
        except sqlite3.DatabaseError as error:
            raise JournalError(f"the store cannot be read: {error}") from error

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
        while self._idle:
            self._idle.pop().close()

    @staticmethod
    def _meta(connection: Connection, key: str) -> str | None:
        found = connection.execute("SELECT value FROM meta WHERE key = :key", {"key": key}).fetchone()
        return found[0] if found else None

    @staticmethod
    def _say(connection: Connection, key: str, value: str) -> None:
        connection.execute("DELETE FROM meta WHERE key = :key", {"key": key})
        connection.execute("INSERT INTO meta (key, value) VALUES (:key, :value)", {"key": key, "value": value})

    def constant(self, key: str, make: Callable[[], str]) -> str:
        """A value that is made once for the project and then stays, such as its id."""
        with self._writing() as connection:
            self._alone(connection)
            found = self._meta(connection, key)
            if found is None:
                found = make()
                self._say(connection, key, found)
            return found

    def next_epoch(self, above: int = 0) -> int:
        """A coordinator's epoch: higher than any that this store has given out, and higher than ``above``."""
        with self._writing() as connection:
            self._alone(connection)
            epoch = max(int(self._meta(connection, "epoch") or 0), above) + 1
            self._say(connection, "epoch", str(epoch))
            return epoch

    def add_run(self, run: str) -> None:
        """Adds a run. Raises JournalError when there is one of that name."""
        with self._writing() as connection:
            self._begin(connection, run, self.now().isoformat())

    @staticmethod
    def _begin(connection: Connection, run: str, began: str) -> None:
        connection.execute("INSERT INTO runs (run, began) VALUES (:run, :began)", {"run": run, "began": began})

    def restore(self, run: str, records: Sequence[Record], graphs: Mapping[str, str]) -> None:
        """Puts back a run that was kept elsewhere, as it was written; its entries were verified."""
        keys = ("seq", "at", "body", "previous", "hash")
        with self._writing() as connection:
            self._begin(connection, run, records[0].at)
            for kept in records:
                connection.execute(_ADD, {"run": run} | {key: getattr(kept, key) for key in keys})
        for name, body in graphs.items():
            self._keep("graphs", name, body)

    def runs(self) -> tuple[str, ...]:
        """All runs, oldest first."""
        with self._reading() as connection:
            return tuple(run for (run,) in connection.execute("SELECT run FROM runs ORDER BY began, run").fetchall())

    def entries(self, run: str, after: int = 0) -> tuple[Entry, ...]:
        """The entries of a run behind sequence number ``after``."""
        with self._reading() as connection:
            return self._entries(connection, run, after)

    def records(self, run: str, after: int = 0) -> tuple[Record, ...]:
        """The entries of a run behind sequence number ``after`` as they are written, unread."""
        with self._reading() as connection:
            return self._records(connection, run, after)

    @staticmethod
    def _records(connection: Connection, run: str, after: int) -> tuple[Record, ...]:
        rows = connection.execute(_RECORDS, {"run": run, "after": after}).fetchall()
        return tuple(Record(*row) for row in rows)

    def _entries(self, connection: Connection, run: str, after: int) -> tuple[Entry, ...]:
        return tuple(_entry(run, record) for record in self._records(connection, run, after))

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
            records = self._records(connection, run, max(seq - 1, 0))
            if seq and (not records or records[0].seq != seq):
                raise JournalError(f"the journal of {run} was cut: entry {seq} is gone", "restore it from a copy")
            others = tuple(_entry(run, record) for record in records if record.seq > seq)
            allowed(others)
            last = (others[-1].seq, others[-1].hash) if others else (seq, head)
            entries = self._linked(events, *last)
            self._add(connection, [row(run, entry) for entry in entries])
        return (*others, *entries)

    def _add(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        for one in rows:
            connection.execute(_ADD, one)

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
        self._keep("graphs", name, body)
        return name

    def graph(self, name: str) -> Graph:
        """The graph of this name. Raises JournalError when it is not there, or is not what was written."""
        return from_json(json.loads(self.graph_text(name)))

    def graph_text(self, name: str) -> str:
        """The graph of this name as it was written. Raises JournalError."""
        with self._reading() as connection:
            body = self._kept_body(connection, "graphs", name)
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
        self._keep("blobs", digest, body)
        return digest

    def blob(self, digest: str) -> bytes:
        """The bytes of this digest; none for the empty digest."""
        with self._reading() as connection:
            body = self._kept_body(connection, "blobs", digest) or b""
        if body and digest_bytes(body) != digest:
            raise _damaged("output", digest)
        return body

    @staticmethod
    def _kept_body(connection: Connection, table: str, digest: str) -> Any:
        found = connection.execute(f"SELECT body FROM {table} WHERE digest = :digest", {"digest": digest}).fetchone()
        return found[0] if found else None

    def _keep(self, table: str, digest: str, body: Any) -> None:
        with self._writing() as connection:
            connection.execute(KEEP.format(table), {"digest": digest, "body": body})


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")  # an attempt's number must outlive a power cut
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


def row(run: str, entry: Entry) -> Mapping[str, Any]:
    """How an entry is written."""
    keys = {"seq": entry.seq, "at": entry.at, "previous": entry.previous, "hash": entry.hash}
    return keys | {"run": run, "body": canonical(encode(entry.event))}


def _damaged(what: str, digest: str) -> JournalError:
    return JournalError(
        f"{what} {digest[:12]} is damaged", "the store was changed from outside: restore it from a copy"
    )


def _entry(run: str, kept: Record) -> Entry:
    try:
        return read(kept)
    except (KeyError, TypeError, ValueError) as error:
        hint = "a newer golive may have written it; otherwise the journal is damaged"
        raise JournalError(f"entry {kept.seq} of {run} cannot be read: {error}", hint) from error
