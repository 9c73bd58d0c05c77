"""Whether a difference is found wherever it is in a table, on two real databases."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from server import Server

from golive.site import ranges
from golive.site.ranges import Ranges
from golive.site.service import Service
from golive.site.sides import Side
from golive.site.tables import Table

SCHEMA = """CREATE TABLE item (part text, number int, name text, PRIMARY KEY (part, number));
INSERT INTO item SELECT 'it''s ' || n % 5, n, 'item ' || n FROM generate_series(1, 40) n;"""
ITEM = Table("public", "item", ("part", "number"), ("part", "number", "name"))
CHANGES = (
    "UPDATE public.item SET name = 'other' WHERE number = {}",
    "UPDATE public.item SET name = NULL WHERE number = {}",
    "DELETE FROM public.item WHERE number = {}",
)
ROWS, NUMBERS = 7, (1, 6, 7, 8, 21, 34, 35, 40)
"""In a range, and where something is changed: at the ends of ranges, and elsewhere."""


@pytest.fixture(scope="module")
def sides(server: Server) -> Iterator[tuple[Side, Side]]:
    for name in ("old", "new"):
        server.fresh(name)
        server.sql(name, SCHEMA)
    made = [Side(name, where(server, name)) for name in ("old", "new")]
    yield made[0], made[1]
    for side in made:
        side.drop()


@pytest.mark.parametrize("share", [1, 0.5])
@pytest.mark.parametrize("change", CHANGES)
def test_a_row_that_differs_is_found_in_whatever_range_it_is(
    change: str, share: float, sides: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "ROWS", ROWS)
    assert different(*sides, share) == set()
    for number in NUMBERS:
        for side in sides:
            side.query("BEGIN")
            side.query(change.format(number))
            assert different(*sides, share) == {(f"it's {number % 5}", str(number))}
            side.query("ROLLBACK")


def test_what_reads_everything_gives_way_on_this_host(server: Server, sides: tuple[Side, Side]) -> None:
    """As root, whose service it is. The other host's is left as it is."""
    if os.geteuid():
        pytest.skip("only root may do that to another user's process")
    service: Any = object.__new__(Service)
    service.config = {"gentle": True, "sides": {side.name: where(server, side.name) for side in sides}}
    readers = service._readers()
    try:
        own, other = (int(readers[name].value("SELECT pg_backend_pid()")) for name in ("old", "new"))
        assert (os.getpriority(os.PRIO_PROCESS, own), os.getpriority(os.PRIO_PROCESS, other)) == (19, 0)
        usual = int(sides[0].value("SELECT pg_backend_pid()"))
        assert os.getpriority(os.PRIO_PROCESS, usual) == 0
    finally:
        for side in readers.values():
            side.drop()


def where(server: Server, name: str) -> str:
    return f"host={server.folder} dbname={name} user=postgres"


def different(old: Side, new: Side, share: float) -> set[tuple[str, ...]]:
    seen = list(Ranges(old, new, share).of(ITEM))
    assert len(seen) == 6
    return {key for one in seen for key in one.different}
