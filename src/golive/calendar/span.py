"""Spans of time between two instants, and their sums and differences."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, order=True)
class Span:
    """From ``start`` on, up to and without ``end``; both are instants."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """How long it is, by a stopwatch."""
        return (self.end - self.start).total_seconds()

    def holds(self, at: datetime) -> bool:
        """Whether an instant lies in it."""
        return self.start <= at < self.end


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same instants as spans in order that neither overlap nor touch."""
    found: list[Span] = []
    for span in sorted((span for span in spans if span.start < span.end), key=lambda span: span.start):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)


def minus(spans: Iterable[Span], holes: Iterable[Span]) -> tuple[Span, ...]:
    """The instants of ``spans`` that lie in none of ``holes``."""
    return tuple(_without(union(spans), union(holes)))


def _without(spans: Sequence[Span], holes: Sequence[Span]) -> Iterator[Span]:
    place = 0
    for span in spans:
        start = span.start
        while place < len(holes) and holes[place].end <= start:
            place += 1
        for hole in holes[place:] if place < len(holes) and holes[place].start < span.end else ():
            if hole.start >= span.end:
                break
            if start < hole.start:
                yield Span(start, hole.start)
            start = max(start, hole.end)
        if start < span.end:
            yield Span(start, span.end)


def within(spans: Iterable[Span], bounds: Span) -> tuple[Span, ...]:
    """The parts of ``spans`` that lie in ``bounds``."""
    return union(Span(max(span.start, bounds.start), min(span.end, bounds.end)) for span in spans)
