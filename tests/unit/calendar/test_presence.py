"""When people work: hours, shifts, leave, holidays, zones."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.calendar.presence import Daily, Found, Hours, Presence, gaps, presence, working
from golive.calendar.span import Span
from golive.calendar.times import Times
from golive.calendar.zone import instant

WEEK = (Daily((0, 1, 2, 3, 4), 8 * 60, 17 * 60),)
NIGHT = Times("Europe/Paris", "2026-12-05T21:00", 8 * 3600, True, name="cutover")
HOLIDAYS = Times("Europe/Paris", "2026-12-21T00:00", 4 * 86400, name="skiing")
CLAIRE = Hours("Europe/Paris", WEEK, (NIGHT,), (HOLIDAYS,), ("FR",))
KENJI = Hours("Asia/Tokyo", WEEK, regions=("JP",))


def at(text: str, zone: str = "Europe/Paris") -> datetime:
    return instant(datetime.fromisoformat(text), zone)


@pytest.mark.parametrize(
    ("when", "is_", "because"),
    [
        ("2026-12-04T16:59", Presence.WORKS, "in the hours of work"),
        ("2026-12-04T17:00", Presence.OFF, "outside the hours of work (Fri 2026-12-04 17:00 CET)"),
        ("2026-12-05T12:00", Presence.OFF, "weekend (Sat 2026-12-05 12:00 CET)"),
        ("2026-12-06T04:59", Presence.WORKS, "on shift: cutover"),
        ("2026-12-06T05:00", Presence.OFF, "weekend (Sun 2026-12-06 05:00 CET)"),
        ("2026-12-22T10:00", Presence.LEAVE, "on leave: skiing"),
        ("2026-12-25T10:00", Presence.HOLIDAY, "Christmas Day (FR)"),
        ("2026-12-28T10:00", Presence.WORKS, "in the hours of work"),
    ],
)
def test_one_person(when: str, is_: Presence, because: str):
    assert presence(CLAIRE, at(when)) == Found(is_, because)


def test_each_in_their_own_zone():
    morning = at("2026-12-07T09:00", "Asia/Tokyo")
    assert presence(KENJI, morning).works
    assert not presence(CLAIRE, morning).works


def test_who_says_no_hours_is_unknown_and_still_has_leave_and_shifts():
    ben = Hours("Europe/Paris", shifts=(NIGHT,), leave=(HOLIDAYS,))
    assert presence(ben, at("2026-12-04T10:00")).presence is Presence.UNKNOWN
    assert presence(ben, at("2026-12-05T22:00")).works
    assert presence(ben, at("2026-12-22T10:00")).presence is Presence.LEAVE


def test_a_night_shift_of_every_week_begins_on_its_day_and_ends_on_the_next():
    guard = Hours("America/New_York", (Daily((4,), 22 * 60, 30 * 60),))
    assert presence(guard, at("2026-10-31T05:00", "America/New_York")).works
    assert not presence(guard, at("2026-10-31T22:30", "America/New_York")).works
    # From Friday 22:00 to Saturday 06:00; an hour longer where the clocks go back in between.
    lord_howe = Hours("Europe/Paris", (Daily((5,), 22 * 60, 30 * 60),))
    assert sum(span.seconds for span in working(lord_howe, at("2026-10-24T00:00"), at("2026-10-26T00:00"))) == 9 * 3600


def test_gaps_say_why():
    found = gaps(CLAIRE, at("2026-12-05T20:00"), at("2026-12-06T06:00"))
    assert [(gap.span, gap.found.presence) for gap in found] == [
        (Span(at("2026-12-05T20:00"), at("2026-12-05T21:00")), Presence.OFF),
        (Span(at("2026-12-06T05:00"), at("2026-12-06T06:00")), Presence.OFF),
    ]
    assert gaps(CLAIRE, at("2026-12-05T21:00"), at("2026-12-06T05:00")) == ()
    leave = gaps(CLAIRE, at("2026-12-20T12:00"), at("2026-12-21T12:00"))
    assert [gap.found.presence for gap in leave] == [Presence.OFF, Presence.LEAVE]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60 * 24 * 40), st.integers(0, 60 * 72), st.sampled_from([CLAIRE, KENJI]))
def test_working_time_and_gaps_make_up_the_whole_and_agree_with_each_moment(start: int, takes: int, who: Hours):
    since = datetime(2026, 12, 1, tzinfo=UTC) + timedelta(minutes=start)
    until = since + timedelta(minutes=takes)
    works, away = working(who, since, until), gaps(who, since, until)
    assert sum(span.seconds for span in works) + sum(gap.span.seconds for gap in away) == takes * 60
    for passed in range(0, takes, 17):
        now = since + timedelta(minutes=passed)
        assert presence(who, now).works == any(span.holds(now) for span in works)
    for gap in away:
        assert not gap.found.works and gap.found == presence(who, gap.span.start)
