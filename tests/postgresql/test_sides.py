"""What the protocol of a cutover asks of its two databases, tried on two real ones that follow one another."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from server import Server

from golive.site.compare import Comparison, Differs
from golive.site.psql import SqlError
from golive.site.ranges import Ranges
from golive.site.shape import NOTE, NOTED
from golive.site.sides import Side, wait
from golive.site.tables import tables

SCHEMA = """CREATE SCHEMA golive;
CREATE TABLE golive.marker (id text PRIMARY KEY, at timestamptz);
CREATE UNLOGGED TABLE golive.room (filled text);
CREATE TABLE item (id int PRIMARY KEY, name text);
INSERT INTO item VALUES (1, 'one'), (2, 'two');
"""


@dataclass(frozen=True)
class Pair:
    """Two databases with the same content; ``new`` can be told to follow ``old``, which has a slot for it."""

    server: Server
    old: Side
    new: Side

    def do(self, side: str, statement: str) -> str:
        """A statement on one side, past the protocol."""
        return self.server.sql(side, statement)

    def follow(self) -> None:
        self.new.subscription("forward", on=True)

    def comparison(self) -> Comparison:
        """One that has looked at everything."""
        shape = self.old.value(NOTED)
        made = Comparison(self.old, self.new, "seen", "forward", tables(self.old, "forward"), shape)
        made.sweep(Ranges(self.old, self.new, 1), lambda _: None)
        return made


@pytest.fixture(scope="module")
def pair(server: Server) -> Iterator[Pair]:
    for name in ("old", "new"):
        server.fresh(name)
        server.sql(name, SCHEMA)
    server.sql("old", NOTE)
    server.sql("old", "CREATE PUBLICATION forward FOR TABLE item, golive.marker")
    for slot in ("forward", "seen"):
        server.sql("old", f"SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput')")
    where = f"host={server.folder} dbname=old user=postgres"
    how = "create_slot = false, copy_data = false, enabled = false, slot_name = 'forward'"
    server.sql("new", f"CREATE SUBSCRIPTION forward CONNECTION '{where}' PUBLICATION forward WITH ({how})")
    made = Pair(server, *(Side(name, f"host={server.folder} dbname={name} user=postgres") for name in ("old", "new")))
    try:
        yield made
    finally:
        made.new.subscription("forward", on=False)
        server.sql("new", "ALTER SUBSCRIPTION forward SET (slot_name = NONE)")
        server.sql("new", "DROP SUBSCRIPTION forward")
        for slot in ("forward", "seen"):
            made.old.drop_slot(slot)
        made.old.drop()
        made.new.drop()


def test_a_stream_begins_where_it_is_told_though_its_slot_stands_before_that(pair: Pair) -> None:
    for side in ("old", "new"):
        pair.do(side, "INSERT INTO item VALUES (3, 'three')")
    pair.new.begin_at("forward", pair.old.position)
    pair.follow()
    pair.do("old", "INSERT INTO item VALUES (4, 'four')")
    wait(lambda: pair.new.value("SELECT count(*) FROM public.item") == "4", 10, "the row after it does not arrive")


def test_a_table_that_changes_after_it_was_published_is_noticed_by_a_comparison_that_begins_later(pair: Pair) -> None:
    changes = (
        ("ALTER TABLE item ADD COLUMN extra int", "ALTER TABLE item DROP COLUMN extra"),
        ("ALTER TABLE item ALTER name SET NOT NULL", "ALTER TABLE item ALTER name DROP NOT NULL"),
        ("CREATE TABLE other (id int PRIMARY KEY)", "DROP TABLE other"),
        ("CREATE SEQUENCE other", "DROP SEQUENCE other"),
    )
    for change, undo in changes:
        pair.do("old", change)
        made = Comparison(pair.old, pair.new, "seen", "forward", (), pair.old.value(NOTED))
        with pytest.raises(Differs, match="made, changed or dropped"):
            made.unchanged()
        pair.do("old", undo)
        made.unchanged()


def test_types_outside_the_search_path_do_not_count_as_a_change(pair: Pair) -> None:
    pair.do("old", "CREATE TYPE mood AS ENUM ('fine'); CREATE TABLE day (id int, felt mood); DROP TABLE golive.shape")
    pair.do("old", NOTE)
    Comparison(pair.old, pair.new, "seen", "forward", (), pair.old.value(NOTED)).unchanged()


def test_a_row_that_differs_is_suspected_and_then_named(pair: Pair) -> None:
    pair.follow()
    pair.do("new", "SET session_replication_role = replica; UPDATE item SET name = 'other' WHERE id = 1")
    made = pair.comparison()
    made.settle(10)
    assert made.suspects == 1
    made.settle(10)
    with pytest.raises(Differs, match="item 1 differs, and nobody changes it"):
        made.settle(10)


def test_a_comparison_goes_on_after_its_sessions_were_ended(pair: Pair) -> None:
    made = Comparison(pair.old, pair.new, "seen", "forward", (), pair.old.value(NOTED))
    made.drink()
    pair.do(
        "old",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'old' AND application_name = 'golive'",
    )
    with pytest.raises(SqlError):
        made.drink()
    made.drink()


def test_there_is_room_as_often_as_it_is_asked(pair: Pair) -> None:
    pair.new.room()
    pair.new.room()
    assert int(pair.do("new", "SELECT pg_table_size('golive.room')")) < 3_000_000
