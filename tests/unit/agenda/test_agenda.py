"""The agenda of a small rollout in two countries, and what a calendar program reads in it."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from golive.agenda.concerns import absent, at_site, concerns
from golive.agenda.entries import entries
from golive.agenda.entry import Entry, Kind
from golive.agenda.ical import ical, uid
from golive.agenda.words import hours_said
from golive.calendar.presence import Daily, Hours
from golive.graph.compile import compile_plan
from golive.kinds.registry import kinds
from golive.plan.load import load
from golive.plan.plan import Plan

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


def read(*edits: tuple[str, str], folder: Path = HERE) -> tuple[Plan, tuple[Entry, ...]]:
    text = (HERE / "golive.yaml").read_text("utf-8")
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    if edits:
        (folder / "golive.yaml").write_text(text, encoding="utf-8")
        for key in HERE.glob("*.pub"):
            (folder / key.name).write_bytes(key.read_bytes())
    loaded = load(folder, kinds())
    return loaded.plan, entries(loaded, compile_plan(loaded, kinds()))


def events(text: str) -> dict[str, Any]:
    made: Any = Calendar.from_ical(text)
    return {str(event["summary"]): event for event in made.walk("VEVENT")}


def keyed(held: tuple[Entry, ...]) -> dict[str, Entry]:
    assert len({entry.key for entry in held}) == len(held)
    return {entry.key: entry for entry in held}


def test_what_is_when():
    _, held = read()
    found = keyed(held)
    told = {key: f"{entry.day(entry.zone)} {entry.when(entry.zone)}" for key, entry in found.items()}
    assert told["stage/lyon/cutover"] == "Sat 2026-12-05 22:00 CET"
    assert told["window/lyon/cutover"] == "Sat 2026-12-05 22:00 to Sun 2026-12-06 05:00 CET"
    assert told["stage/osaka/deploy"] == "Wed 2026-12-09 09:00 to 09:01 JST"
    assert told["hypercare/lyon"] == "Sat 2026-12-05 until Sat 2026-12-19"
    assert told["freeze/0"] == "Thu 2026-12-24 until Sun 2027-01-03"
    assert told["leave/ada/0"] == "Wed 2026-12-09 until Fri 2026-12-11"
    assert told["holiday/FR/2026-12-25"] == "Fri 2026-12-25 all day"
    assert told["milestone/Go, or no go; once"] == "Thu 2026-12-03 all day"
    assert found["lyon/cutover/board"].notes == (
        "golive approve lyon/cutover/board",
        "to be answered by Fri 2026-12-04 11:01 CET",
    )
    assert found["stage/osaka/deploy"].source.endswith("golive.yaml:22")
    assert [key for key in found if key.startswith("holiday/JP")] == []


def test_whom_it_concerns_and_who_is_not_there():
    plan, held = read()
    found = keyed(held)
    assert [name for name in plan.people if concerns(plan, found["stage/lyon/cutover"], name)] == ["ada", "claire"]
    assert [name for name in plan.people if concerns(plan, found["osaka/cutover/board"], name)] == ["kenji"]
    assert [name for name in plan.people if concerns(plan, found["holiday/FR/2026-12-25"], name)] == ["ada", "claire"]
    assert [name for name in plan.people if concerns(plan, found["leave/ada/0"], name)] == ["ada"]
    assert list(absent(plan, found["stage/lyon/cutover"])) == []
    assert list(absent(plan, found["stage/osaka/deploy"])) == ["ada: on leave: skiing"]
    assert list(absent(plan, found["stage/osaka/cutover"])) == [
        "ada: weekend (Sat 2026-12-12 14:00 CET)", "kenji: weekend (Sat 2026-12-12 22:00 JST)"
    ]  # fmt: skip
    assert [key for key, entry in found.items() if at_site(plan, entry, "osaka") and entry.kind is Kind.WAVE] == [
        "wave/second"
    ]


def test_a_plan_without_dates_has_no_entries(tmp_path: Path):
    text = (HERE.parents[2] / "src/golive/plan/starter.yaml").read_text("utf-8")
    (tmp_path / "golive.yaml").write_text(text, encoding="utf-8")
    loaded = load(tmp_path, kinds())
    assert entries(loaded, compile_plan(loaded, kinds())) == ()


def test_a_calendar_program_reads_the_same_instants_and_days():
    _, held = read()
    text = ical("notes", "Ada", held, NOW)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert (
        text.count("BEGIN:VTIMEZONE") == 2
        and text.startswith("BEGIN:VCALENDAR\r\n")
        and text.endswith("END:VCALENDAR\r\n")
    )
    made: Any = Calendar.from_ical(text)
    read_ones = {str(event["uid"]): event for event in made.walk("VEVENT")}
    assert len(read_ones) == len(held)
    for entry in held:
        event = read_ones[uid("notes", entry.key)]
        if entry.days:
            assert event["dtstart"].dt == entry.start.astimezone(ZoneInfo(entry.zone)).date()
        else:
            assert event["dtstart"].dt.astimezone(UTC) == entry.start.replace(microsecond=0)
        assert str(event["summary"]) == entry.title


def test_a_later_export_updates_what_moved_and_cancels_what_is_gone(tmp_path: Path):
    _, first = read()
    before = ical("notes", "Ada", first, NOW)
    _, second = read(
        ('cutover: {from: "Sat 2026-12-05 22:00"}', 'cutover: {from: "Sat 2026-12-05 23:00"}'),
        ("    leave: [{name: skiing, from: Wed 2026-12-09, until: Fri 2026-12-11}]\n", ""),
        folder=tmp_path,
    )
    old, new = events(before), events(ical("notes", "Ada", second, NOW + timedelta(minutes=1), before))
    moved = "Lyon: cutover"
    assert old[moved]["uid"] == new[moved]["uid"] and old[moved]["dtstart"].dt != new[moved]["dtstart"].dt
    assert all(new[name]["sequence"] > event["sequence"] for name, event in old.items())
    gone = {name for name, event in new.items() if event["status"] == "CANCELLED"}
    assert gone == {"Ada Martin: on leave (skiing)"}
    again = events(ical("notes", "Ada", first, NOW + timedelta(minutes=2), ical("notes", "Ada", second, NOW, before)))
    assert {str(event["status"]) for event in again.values()} == {"CONFIRMED"}


ZONES = st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo", "UTC"])


@settings(max_examples=60, deadline=None)
@given(ZONES, st.integers(0, 2 * 366 * 24 * 60), st.integers(0, 3000), st.text(), st.lists(st.text(), max_size=3))
def test_any_entry_is_read_back(zone: str, minute: int, takes: int, title: str, notes: list[str]):
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    entry = Entry("k", Kind.STAGE, title, start, start + timedelta(minutes=takes), zone, notes=tuple(notes))
    made: Any = Calendar.from_ical(ical("notes", "Ada", [entry], NOW))
    (event,) = made.walk("VEVENT")
    assert event["dtstart"].dt.astimezone(UTC) == start
    assert ("dtend" in event) == (takes > 0)
    assert not takes or event["dtend"].dt.astimezone(UTC) == entry.end


@pytest.mark.parametrize(
    ("utc", "written"),
    [
        ("2026-03-29T00:59", "DTSTART;TZID=Europe/Paris:20260329T015900"),
        ("2026-03-29T01:00", "DTSTART;TZID=Europe/Paris:20260329T030000"),
        ("2026-10-25T00:30", "DTSTART;TZID=Europe/Paris:20261025T023000"),  # the first 02:30, in summer time
        ("2026-10-25T01:30", "DTSTART:20261025T013000Z"),  # the second one
        ("2026-10-25T02:30", "DTSTART;TZID=Europe/Paris:20261025T033000"),
    ],
)
def test_on_the_nights_of_the_change(utc: str, written: str):
    start = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    entry = Entry("k", Kind.STAGE, "cutover", start, start + timedelta(hours=3), "Europe/Paris")
    assert written in ical("notes", "Ada", [entry], NOW).split("\r\n")


def test_hours_as_people_write_them():
    assert hours_said(Hours("UTC")) == "hours not known"
    night = Daily((5,), 22 * 60, 30 * 60)
    assert (
        hours_said(Hours("UTC", (Daily((0, 1, 2, 3, 4), 480, 1440), night))) == "Mon-Fri 08:00-24:00, Sat 22:00-06:00"
    )


def golive(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "golive.cli.main", "calendar", "-p", str(HERE), *words],
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_command_shows_a_person_and_writes_a_file_for_each(tmp_path: Path):
    shown = golive("--person", "kenji")
    assert shown.returncode == 0 and "times of Asia/Tokyo" in shown.stdout
    assert "22:00 JST" in shown.stdout and "Lyon" not in shown.stdout
    assert "not there: kenji: weekend (Sat 2026-12-12 22:00 JST)" in shown.stdout
    assert [golive("--ics", str(tmp_path / "out")).returncode for _ in range(2)] == [0, 0]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["ada.ics", "claire.ics", "kenji.ics"]
    (tmp_path / "out" / "ada.ics").write_text("no calendar")
    spoiled = golive("--ics", str(tmp_path / "out"))
    assert spoiled.returncode == 2 and "ada.ics is there and is no calendar" in spoiled.stderr
    assert golive("--person", "nobody").returncode == 2
