"""Workers and coordinators die, the queue is emptied: the journal alone suffices."""

import asyncio
from pathlib import Path

import pytest
from engines import Fake, graph, step, with_workers
from deaths import reached, staged, trial
from server import Server

from golive.errors import LockedByAnother
from golive.journal.events import AttemptAbandoned, AttemptStarted
from golive.run.postgresql import PostgresStore


@pytest.mark.parametrize(
    ("name", "moment", "who"),
    [
        ("one", "in the middle", "worker"),
        ("four", "at allocation", "worker"),
        ("three", "in the middle", "coordinator"),
    ],
)
def test_a_sample_of_what_scripts_prove_does(url: str, tmp_path: Path, name: str, moment: str, who: str) -> None:
    assert trial(url, tmp_path, name, moment, who) == []


def test_the_queue_is_emptied_in_the_middle_and_the_run_still_finishes(
    url: str, server: Server, tmp_path: Path
) -> None:
    database = url.partition("@/")[2].partition("?")[0]
    with staged(url, tmp_path) as stage:
        stage.until(reached(AttemptStarted, "one"))
        server.sql(database, "TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
        stage.until(reached(AttemptStarted, "two"))
        server.sql(database, "TRUNCATE procrastinate_jobs CASCADE")
        assert stage.ends() == []
        assert any(isinstance(event, AttemptAbandoned) for event in stage.events())


def test_limits_hold_across_workers(url: str) -> None:
    fakes = [Fake(seconds=0.05) for _ in range(3)]
    asyncio.run(with_workers(url, graph(*(step(f"s{n}", host=f"h{n % 2}") for n in range(8))), fakes))
    assert sorted(name for fake in fakes for name in fake.done) == sorted(f"s{n}" for n in range(8))
    events = [entry.event for entry in PostgresStore(url).entries("notes-1")]
    lanes: set[str] = set()
    held: dict[int, str] = {}
    for event in events:
        match type(event).__name__:
            case "AttemptAllocated":
                assert event.lane not in lanes  # type: ignore[attr-defined]
                lanes.add(event.lane)  # type: ignore[attr-defined]
                held[event.attempt] = event.lane  # type: ignore[attr-defined]
            case "AttemptEnded":
                lanes.discard(held[event.attempt])  # type: ignore[attr-defined]
            case _:
                pass


def test_only_one_coordinator_drives_a_run_whatever_its_machine(url: str) -> None:
    one, two = PostgresStore(url), PostgresStore(url)
    with one.driving("notes-1", lambda: "anna"):
        with pytest.raises(LockedByAnother, match="notes-1 is driven by anna"), two.driving("notes-1", lambda: "anna"):
            pass
    with two.driving("notes-1", lambda: "bert"):
        pass


def test_the_tables_are_those_of_sqlite(url: str) -> None:
    from sqlalchemy import inspect

    from golive.run.store import tables

    found = inspect(PostgresStore(url)._engine)
    for table in tables.sorted_tables:
        assert [column["name"] for column in found.get_columns(table.name)] == [c.name for c in table.columns]
        key = found.get_pk_constraint(table.name)["constrained_columns"]
        assert sorted(key) == sorted(c.name for c in table.primary_key)
