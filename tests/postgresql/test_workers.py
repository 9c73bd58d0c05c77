"""Workers and coordinators die, the queue is emptied: the journal alone suffices."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from actor import begin
from deaths import CELLS, Moment, Stage, Who, reached, staged, trial
from engines import Fake, graph, step, with_workers
from server import Server

from golive.errors import LockedByAnother
from golive.journal.events import AttemptAbandoned, AttemptStarted
from golive.run.postgresql import PostgresStore
from golive.run.store import Store

SAMPLE = (
    ("one", Moment.STARTED, Who.WORKERS),
    ("three", Moment.EFFECT, Who.COORDINATOR),
    ("four", Moment.ALLOCATED, Who.ALL),
)
"""All of them with GOLIVE_PROVE=1, as ``scripts/prove`` sets it."""


@pytest.fixture
def empty(url: str, server: Server) -> Callable[[], object]:
    """Empties the queue."""
    database = url.partition("@/")[2].partition("?")[0]
    return lambda: server.sql(database, "TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@pytest.mark.parametrize(("name", "moment", "who"), CELLS if os.environ.get("GOLIVE_PROVE") else SAMPLE)
def test_whoever_dies_the_run_ends_as_if_nobody_had(
    url: str, tmp_path: Path, empty: Callable[[], object], name: str, moment: Moment, who: Who
) -> None:
    with staged(url, tmp_path) as stage:
        assert trial(stage, name, moment, who, empty) == []


def test_a_trial_sees_what_was_done_twice_and_what_was_lost(url: str, tmp_path: Path) -> None:
    begin(url, tmp_path)
    (tmp_path / "log").write_text("one 1\none 2\n")
    (tmp_path / "one.done").touch()
    assert Stage(url, tmp_path).problems()[:3] == ["two was lost", "three was lost", "four was lost"]
    assert "one had its effect 2 times" in Stage(url, tmp_path).problems()
    assert "one is not done" in Stage(url, tmp_path).problems()


def test_the_queue_is_emptied_in_the_middle_and_the_run_still_finishes(
    url: str, server: Server, tmp_path: Path, empty: Callable[[], object]
) -> None:
    database = url.partition("@/")[2].partition("?")[0]
    with staged(url, tmp_path, workers=()) as stage:
        deadline = time.monotonic() + 60
        while not queued(server, database):
            assert time.monotonic() < deadline, stage.said()
            time.sleep(0.02)
        empty()  # a job that nobody has taken
        stage.start("worker")
        stage.until(reached(AttemptStarted, "one"))
        empty()  # a job that is being worked on
        stage.until(reached(AttemptStarted, "three"))
        empty()
        assert stage.ends() == []
        assert any(isinstance(event, AttemptAbandoned) for event in stage.events())


def queued(server: Server, database: str) -> bool:
    """Whether the queue holds a job."""
    there = server.sql(database, "SELECT to_regclass('procrastinate_jobs') IS NOT NULL") == "t"
    return there and server.sql(database, "SELECT count(*) FROM procrastinate_jobs") != "0"


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
    for _ in range(20):  # the next one may at once
        for store in (two, one):
            with store.driving("notes-1", lambda: "bert"):
                pass


def test_the_tables_are_those_of_sqlite(url: str, tmp_path: Path) -> None:
    from sqlalchemy import create_engine, inspect

    Store(tmp_path / "journal.db").close()
    PostgresStore(url).close()
    there = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    found, wanted = inspect(there), inspect(create_engine(f"sqlite:///{tmp_path / 'journal.db'}"))
    assert {"meta", "runs", "entries", "graphs", "blobs"} == set(wanted.get_table_names())
    for table in wanted.get_table_names():
        names = [[column["name"] for column in one.get_columns(table)] for one in (found, wanted)]
        assert names[0] == names[1]
        keys = [sorted(one.get_pk_constraint(table)["constrained_columns"]) for one in (found, wanted)]
        assert keys[0] == keys[1]
