"""A side: one of the two databases, and what the protocol does with it. Its sessions log in as the role ``golive``."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from golive.site.psql import Session, SqlError, ident, literal
from golive.words import several

ROLE = "golive"

_CLOSE = """DO $$ BEGIN
  UPDATE golive.gate SET open = false;
  INSERT INTO golive.kept SELECT 'connections', datconnlimit FROM pg_catalog.pg_database
    WHERE datname = pg_catalog.current_database() ON CONFLICT DO NOTHING;
  EXECUTE pg_catalog.format('ALTER DATABASE %I CONNECTION LIMIT 0', pg_catalog.current_database());
END $$"""

_OPEN = """DO $$ DECLARE former int; BEGIN
  UPDATE golive.gate SET open = true;
  SELECT value INTO former FROM golive.kept WHERE name = 'connections';
  IF FOUND THEN
    EXECUTE pg_catalog.format('ALTER DATABASE %I CONNECTION LIMIT %s', pg_catalog.current_database(), former);
    DELETE FROM golive.kept WHERE name = 'connections';
  END IF;
END $$"""

_OTHERS = f"""FROM pg_catalog.pg_stat_activity WHERE datname = pg_catalog.current_database()
  AND backend_type = 'client backend' AND usename IS DISTINCT FROM {literal(ROLE)}"""

_ROOM = """DO $$ BEGIN
  TRUNCATE golive.room;
  INSERT INTO golive.room SELECT pg_catalog.repeat('room', 250) FROM pg_catalog.generate_series(1, 1000);
END $$"""

_SEQUENCES = "SELECT schemaname, sequencename, last_value FROM pg_catalog.pg_sequences ORDER BY 1, 2"


class Side:
    """One of the two databases.

    Args:
        name: ``old`` or ``new``.
        where: the connection string.
    """

    def __init__(self, name: str, where: str) -> None:
        self.name, self._where = name, where
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """The session, opened when it is first needed and again after it was lost. Raises SqlError."""
        if self._session is None:
            self._session = Session(self._where)
        return self._session

    def query(self, sql: str, patience: float | None = None) -> list[list[str]]:
        """The rows of one statement. After an error that ended the session the next opens another. Raises SqlError."""
        try:
            return self.session.query(sql, patience)
        except SqlError:
            if self._session is not None and not self._session.alive:
                self.drop()
            raise

    def value(self, sql: str, patience: float | None = None) -> str:
        """The first field of the first row; empty where there is none. Raises SqlError."""
        rows = self.query(sql, patience)
        return rows[0][0] if rows else ""

    def drop(self) -> None:
        """Ends the session, if there is one."""
        if self._session is not None:
            self._session.close()
            self._session = None

    # --- who may write ---

    def close(self) -> None:
        """Nobody but superusers can log in, also after a restart; a guard refuses writes where there is one."""
        self.query(_CLOSE)

    def open(self) -> None:
        """Writes are let in again."""
        self.query(_OPEN, 10)

    @property
    def closed(self) -> bool:
        """Whether it was closed and not opened again."""
        return self.value("SELECT count(*) FROM golive.kept WHERE name = 'connections'") != "0"

    def end_sessions(self, seconds: float) -> int:
        """Ends all sessions but golive's, until none is left in two looks. Returns how many. Raises SqlError."""
        deadline, ended, quiet = time.monotonic() + seconds, 0, 0
        while quiet < 2:
            left = int(self.value(f"SELECT count(pg_catalog.pg_terminate_backend(pid)) {_OTHERS}"))
            ended, quiet = ended + left, quiet + 1 if not left else 0
            if time.monotonic() > deadline:
                raise SqlError(f"{self.name}: {several(left, 'session does', 'sessions do')} not end")
            time.sleep(0.01)
        prepared = self.value(
            "SELECT count(*) FROM pg_catalog.pg_prepared_xacts WHERE database = pg_catalog.current_database()"
        )
        if prepared != "0":
            raise SqlError(f"{self.name}: {prepared} prepared transactions could still commit: end them first")
        return ended

    @property
    def others(self) -> int:
        """Sessions that are not golive's."""
        return int(self.value(f"SELECT count(*) {_OTHERS}"))

    # --- how far the other one is ---

    def mark(self, text: str) -> None:
        """Writes a marker row, which the other side gets behind all that was written before."""
        self.query(f"INSERT INTO golive.marker VALUES ({literal(text)}, pg_catalog.now())")

    def has_mark(self, text: str) -> bool:
        """Whether a marker has come."""
        return self.value(f"SELECT count(*) FROM golive.marker WHERE id = {literal(text)}") == "1"

    def await_mark(self, text: str, seconds: float, pause: float = 0.004) -> None:
        """Waits until a marker has come. Raises SqlError when it does not."""
        wait(lambda: self.has_mark(text), seconds, f"{self.name}: the last write does not arrive", pause)

    def room(self) -> None:
        """Writes a megabyte that nobody needs. Raises SqlError where the disk has no room for what users will write."""
        self.query(_ROOM)

    # --- sequences ---

    def sequences(self) -> list[list[str]]:
        """Schema, name and last value of each; an empty value: never used."""
        rows = self.query(_SEQUENCES)
        return [row for row in rows if row[0] != "golive"]

    def set_sequences(self, wanted: Sequence[Sequence[str]]) -> None:
        """Brings sequences to these values, and proves it. Raises SqlError."""
        if not wanted:
            return
        calls = [_setval(*row) for row in wanted]
        self.query(f"SELECT {', '.join(calls)}")
        found = {(row[0], row[1]): row[2] for row in self.sequences()}
        for schema, name, value in wanted:
            if found.get((schema, name)) != value:
                raise SqlError(f"{self.name}: sequence {schema}.{name} did not take {value}")

    # --- streams ---

    def subscription(self, name: str, on: bool) -> None:
        """Switches a subscription on or off; off means that its worker is gone."""
        self.query(f"ALTER SUBSCRIPTION {ident(name)} {'ENABLE' if on else 'DISABLE'}")
        if on:
            return
        workers = f"FROM pg_catalog.pg_stat_subscription WHERE subname = {literal(name)} AND pid IS NOT NULL"

        def gone() -> bool:
            return self.value(f"SELECT count(pg_catalog.pg_terminate_backend(pid)) {workers}") == "0"

        wait(gone, 5, f"{self.name}: the worker of {name} does not end")

    def advance(self, slot: str) -> None:
        """A slot passes over all that is in the log so far."""
        self.query(f"SELECT pg_catalog.pg_replication_slot_advance({literal(slot)}, pg_catalog.pg_current_wal_lsn())")

    @property
    def position(self) -> str:
        """Where its log ends, also what is not written to the disk yet: a stream commits without waiting for that."""
        return self.value("SELECT pg_catalog.pg_current_wal_insert_lsn()")

    def begin_at(self, subscription: str, position: str) -> None:
        """A subscription that has taken nothing yet begins here, wherever its slot stands.

        A slot that was moved forward goes back in a crash of its server; this is written down on the subscriber with
        the subscription's next change, which is when it is switched on.
        """
        self.query(
            f"SELECT pg_catalog.pg_replication_origin_advance('pg_' || oid, {literal(position)})"
            f" FROM pg_catalog.pg_subscription WHERE subname = {literal(subscription)}"
        )

    def has_slot(self, slot: str) -> bool:
        """Whether a slot is there and has not lost what it needs."""
        rows = self.query(f"SELECT * FROM pg_catalog.pg_replication_slots WHERE slot_name = {literal(slot)}")
        return bool(rows) and "lost" not in rows[0]

    def drop_slot(self, slot: str) -> None:
        """Takes a slot away, whoever reads from it."""
        where = f"WHERE slot_name = {literal(slot)}"
        self.query(
            f"SELECT pg_catalog.pg_terminate_backend(active_pid) FROM pg_catalog.pg_replication_slots {where}"
            " AND active_pid IS NOT NULL"
        )
        wait(
            lambda: self.value(f"SELECT count(*) FROM pg_catalog.pg_replication_slots {where} AND active") == "0",
            5,
            f"{self.name}: slot {slot} is still read",
        )
        self.query(
            f"SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots {where}"
        )


def _setval(schema: str, name: str, value: str) -> str:
    sequence = literal(f"{ident(schema)}.{ident(name)}")
    if value:
        return f"pg_catalog.setval({sequence}, {int(value)}, true)"
    start = f"(SELECT seqstart FROM pg_catalog.pg_sequence WHERE seqrelid = {sequence}::pg_catalog.regclass)"
    return f"pg_catalog.setval({sequence}, {start}, false)"


def at_once(
    query: str, one: Side, other: Side, patience: float | None = None
) -> tuple[list[list[str]], list[list[str]]]:
    """What two sides answer, asked at the same time. Raises SqlError."""
    with ThreadPoolExecutor(1) as pool:
        there = pool.submit(other.query, query, patience)
        return one.query(query, patience), there.result()


def wait(holds: Callable[[], bool], seconds: float, otherwise: str, pause: float = 0.01) -> None:
    """Waits until something holds. Raises SqlError with ``otherwise`` when it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise SqlError(f"{otherwise} within {seconds:g} s")
        time.sleep(pause)
