"""What the servers can do: versions, the write-ahead log, slots, disks, transactions that are in the way."""

from collections.abc import Iterator

from golive.method.findings.finding import Finding, Side, Wanted, blocks, warns
from golive.method.survey import size as told

OLDEST = 12
SLOTS_OLD, SLOTS_NEW, SENDERS = 2, 2, 4
"""What a move needs: a slot to carry and one to tell what changed; the way back and the state of the forward one; two
streams and two that copy."""

ROOM = 1.3
"""Times the database's size that the new side must have: indexes are built while the log of the copy lies about."""

RESERVE = 1 << 30
"""Bytes that the old side must have free for the log that waits for the new one."""

LONG = 60
"""Seconds from which on a transaction is long."""


def server(wanted: Wanted, old: Side, new: Side) -> Iterator[Finding]:
    """Findings about the two servers."""
    yield from _versions(old, new)
    yield from _fenced(wanted, old)
    yield from _room(wanted, old, new)
    yield from _transactions(wanted, old)
    if wanted.follows:
        yield from _log(wanted, old, new)
        yield from _slots(wanted, old, new)


def _versions(old: Side, new: Side) -> Iterator[Finding]:
    if old.version < OLDEST:
        yield blocks(
            "version", f"{old.host}, PostgreSQL {old.version}", f"is older than {OLDEST}, the oldest that is tried",
            f"take an update to {OLDEST} or later first, or use a command of your own as the mover",
        )  # fmt: skip
    if new.version < old.version:
        yield blocks(
            "version", f"{new.host}, PostgreSQL {new.version}", f"is older than PostgreSQL {old.version} on {old.host}",
            "install the same version or a later one on the new side",
        )  # fmt: skip
    for side in (old, new):
        if side.row("settings") and side.number("recovering"):
            yield blocks(
                "standby", side.host, "is a standby: it takes no writes and cannot be fenced",
                "name the host of the primary",
            )  # fmt: skip


def _fenced(wanted: Wanted, old: Side) -> Iterator[Finding]:
    if old.row("database").get("datconnlimit") == 0:
        yield blocks(
            "fenced", f"{old.host}, {wanted.database}", "lets nobody in: the fence of a cutover stands, or one has "
            "been settled and the new system serves; moving this data once more would replace what was written since",
            "see which system serves; where it is this one: ALTER DATABASE ... CONNECTION LIMIT -1",
        )  # fmt: skip


def _room(wanted: Wanted, old: Side, new: Side) -> Iterator[Finding]:
    size, free = old.number("size"), new.number("free")
    if free < size * ROOM:
        yield blocks(
            "disk", new.host, f"{told(free)} are free where the data will lie, {told(int(size * ROOM))} are needed",
            f"make room: {wanted.database} has {told(size)}, and its indexes are built beside it",
        )  # fmt: skip
    if wanted.follows and old.number("free") < RESERVE:
        yield blocks(
            "disk", old.host, f"{told(old.number('free'))} are free: the log that waits for the new side lies there",
            f"make room for at least {told(RESERVE)}",
        )  # fmt: skip


def _transactions(wanted: Wanted, old: Side) -> Iterator[Finding]:
    for row in old.rows("prepared"):
        yield blocks(
            "prepared", wanted.database, f"the prepared transaction {row['gid']} of {row['owner']} could commit after "
            "the fence", f"COMMIT PREPARED or ROLLBACK PREPARED '{row['gid']}', and see who left it",
        )  # fmt: skip
    if (seconds := old.number("oldest")) >= LONG and wanted.follows:
        yield warns(
            "long-transaction", old.host, f"a transaction has been open for {seconds} s: the copy begins when all that "
            "were open have ended", "find it in pg_stat_activity by xact_start",
        )  # fmt: skip


def _log(wanted: Wanted, old: Side, new: Side) -> Iterator[Finding]:
    sides = [old, new] if wanted.way_back else [old]
    for side in sides:
        if (level := side.setting("wal_level")) != "logical":
            why = "the copy follows" if side is old else "the way back follows"
            yield blocks(
                "wal-level", side.host, f"wal_level is {level or 'not known'}; {why} what is logged as logical",
                "plan a restart of its own, in a window days before: ALTER SYSTEM SET wal_level = logical; its inverse "
                f"is ALTER SYSTEM SET wal_level = {level or 'replica'} and a restart",
            )  # fmt: skip
    if old.setting("max_slot_wal_keep_size") == "-1":
        yield warns(
            "wal-budget", old.host, "max_slot_wal_keep_size is without limit: a slot that is forgotten fills the disk",
            f"set it to what the disk bears, such as {max(1, old.number('free') // (2 << 30))}GB; no restart is needed",
        )  # fmt: skip


def _slots(wanted: Wanted, old: Side, new: Side) -> Iterator[Finding]:
    if (free := _number(old, "max_replication_slots") - len(old.rows("slots"))) < SLOTS_OLD:
        yield _short(old, "max_replication_slots", free, SLOTS_OLD)
    if (free := _number(old, "max_wal_senders") - old.number("senders")) < SENDERS:
        yield _short(old, "max_wal_senders", free, SENDERS)
    if (free := _number(new, "max_replication_slots") - len(new.rows("slots"))) < SLOTS_NEW:
        yield _short(new, "max_replication_slots", free, SLOTS_NEW)
    if (most := _number(new, "max_logical_replication_workers")) < SENDERS:
        yield _short(new, "max_logical_replication_workers", most, SENDERS)
    for row in old.rows("slots"):
        if not row["active"]:
            yield warns(
                "idle-slot", f"{old.host}, slot {row['name']}", "nobody reads it: it keeps the log from being removed",
                f"pg_drop_replication_slot('{row['name']}') unless its reader comes back",
            )  # fmt: skip


def _number(side: Side, setting: str) -> int:
    return int(side.setting(setting) or 0)


def _short(side: Side, setting: str, free: int, needed: int) -> Finding:
    return blocks(
        "slots", side.host, f"{setting} leaves {max(free, 0)}, the move needs {needed}",
        f"raise {setting} by {needed - free}; this needs a restart, in a window of its own",
    )  # fmt: skip
