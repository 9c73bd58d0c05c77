"""The watchdog on the old host: beyond its budget of write-ahead log the move is lost, never production."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from golive.site.crossing import Names
from golive.site.psql import SqlError, literal
from golive.site.register import Register
from golive.site.sides import Side

_RETAINED = """SELECT slot_name, coalesce(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn), 0)
FROM pg_catalog.pg_replication_slots WHERE slot_name IN (%s) OR slot_name ~ '^pg_[0-9]+_sync_'"""


class Watchdog:
    """Looks after the slots of one cutover.

    Args:
        sides: both sides; their sessions are the watchdog's own.
        names: of the slots.
        budget: bytes of log that they may hold back.
        lose: told why when the move is lost.
    """

    def __init__(self, sides: Mapping[str, Side], names: Names, budget: int, lose: Callable[[str], None]) -> None:
        self._sides, self._names, self._budget, self._lose = sides, names, budget, lose

    def look(self, register: Register) -> None:
        """To be called every second or so. What cannot be reached is left for the next time."""
        try:
            self._spare(self._sides[register.serving])
        except SqlError:
            return

    def _spare(self, side: Side) -> None:
        names = ", ".join(literal(name) for name in self._names)
        held = {name: int(float(size)) for name, size in side.query(_RETAINED % names)}
        most = max(held.values(), default=0)
        if most <= self._budget:
            return
        what = f"the {side.name} server kept {most} bytes of its log for it, more than the {self._budget} allowed"
        self._lose(what)
        for name in held:
            side.drop_slot(name)
