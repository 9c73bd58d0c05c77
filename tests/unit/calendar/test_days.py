"""Business days with the public holidays of two countries."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.calendar.days import add_business_days, business_days, day_off, holiday, is_region


@pytest.mark.parametrize(
    ("day", "france", "japan"),
    [
        ("2026-05-01", True, False),  # Fête du Travail
        ("2026-05-04", False, True),  # Greenery Day
        ("2026-07-14", True, False),
        ("2026-11-03", False, True),  # Culture Day
        ("2027-01-01", True, True),
        ("2026-12-08", False, False),
    ],
)
def test_the_holidays_of_two_countries(day: str, france: bool, japan: bool):
    on = date.fromisoformat(day)
    assert (bool(holiday(on, ["FR"])), bool(holiday(on, ["JP"]))) == (france, japan)
    assert bool(holiday(on, ["FR", "JP"])) == (france or japan)


def test_names_and_parts_of_countries():
    assert holiday(date(2026, 7, 14), ["FR"]) == "National Day (FR)"
    assert holiday(date(2026, 1, 6), ["DE-BY"]) and not holiday(date(2026, 1, 6), ["DE-BE"])
    assert [is_region(name) for name in ("FR", "DE-BY", "US-NY", "XX", "DE-XX", "", "fr")] == [True] * 3 + [False] * 4


def test_business_days_over_christmas():
    # Thu 24 to Thu 31 December 2026: France works on 24, 28-31; Japan also on Friday 25.
    start, end = date(2026, 12, 24), date(2026, 12, 31)
    assert business_days(start, end, ["FR"]) == 5
    assert business_days(start, end, ["JP"]) == 6
    assert business_days(start, end, ["FR", "JP"]) == 5
    assert business_days(start, end, []) == 6
    assert business_days(end, start, ["FR"]) == 0
    assert day_off(date(2026, 12, 25), ["FR"]) == "Christmas Day (FR)"
    assert day_off(date(2026, 12, 26), ["FR"]) == "weekend"
    assert add_business_days(date(2026, 12, 24), 1, ["FR"]) == date(2026, 12, 28)
    assert add_business_days(date(2026, 12, 28), -1, ["FR"]) == date(2026, 12, 24)


def test_a_saturday_that_a_country_works_is_a_business_day():
    assert not day_off(date(2024, 2, 4), ["CN"])  # a Sunday worked for the spring festival of 2024
    assert day_off(date(2024, 2, 4), ["FR"]) == "weekend"


@settings(deadline=None)
@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 60), st.sampled_from([[], ["FR"], ["FR", "JP"]]))
def test_adding_business_days_and_counting_them_agree(start: date, count: int, regions: list[str]):
    end = add_business_days(start, count, regions)
    assert business_days(start + timedelta(days=1), end, regions) == count
    assert count == 0 or not day_off(end, regions)
