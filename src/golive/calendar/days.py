"""Business days and public holidays, by country and subdivision; dates come from the holidays library."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

_ENGLISH = ("en_US", "en_GB", "en")


def is_region(region: str) -> bool:
    """Whether the holidays of a region are known: a country (``FR``), or one of its subdivisions (``DE-BY``)."""
    country, _, part = region.partition("-")
    known = _countries()
    return country in known and (not part or part in known[country])


@lru_cache(maxsize=1)
def _countries() -> dict[str, list[str]]:
    from holidays import list_supported_countries

    return {country: list(parts) for country, parts in list_supported_countries().items()}


def holiday(day: date, regions: Iterable[str]) -> str:
    """The name of the public holiday that a day is in one of the regions, with the region; empty: none."""
    for region in regions:
        if name := _of(region).get(day):
            return f"{name} ({region})"
    return ""


def day_off(day: date, regions: Iterable[str]) -> str:
    """Why a day is no business day in these regions: a holiday's name, or ``weekend``; empty: it is one.

    Without a region Saturday and Sunday are the weekend. Days that a country works instead of another count.
    """
    regions = tuple(regions)
    if named := holiday(day, regions):
        return named
    if not regions:
        return "weekend" if day.weekday() >= 5 else ""
    return "" if all(_of(region).is_working_day(day) for region in regions) else "weekend"


def business_days(start: date, end: date, regions: Iterable[str]) -> int:
    """How many business days lie from ``start`` up to and with ``end``; a day counts that is one in all regions."""
    regions = tuple(regions)
    every = (start + timedelta(days=number) for number in range((end - start).days + 1))
    return sum(not day_off(day, regions) for day in every)


def add_business_days(start: date, count: int, regions: Iterable[str]) -> date:
    """The day ``count`` business days after ``start`` (before it, when ``count`` is negative)."""
    regions, step = tuple(regions), timedelta(days=1 if count >= 0 else -1)
    day, left = start, abs(count)
    while left:
        day += step
        left -= not day_off(day, regions)
    return day


@lru_cache(maxsize=256)
def _of(region: str) -> Any:
    from holidays import country_holidays

    country, _, part = region.partition("-")
    found: Any = country_holidays(country, subdiv=part or None)
    language = next((name for name in _ENGLISH if name in found.supported_languages), None)
    return country_holidays(country, subdiv=part or None, language=language)
