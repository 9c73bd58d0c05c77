"""How long the sides work while everything is compared, by a clock that only they and rests move."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.site import ranges
from golive.site.ranges import Ranges
from golive.site.tables import Table

ITEM = Table("public", "item", ("id",), ("id", "name"))
SECONDS = st.floats(0.001, 5)


class Clock:
    """Time passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Working:
    """A side that needs so long for each question; it has as many ranges as it is told."""

    def __init__(self, name: str, clock: Clock, seconds: list[float], count: int) -> None:
        self.name, self._clock, self._seconds, self._ends = name, clock, seconds, count - 1
        self.spans: list[tuple[float, float]] = []

    def query(self, sql: str, patience: float | None = None) -> list[list[str]]:
        began = self._clock.now
        self._clock.now += self._seconds[len(self.spans) % len(self._seconds)]
        self.spans.append((began, self._clock.now))
        if "count(*)" in sql:
            return [["3", "7"]]
        self._ends -= 1
        return [["5"]] if self._ends >= 0 else []


@given(st.lists(SECONDS, min_size=1), st.lists(SECONDS, min_size=1), st.integers(1, 9), st.floats(0.05, 0.5))
def test_they_work_in_turn_and_each_no_longer_than_its_share(
    old: list[float], new: list[float], count: int, share: float
) -> None:
    clock: Any = Clock()
    sides: Any = (Working("old", clock, old, count), Working("new", clock, new, count))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranges, "time", clock)
        assert [compared.rows for compared in Ranges(sides[0], sides[1], share).of(ITEM)] == [3] * count
    source, target = ([ended - began for began, ended in side.spans] for side in sides)
    begins = [began for began, _ in sides[0].spans[::2]]  # it is asked for the range's end, and for its rows
    for number, (began, after) in enumerate(pairwise([*begins, clock.now])):  # another table's may follow
        worked = (source[2 * number] + source[2 * number + 1], target[number])
        assert after - began == pytest.approx(max(sum(worked), max(worked) / share))


def test_as_quick_as_it_goes_both_work_at_once_and_nobody_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    clock: Any = Clock()
    monkeypatch.setattr(ranges, "time", clock)
    sides: Any = (Working("old", clock, [1.0], 3), Working("new", clock, [1.0], 3))
    asked: list[str] = []

    def at_once(query: str, one: Any, other: Any, patience: float) -> Any:
        asked.append(query)
        return one.query(query), other.query(query)

    monkeypatch.setattr(ranges, "at_once", at_once)
    assert [compared.rows for compared in Ranges(sides[0], sides[1], 1).of(ITEM)] == [3, 3, 3]
    assert len(asked) == 3
    assert clock.now == sum(ended - began for side in sides for began, ended in side.spans)
