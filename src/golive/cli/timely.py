"""What the time of day means for a run, in lines for a person: what waits for which window, and last back-out times."""

from collections.abc import Iterator
from datetime import datetime

from golive.calendar.zone import shown
from golive.cli.words import duration
from golive.graph.graph import Graph
from golive.graph.step import Stage
from golive.reconcile.clock import Clock, Hold
from golive.reconcile.next import clock_of
from golive.reconcile.state import State


def lines(graph: Graph, state: State, now: datetime, until: Stage | None = None) -> list[str]:
    """Everything that a person should know about the time as the run stands; none where the plan has no windows."""
    clock = clock_of(graph, state, now)
    return [f"{hold.step.id} {hold.sentence()}" for hold in first_of_sites(clock.holds(until))] + list(_lasts(clock))


def first_of_sites(holds: tuple[Hold, ...]) -> tuple[Hold, ...]:
    """For each site the first step that waits for each reason: the others wait for the same."""
    found: dict[tuple[str | None, str, datetime | None], Hold] = {}
    for hold in holds:
        found.setdefault((hold.step.site, hold.because, hold.until), hold)
    return tuple(found.values())


def _lasts(clock: Clock) -> Iterator[str]:
    """The last back-out time of each site whose cutover is under way, and whether it can be kept."""
    late = {late.site: late for late in clock.late()}
    for site, timing in clock.graph.timings.items():
        last = clock.last_back_out(site) if clock.under_way(site) else None
        if last is None or clock.state.site(site).backing_out:
            continue
        left = (last - clock.now).total_seconds()
        when = f"in {duration(left)}" if left > 0 else "it has passed"
        text = f"{site}: last back-out time {shown(last, timing.zone)} ({when})"
        if site in late and (question := late[site].question):
            yield f"{text}: LATE; it goes back then, unless {question.id} is approved"
        else:
            yield text + (": LATE; it goes back" if site in late else "")
