"""Recurrence rules: what they give, what is refused, and that none runs for ever."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from golive.calendar.rule import starts, wrong
from golive.calendar.times import Times, first_of, next_of, occurrences

FIRST = datetime(2026, 12, 5, 22)


def dates(rule: str, before: datetime = datetime(2027, 2, 1), zone: str = "UTC") -> list[str]:
    return [f"{at:%m-%d}" for at in starts(rule, FIRST, zone, before)]


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("", ["12-05"]),
        ("FREQ=WEEKLY;BYDAY=SA;COUNT=3", ["12-05", "12-12", "12-19"]),
        ("RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20270102", ["12-05", "12-19", "01-02"]),
        ("FREQ=MONTHLY;BYDAY=1SA", ["12-05", "01-02"]),
        ("freq=daily;count=2;", ["12-05", "12-06"]),
    ],
)
def test_rules(rule: str, found: list[str]):
    assert dates(rule) == found


def test_an_until_in_utc_is_an_instant():
    # 22:00 in Paris is 21:00 in UTC: the one on the 12th is the last that is not later.
    assert dates("FREQ=WEEKLY;UNTIL=20261212T210000Z", zone="Europe/Paris") == ["12-05", "12-12"]
    assert dates("FREQ=WEEKLY;UNTIL=20261212T205900Z", zone="Europe/Paris") == ["12-05"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=HOURLY", "FREQ is one of DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("every saturday", "“EVERY SATURDAY” is no part of a rule that is known here"),
        ("FREQ=WEEKLY;BYDAY=SAT", "not a rule: invalid 'BYDAY': SAT"),
        ("FREQ=WEEKLY;COUNT=0", "COUNT is a number from 1"),
        ("FREQ=WEEKLY;COUNT=x", "not a rule"),
        ("FREQ=WEEKLY;UNTIL=tomorrow", "not a rule"),
        ("FREQ=WEEKLY;FREQ=DAILY", "not a rule: a part stands twice"),
        ("", "is no part of a rule"),
    ],
)
def test_what_is_no_rule(rule: str, said: str):
    assert said in wrong(rule)


def test_rules_are_not_wrong():
    assert [wrong(rule) for rule in ("FREQ=DAILY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=WEEKLY;WKST=SU")] == [
        ""
    ] * 3


def test_a_rule_that_never_comes_true_is_told_without_a_search():
    began = time.process_time()
    assert wrong("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30") == "no such day is in these months"
    assert wrong("FREQ=DAILY;BYSETPOS=2") == "BYSETPOS goes with FREQ=MONTHLY or FREQ=YEARLY"
    assert time.process_time() - began < 1


def test_a_rare_rule_is_found():
    leap = Times("UTC", "2028-02-29T22:00", 3600, rule="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29")
    assert [found.span.start.year for found in [next_of(leap, datetime(2030, 1, 1, tzinfo=UTC))] if found] == [2032]


def test_dates_are_left_out_and_what_is_over_is_over():
    weekly = Times("UTC", "2026-12-05T22:00", 3600, rule="FREQ=WEEKLY;COUNT=3", skips=("2026-12-12",))
    found = occurrences(weekly, FIRST.replace(tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC))
    assert [one.span.start.day for one in found] == [5, 19]
    assert next_of(weekly, datetime(2026, 12, 20, tzinfo=UTC)) is None
    assert first_of(Times("UTC", "2026-12-05T22:00", 3600, skips=("2026-12-05",))) is None


def test_one_that_is_going_on_is_the_next_one():
    night = Times("UTC", "2026-12-31T22:00", 6 * 3600)
    at = datetime(2027, 1, 1, 1, tzinfo=UTC)
    found = next_of(night, at)
    assert found and found.span.start < at
    assert list(occurrences(night, at, at + timedelta(hours=1))) == [found]
