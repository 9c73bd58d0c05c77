"""What the old database's objects mean for a move that follows changes: what replication does not carry."""

from collections.abc import Iterator

from golive.method.findings.finding import Finding, Row, Side, Wanted, blocks, name_of, warns

_HOLD = 0.9
"""From this part of its range on a sequence is said to be nearly used up."""


def objects(wanted: Wanted, old: Side) -> Iterator[Finding]:
    """Findings about what is in the old database."""
    for row in old.rows("relations"):
        name = name_of(row)
        if wanted.follows and name not in wanted.differ:
            yield from _followed(f"{wanted.database}, table {name}", row)
        yield from _kept_elsewhere(f"{wanted.database}, {name}", row)
    yield from _sequences(wanted, old)
    if wanted.follows:
        yield from _not_in_tables(wanted, old)
    yield from _differ(wanted, old)


def _followed(where: str, row: Row) -> Iterator[Finding]:
    kind, identity = row["kind"], row["identity"]
    if row["persistence"] == "u":
        yield blocks(
            "unlogged", where, "is unlogged: its changes are not in the log that replication reads",
            "ALTER TABLE ... SET LOGGED, or name it in differ: with the reason why it may stay behind",
        )  # fmt: skip
    elif kind == "r" and identity != "f" and (identity == "n" or (identity == "d" and not row["key"])):
        yield blocks(
            "replica-identity", where, "has no replica identity: updates and deletions would fail on the old system",
            "give it a primary key, or ALTER TABLE ... REPLICA IDENTITY USING INDEX with a unique index, or FULL",
        )  # fmt: skip
    elif kind == "r" and identity == "f" and not row["key"]:
        yield warns(
            "identity-full", where, "is identified by whole rows: each change looks for its row on the new side",
            "a primary key is quicker; keep it small, or expect that it lags",
        )  # fmt: skip
    elif kind == "p":
        yield warns(
            "partitioned", where, "is partitioned: a partition that is added while the copy follows is a change of "
            "the schema, and refused", "create the partitions of the next days before the copy begins",
        )  # fmt: skip
    for sort in ("trigger", "rule"):
        for name in row.get(f"{sort}s") or ():
            yield blocks(
                "fires", where, f"the {sort} {name} is enabled for replicated changes too: what it does would be done "
                "twice", f"ALTER TABLE ... ENABLE {sort.upper()} {name}, so that it fires where users write only",
            )  # fmt: skip
    columns: Row = row.get("columns") or {}
    generated = [column for column, of in columns.items() if " generated as " in of]
    if generated:
        yield warns(
            "generated", where, f"computes {', '.join(generated)}: the new side computes it anew",
            "nothing, if both compute the same, which the comparison will tell",
        )  # fmt: skip


def _kept_elsewhere(where: str, row: Row) -> Iterator[Finding]:
    if row["kind"] == "f":
        yield warns(
            "foreign", where, "is a foreign table: its rows are on another server, which the new side must reach",
            "create its server and user mapping on the new side, and read it from there before the cutover",
        )  # fmt: skip
    if row["kind"] == "m":
        yield warns(
            "materialized", where, "is a materialized view: its rows are computed, not moved",
            "REFRESH MATERIALIZED VIEW as a task of then:",
        )  # fmt: skip


def _sequences(wanted: Wanted, old: Side) -> Iterator[Finding]:
    for row in old.rows("sequences"):
        used = abs((row["last"] or 0) / (row["max"] if row["by"] > 0 else row["min"]))
        if used >= _HOLD and not row["cycle"]:
            yield warns(
                "sequence-near-end", f"{wanted.database}, sequence {name_of(row)}",
                f"stands at {row['last']}, {used:.0%} of its range",
                "make it and its column bigint before it ends, on the new side at the latest",
            )  # fmt: skip


def _not_in_tables(wanted: Wanted, old: Side) -> Iterator[Finding]:
    if count := old.number("large_objects"):
        yield blocks(
            "large-objects", wanted.database, f"{count} large objects: replication does not carry them",
            "move them into bytea columns, or use postgresql-dump for this database",
        )  # fmt: skip
    if count := old.number("temporary"):
        yield warns(
            "temporary", wanted.database, f"{count} temporary tables are in use: they end with their sessions at the "
            "fence", "make sure that the application makes them anew when it connects again",
        )  # fmt: skip
    if names := old.rows("subscriptions"):
        yield blocks(
            "subscribes", wanted.database, f"takes changes from elsewhere by {', '.join(map(str, names))}: they "
            "arrive in spite of a fence", "end or move the subscription before the cutover",
        )  # fmt: skip
    if names := old.rows("event_triggers"):
        yield warns(
            "event-triggers", wanted.database, f"the event triggers {', '.join(map(str, names))} fire when the schema "
            "is created on the new side", "look whether they may, or disable them for the copy",
        )  # fmt: skip


def _differ(wanted: Wanted, old: Side) -> Iterator[Finding]:
    for name in wanted.differ:
        if name not in old.tables:
            yield warns(
                "differ-unknown", f"{wanted.database}, table {name}", "is declared to differ, and is not there",
                "take it out of differ:, or mend its name",
            )  # fmt: skip
