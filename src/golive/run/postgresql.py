"""The store in a PostgreSQL database, for runs that several machines work on. One database holds one project.

An entry gets its sequence number and its hash under the lock of the run's row.
"""

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString, cast

from golive.errors import JournalError, LockedByAnother, UsageError
from golive.journal.events import Entry, Event
from golive.run.store import KEEP, Connection, Store, row, utc_now

if TYPE_CHECKING:
    from psycopg import Connection as Psycopgs
    from psycopg import Cursor

_MIGRATING, _WRITING = 7_301_001, 7_301_002
"""Keys of advisory locks, the database's own: whoever changes tables, or what belongs to no run, does so alone."""

SHORT = 256
"""Texts shorter than this are remembered as kept; nothing is ever removed."""

TRIES = 3
"""How often an event is appended without holding the run's row from one statement to the next."""

_APPEND = """
    WITH held AS (SELECT run FROM runs WHERE run = :run FOR UPDATE)
    INSERT INTO entries (run, seq, at, body, previous, hash)
    SELECT run, :seq::int, :at, :body, :previous::text, :hash FROM held
    WHERE :seq::int = 1 OR EXISTS (
        SELECT 1 FROM entries e WHERE e.run = held.run AND (e.seq, e.hash) = (:seq::int - 1, :previous::text))
    ON CONFLICT DO NOTHING"""
_ADD = """
    INSERT INTO entries (run, seq, at, body, previous, hash)
    SELECT * FROM unnest(:run::text[], :seq::int[], :at::text[], :body::text[], :previous::text[], :hash::text[])"""
_NAME = re.compile(r"(?<!:):([a-z]+)\b")


@lru_cache(maxsize=64)
def _written(statement: str) -> LiteralString:
    """A statement of the store's as psycopg wants it."""
    return cast("LiteralString", _NAME.sub(r"%(\1)s", statement))


class _Connection:
    """A connection of psycopg's, as the store knows one."""

    def __init__(self, connection: "Psycopgs") -> None:
        self._connection = connection

    def execute(self, statement: str, values: Mapping[str, Any] | None = None, /) -> "Cursor[Any]":
        """See ``Connection.execute``."""
        return self._connection.execute(_written(statement), values)


class PostgresStore(Store):
    """One project's store on a server.

    Args:
        url: ``postgresql://[USER@]HOST/DATABASE``; the password from PGPASSWORD or ~/.pgpass.
        now: the clock.

    Raises UsageError when the extra is not installed or the URL is wrong, and JournalError without a connection.
    """

    def __init__(self, url: str, now: Callable[[], datetime] = utc_now) -> None:  # pyright: ignore[reportMissingSuperCall]
        self.now, self._url = now, url
        self._kept = set[str]()
        self._there: list[Psycopgs] = []
        self._plain = _plain(url)
        with self._writing() as connection:
            connection.execute("SELECT pg_advisory_xact_lock(:key)", {"key": _MIGRATING})
            _migrate(connection, url)

    @property
    def url(self) -> str | None:
        """Where workers on other machines find it."""
        return self._url

    @contextmanager
    def _told(self, done: str) -> "Generator[Psycopgs]":
        """A connection that nobody else uses meanwhile, in whichever thread; errors are said as golive's own."""
        import psycopg

        try:
            try:
                connection = self._there.pop()
            except IndexError:
                connection = psycopg.connect(self._plain, autocommit=True)  # most of what is done is one statement
                connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
            try:
                yield connection
            finally:
                if not connection.closed:
                    self._there.append(connection)
        except psycopg.Error as error:
            raise JournalError(f"the store cannot be {done}: {error}", "does the server run?") from error

    @contextmanager
    def _writing(self) -> Generator[Connection]:
        with self._told("written") as connection, connection.transaction():
            yield _Connection(connection)

    @contextmanager
    def _reading(self) -> Generator[Connection]:
        with self._told("read") as connection:
            yield _Connection(connection)

    def close(self) -> None:
        """Lets go of all connections."""
        while self._there:
            self._there.pop().close()

    def _alone(self, connection: Connection, run: str | None = None) -> None:
        if run is None:
            connection.execute("SELECT pg_advisory_xact_lock(:key)", {"key": _WRITING})
        else:
            connection.execute("SELECT run FROM runs WHERE run = :run FOR UPDATE", {"run": run})

    @contextmanager
    def driving(self, run: str, who: Callable[[], str]) -> Generator[None]:
        """Holds the run for one coordinator, on whichever machine; the server lets go when its connection ends."""
        import psycopg

        with psycopg.connect(self._plain, autocommit=True) as connection:
            taken = connection.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [run]).fetchone()
            if taken != (True,):
                raise LockedByAnother(f"{run} is driven by {who()}", "watch it with: golive status")
            try:
                yield
            finally:  # now, and not when the server notices that the connection has ended
                with suppress(psycopg.OperationalError):  # it has ended already, and the lock with it
                    connection.execute("SELECT pg_advisory_unlock(hashtext(%s))", [run])

    def append(
        self, run: str, events: Sequence[Event], after: tuple[int, str], allowed: Callable[[tuple[Entry, ...]], None]
    ) -> tuple[Entry, ...]:
        """One event in one statement, which writes nothing when others were quicker; see ``Store.append``."""
        others: tuple[Entry, ...] = ()
        for _ in range(TRIES if len(events) == 1 else 0):
            allowed(others)
            last = (others[-1].seq, others[-1].hash) if others else after
            (entry,) = self._linked(events, *last)
            with self._told("written") as connection:
                if _Connection(connection).execute(_APPEND, row(run, entry)).rowcount:
                    return (*others, entry)
                others = self._entries(_Connection(connection), run, after[0])
        return super().append(run, events, after, allowed)

    def _add(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        connection.execute(_ADD, {key: [one[key] for one in rows] for key in rows[0]})

    def _keep(self, table: str, digest: str, body: Any) -> None:
        if digest in self._kept:
            return  # most steps say nothing
        with self._told("written") as connection:
            _Connection(connection).execute(KEEP.format(table), {"digest": digest, "body": body})
        if len(body) < SHORT:
            self._kept.add(digest)


def _plain(url: str) -> str:
    """The URL as PostgreSQL's own library knows it. Raises UsageError."""
    try:
        from psycopg.conninfo import conninfo_to_dict
    except ImportError as error:
        raise UsageError("PostgreSQL is not installed with golive", "pip install 'golive[postgresql]'") from error
    from psycopg import ProgrammingError

    plain = url.replace("postgresql+psycopg://", "postgresql://")
    try:
        conninfo_to_dict(plain)
    except ProgrammingError as error:
        hint = "such as postgresql://golive@db.example.org/golive"
        raise UsageError(f"{url} is no database: {error}", hint) from error
    return plain


def _migrate(connection: Connection, url: str) -> None:
    """Brings the tables to what this golive knows. Alembic, which takes a while to import, only when they are not."""
    from golive.run.migrations import HEAD

    there = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if there != (None,) and connection.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,):
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError
    from sqlalchemy import create_engine, make_url

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as config.attributes["connection"]:
            command.upgrade(config, "head")
    except CommandError as error:
        raise JournalError(f"the database was written by another golive: {error}", "use that one") from error
    finally:
        engine.dispose()
