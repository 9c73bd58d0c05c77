"""The laws of windows and freezes, for any of them."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from golive.calendar.span import Span, minus, union
from golive.calendar.times import Times
from golive.calendar.timing import Closed, Scope, Timing, closed, is_open, next_opening, open_until

BASE = datetime(2026, 10, 1, tzinfo=UTC)
COPY = Scope("cutover", "cutover/copy-dump@db-1")
ZONES = st.sampled_from(["Europe/Paris", "America/New_York", "Asia/Tokyo", "UTC"])
RULES = st.sampled_from(["", "FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=WEEKLY;INTERVAL=2;COUNT=3"])
SCOPES = st.sampled_from([(), ("cutover",), ("cutover/copy-*",), ("deploy",)])
MINUTES = st.integers(0, 60 * 24 * 45)
"""Over the nights of the change in both Paris and New York."""
FEW = settings(max_examples=60, deadline=None)


@st.composite
def some_times(draw: st.DrawFn) -> Times:
    start = BASE.replace(tzinfo=None) + timedelta(minutes=15 * draw(st.integers(0, 4 * 24 * 40)))
    hours = draw(st.integers(1, 30))
    return Times(
        draw(ZONES), start.isoformat(), 3600.0 * hours, draw(st.booleans()), draw(RULES), name="n", scopes=draw(SCOPES)
    )


TIMINGS = st.builds(
    Timing,
    zone=ZONES,
    windows=st.lists(some_times(), max_size=3).map(tuple),
    freezes=st.lists(some_times(), max_size=2).map(tuple),
    planned=st.sampled_from([(), (("cutover", "2026-10-20T22:00"),), (("deploy", "2026-10-20T22:00"),)]),
)


def free(timing: Timing, at: datetime) -> bool:
    """Whether a moment is open, told in the plainest way that there is: moment by moment, by the local clock."""
    return closed(timing, COPY, at) is None


@FEW
@given(TIMINGS, MINUTES, st.integers(0, 600))
def test_what_begins_when_it_is_open_ends_before_it_closes(timing: Timing, minute: int, takes: int):
    at = BASE + timedelta(minutes=minute)
    if is_open(timing, COPY, at, takes * 60):
        assert all(free(timing, at + timedelta(minutes=passed)) for passed in range(0, takes, 7))
        end = open_until(timing, COPY, at)
        assert end is None or end >= at + timedelta(minutes=takes)


@FEW
@given(TIMINGS, MINUTES)
def test_it_is_open_exactly_when_nothing_closes_it(timing: Timing, minute: int):
    at = BASE + timedelta(minutes=minute)
    assert is_open(timing, COPY, at) == free(timing, at)


@FEW
@given(TIMINGS, MINUTES, st.integers(0, 600))
def test_the_next_opening_is_the_first_one(timing: Timing, minute: int, takes: int):
    at, need = BASE + timedelta(minutes=minute), 60.0 * takes
    found = next_opening(timing, COPY, at, need)
    until = min(found.start, at + timedelta(days=3)) if found else at + timedelta(days=3)
    while at < until:
        assert not is_open(timing, COPY, at, need)
        at += timedelta(minutes=31)
    if found and found.start > at:
        assert is_open(timing, COPY, found.start, need)


@FEW
@given(TIMINGS, some_times(), MINUTES)
def test_one_more_freeze_never_opens_and_one_more_window_never_closes_a_window(
    timing: Timing, more: Times, minute: int
):
    at = BASE + timedelta(minutes=minute)
    frozen = Timing(timing.zone, timing.windows, (*timing.freezes, more), timing.planned)
    assert is_open(timing, COPY, at) or not is_open(frozen, COPY, at)
    if any(COPY.of(window) for window in timing.windows):
        wider = Timing(timing.zone, (*timing.windows, more), timing.freezes, timing.planned)
        assert is_open(wider, COPY, at) or not is_open(timing, COPY, at)


SPANS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 20)).map(
        lambda pair: Span(BASE + timedelta(hours=pair[0]), BASE + timedelta(hours=pair[0] + pair[1]))
    ),
    max_size=6,
)


@given(SPANS, SPANS)
def test_sums_and_differences_of_spans_hold_the_instants_that_they_should(some: list[Span], holes: list[Span]):
    found = minus(some, holes)
    assert found == union(found)
    assert all(one.end < two.start for one, two in zip(found, found[1:], strict=False))
    for hour in range(0, 75):
        at = BASE + timedelta(hours=hour, minutes=30)
        wanted = any(span.holds(at) for span in some) and not any(span.holds(at) for span in holes)
        assert any(span.holds(at) for span in found) == wanted


def nights(*scopes: str, name: str = "nights") -> Times:
    return Times("Europe/Paris", "2026-12-05T22:00", 6 * 3600, rule="FREQ=WEEKLY;BYDAY=SA", name=name, scopes=scopes)


def test_over_midnight_and_too_late():
    timing = Timing("Europe/Paris", windows=(nights("cutover"),))
    after_midnight = datetime(2026, 12, 6, 1, 30, tzinfo=UTC)
    assert is_open(timing, COPY, after_midnight, 90 * 60)
    assert not is_open(timing, COPY, after_midnight, 90 * 60 + 1)
    assert next_opening(timing, COPY, after_midnight, 91 * 60) == Span(
        datetime(2026, 12, 12, 21, tzinfo=UTC), datetime(2026, 12, 13, 3, tzinfo=UTC)
    )
    autumn = next_opening(timing, COPY, after_midnight, 7 * 3600)
    assert autumn and autumn.start == datetime(2027, 10, 30, 20, tzinfo=UTC), "the one night that has seven hours"
    assert next_opening(timing, COPY, after_midnight, 8 * 3600) is None


def test_windows_are_for_stages_and_for_steps():
    deploy, other = Scope("deploy", "deploy/kinto@app-1"), Scope("cutover", "cutover/fence-haproxy@door")
    noon = datetime(2026, 12, 9, 11, tzinfo=UTC)
    timing = Timing("Europe/Paris", windows=(nights("cutover/copy-*"),))
    assert [is_open(timing, scope, noon) for scope in (deploy, other, COPY)] == [True, True, False]
    assert open_until(timing, deploy, noon) is None


def test_why_it_is_closed():
    freeze = Times("Europe/Paris", "2026-12-19T00:00", 86400, name="inventory")
    timing = Timing("Europe/Paris", (nights(),), (freeze,), (("cutover", "2026-12-05T22:00"),))
    day = datetime(2026, 12, 1, tzinfo=UTC)
    assert closed(timing, COPY, day) == Closed("date", "cutover")
    assert closed(timing, COPY, day + timedelta(days=7)) == Closed("window", "nights")
    assert closed(timing, COPY, day + timedelta(days=18, hours=22)) == Closed("freeze", "inventory")
    assert closed(timing, COPY, day + timedelta(days=11, hours=22)) is None
