"""The nights on which clocks change, in two countries, and a window over midnight."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.calendar.times import Times, first_of, occurrences
from golive.calendar.zone import instant, is_zone, local, oddity, shown

PARIS, NEW_YORK = "Europe/Paris", "America/New_York"
ZONES = st.sampled_from([PARIS, NEW_YORK, "Asia/Tokyo", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"])
LOCALS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda at: at.replace(second=0, microsecond=0))


def times(zone: str, start: str, hours: float, elapsed: bool = False, rule: str = "", **more: object) -> Times:
    return Times(zone, start, hours * 3600, elapsed, rule, **more)  # pyright: ignore[reportArgumentType]


def first(*args: object, **more: object):
    found = first_of(times(*args, **more))  # pyright: ignore[reportArgumentType]
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("zone", "at", "utc", "said"),
    [
        (PARIS, "2026-03-29T02:30", "2026-03-29T01:30", "does not exist on Sun 2026-03-29"),
        (PARIS, "2026-10-25T02:30", "2026-10-25T00:30", "occurs twice on Sun 2026-10-25"),
        (NEW_YORK, "2026-03-08T02:30", "2026-03-08T07:30", "does not exist on Sun 2026-03-08"),
        (NEW_YORK, "2026-11-01T01:30", "2026-11-01T05:30", "occurs twice on Sun 2026-11-01"),
        (PARIS, "2026-03-29T03:00", "2026-03-29T01:00", ""),
        (NEW_YORK, "2026-10-25T02:30", "2026-10-25T06:30", ""),
    ],
)
def test_skipped_and_repeated_local_times(zone: str, at: str, utc: str, said: str):
    assert instant(datetime.fromisoformat(at), zone) == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert (said in oddity(datetime.fromisoformat(at), zone)) and bool(said) == bool(
        oddity(datetime.fromisoformat(at), zone)
    )


@given(LOCALS, ZONES)
def test_a_local_time_is_odd_exactly_when_it_does_not_come_back_or_has_two_instants(at: datetime, zone: str):
    found = instant(at, zone)
    back = local(found, zone).replace(tzinfo=None)
    twice = any(local(found + timedelta(minutes=m), zone).replace(tzinfo=None) == at for m in range(10, 181, 10))
    assert bool(oddity(at, zone)) == (back != at or twice)
    assert back >= at, "a skipped time is read as a later one, never an earlier one"


@pytest.mark.parametrize(
    ("zone", "start", "elapsed", "hours", "ends"),
    [
        # From 22:00 to 04:00 by the clock: an hour shorter in spring, an hour longer in autumn.
        (PARIS, "2026-03-28T22:00", False, 5, "04:00"),
        (PARIS, "2026-10-24T22:00", False, 7, "04:00"),
        (NEW_YORK, "2026-03-07T22:00", False, 5, "04:00"),
        (NEW_YORK, "2026-10-31T22:00", False, 7, "04:00"),
        (NEW_YORK, "2026-10-24T22:00", False, 6, "04:00"),
        # Six hours by a stopwatch.
        (PARIS, "2026-03-28T22:00", True, 6, "05:00"),
        (PARIS, "2026-10-24T22:00", True, 6, "03:00"),
        (NEW_YORK, "2026-03-07T22:00", True, 6, "05:00"),
        (NEW_YORK, "2026-10-31T22:00", True, 6, "03:00"),
    ],
)
def test_a_window_over_the_night_of_the_change(zone: str, start: str, elapsed: bool, hours: int, ends: str):
    found = first(zone, start, 6, elapsed)
    assert found.span.seconds == hours * 3600
    assert local(found.span.end, zone).strftime("%H:%M") == ends
    assert bool(found.notes) == (hours != 6)


def test_the_report_says_what_the_change_does():
    assert first(PARIS, "2026-03-28T22:00", 6).notes == ("the clocks change: it is 60 min shorter than usual",)
    assert first(PARIS, "2026-03-29T02:30", 1).notes == (
        "02:30 does not exist on Sun 2026-03-29 (the clocks go forward): it is read as 03:30",
        "the clocks change: it is 60 min shorter than usual",
    )


def test_a_window_that_the_change_swallows_is_empty_and_says_so():
    found = first(PARIS, "2026-03-29T02:00", 1)
    assert found.span.seconds == 0 and found.notes


def test_the_rule_recurs_by_the_clock_on_the_wall():
    nightly = times(PARIS, "2026-10-23T22:00", 6, rule="FREQ=DAILY;COUNT=4")
    found = list(occurrences(nightly, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)))
    assert [local(one.span.start, PARIS).strftime("%d %H:%M") for one in found] == [
        "23 22:00", "24 22:00", "25 22:00", "26 22:00",
    ]  # fmt: skip
    assert [one.span.start.hour for one in found] == [20, 20, 21, 21]


def test_instants_are_shown_with_weekday_and_zone():
    assert shown(datetime(2026, 12, 5, 21, tzinfo=UTC), PARIS) == "Sat 2026-12-05 22:00 CET"
    assert shown(datetime(2026, 7, 4, 21, tzinfo=UTC), NEW_YORK) == "Sat 2026-07-04 17:00 EDT"


@pytest.mark.parametrize("name", ["Europe/Pariss", "", "../etc/passwd", "a\0b", "Europe"])
def test_what_is_no_zone(name: str):
    assert not is_zone(name)
