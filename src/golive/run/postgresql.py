"""The store in a PostgreSQL database, for runs that several machines work on. One database holds one project.

An entry gets its sequence number and its hash under the lock of the run's row.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection as Sqlalchemys
from sqlalchemy import CursorResult, Engine, Integer, String, bindparam, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, SQLAlchemyError

from golive.errors import JournalError, LockedByAnother, UsageError
from golive.journal.events import Entry, Event
from golive.run.store import KEEP, Connection, Store, row, utc_now

_MIGRATING, _WRITING = 7_301_001, 7_301_002
"""Keys of advisory locks, the database's own: whoever changes tables, or what belongs to no run, does so alone."""

SHORT = 256
"""Texts shorter than this are remembered as kept; nothing is ever removed."""

TRIES = 3
"""How often an event is appended without holding the run's row from one statement to the next."""

_APPEND = text("""
    WITH held AS (SELECT run FROM runs WHERE run = :run FOR UPDATE)
    INSERT INTO entries (run, seq, at, body, previous, hash)
    SELECT run, :seq, :at, :body, :previous, :hash FROM held
    WHERE :seq = 1 OR EXISTS (
        SELECT 1 FROM entries e WHERE e.run = held.run AND (e.seq, e.hash) = (:seq - 1, :previous))
    ON CONFLICT DO NOTHING""").bindparams(bindparam("seq", type_=Integer), bindparam("previous", type_=String))


class _Connection:
    """A connection of SQLAlchemy's pool, as the store knows one."""

    def __init__(self, connection: Sqlalchemys) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Mapping[str, Any] | None = None, /) -> CursorResult[Any]:
        """See ``Connection.execute``."""
        return self._connection.execute(text(statement), values)


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
        self._engine = _engine(url)
        with self._beginning() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
            _migrate(connection)

    @property
    def url(self) -> str | None:
        """Where workers on other machines find it."""
        return self._url

    @contextmanager
    def _beginning(self) -> Generator[Sqlalchemys]:
        with _told("written"), self._engine.execution_options(isolation_level="READ COMMITTED").begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Generator[Connection]:
        with self._beginning() as connection:
            yield _Connection(connection)

    @contextmanager
    def _reading(self) -> Generator[Connection]:
        with _told("read"), self._engine.connect() as connection:
            yield _Connection(connection)

    def close(self) -> None:
        """Lets go of all connections."""
        self._engine.dispose()

    def _alone(self, connection: Connection, run: str | None = None) -> None:
        if run is None:
            connection.execute("SELECT pg_advisory_xact_lock(:key)", {"key": _WRITING})
        else:
            connection.execute("SELECT run FROM runs WHERE run = :run FOR UPDATE", {"run": run})

    @contextmanager
    def driving(self, run: str, who: Callable[[], str]) -> Generator[None]:
        """Holds the run for one coordinator, on whichever machine; the server lets go when its connection ends."""
        with self._engine.connect() as connection:
            taken = connection.execute(text("SELECT pg_try_advisory_lock(hashtext(:run))"), {"run": run}).scalar()
            if not taken:
                raise LockedByAnother(f"{run} is driven by {who()}", "watch it with: golive status")
            try:
                yield
            finally:
                with suppress(SQLAlchemyError):  # a connection that is lost has let go
                    connection.execute(text("SELECT pg_advisory_unlock(hashtext(:run))"), {"run": run})
                connection.invalidate()

    def append(
        self, run: str, events: Sequence[Event], after: tuple[int, str], allowed: Callable[[tuple[Entry, ...]], None]
    ) -> tuple[Entry, ...]:
        """One event in one statement, which writes nothing when others were quicker; see ``Store.append``."""
        others: tuple[Entry, ...] = ()
        for _ in range(TRIES if len(events) == 1 else 0):
            allowed(others)
            last = (others[-1].seq, others[-1].hash) if others else after
            (entry,) = self._linked(events, *last)
            with _told("written"), self._engine.connect() as connection:
                if connection.execute(_APPEND, row(run, entry)).rowcount:
                    return (*others, entry)
                others = self._entries(_Connection(connection), run, after[0])
        return super().append(run, events, after, allowed)

    def _keep(self, table: str, digest: str, body: Any) -> None:
        if digest in self._kept:
            return  # most steps say nothing
        with _told("written"), self._engine.connect() as connection:
            connection.execute(text(KEEP.format(table)), {"digest": digest, "body": body})
        if len(body) < SHORT:
            self._kept.add(digest)


@contextmanager
def _told(done: str) -> Generator[None]:
    """Has errors of the server said as golive's own."""
    try:
        yield
    except DatabaseError as error:
        raise JournalError(f"the store cannot be {done}: {error.orig}", "does the server run?") from error


def _engine(url: str) -> Engine:
    try:
        return create_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            isolation_level="AUTOCOMMIT",  # most of what is done is one statement
            pool_reset_on_return=None,
            pool_size=4,
        )
    except ImportError as error:  # psycopg, which SQLAlchemy imports here
        raise UsageError("PostgreSQL is not installed with golive", "pip install 'golive[postgresql]'") from error
    except ArgumentError as error:
        raise UsageError(
            f"{url} is no database: {error}", "such as postgresql://golive@db.example.org/golive"
        ) from error


def _migrate(connection: Sqlalchemys) -> None:
    """Brings the tables to what this golive knows. Alembic, which takes a while to import, only when they are not."""
    from golive.run.migrations import HEAD

    there = connection.execute(text("SELECT to_regclass('alembic_version')")).scalar()
    if there and connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise JournalError(f"the database was written by another golive: {error}", "use that one") from error
