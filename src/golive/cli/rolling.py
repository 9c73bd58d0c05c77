"""How far the rollout is, in lines for a person: waves, soak times, the error budget, and the expected end."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from golive.cli.words import duration
from golive.graph.graph import Graph
from golive.graph.rollout import Wave
from golive.reconcile.expected import Times, expected, times
from golive.reconcile.next import course, sight
from golive.reconcile.state import State
from golive.reconcile.waves import soak_end
from golive.run.store import Store
from golive.words import several


@dataclass(frozen=True)
class History:
    """What is known of how long steps take.

    Attributes:
        run: the times of the run at hand.
        before: those of earlier runs.
    """

    run: Times
    before: tuple[Times, ...] = ()


def history(store: Store, run: str) -> History:
    """Read from the journals of a run and of those before it."""
    runs = store.runs()
    return History(times(store.entries(run)), tuple(times(store.entries(name)) for name in runs[: runs.index(run)]))


def lines(graph: Graph, state: State, known: History, now: datetime) -> list[str]:
    """All of it; nothing about waves and budget where the plan has none, nothing at all when the run has ended."""
    if state.ended:
        return []
    waves = list(_waves(graph, state, now)) if len(graph.rollout.waves) > 1 or _soaks(graph) else []
    return [*waves, *_budget(graph, state), *end(graph, state, known, now)]


def end(graph: Graph, state: State, known: History, now: datetime) -> list[str]:
    """When the run is expected to end, and what that hangs on."""
    found = expected(graph, state, known.run, now, known.before)
    if found.end <= now:
        return []
    left = [name for name in found.schedule.critical if found.schedule.end[name] > found.schedule.start[name]]
    ahead = [name for name in left if state.step(name).status not in ("done", "skipped")]
    through = f"; it hangs on {', '.join(ahead[:3])}{', …' if len(ahead) > 3 else ''}" if ahead else ""
    like = several(found.learned, "step as long as its like", "steps as long as their like")
    learned = f"{like} took" if found.learned else "as long as the plan says"
    return [f"expected end: {at(found.end, now)}, {learned}{through}"]


def at(when: datetime, now: datetime) -> str:
    """A time to come, for a person here."""
    return f"{when.astimezone():%a %Y-%m-%d %H:%M:%S} (in {duration((when - now).total_seconds())})"


def _soaks(graph: Graph) -> bool:
    return any(wave.soak for wave in graph.rollout.waves)


def _waves(graph: Graph, state: State, now: datetime) -> Iterator[str]:
    opened = course(graph, state, now).opened
    for index, wave in enumerate(graph.rollout.waves):
        sites = [site for site in wave.sites if site in graph.of_site]
        words = Counter(_word(site, graph, state) for site in sites)
        counts = ", ".join(f"{count} {word}" for word, count in words.items())
        if sites:
            yield f"wave {wave.name}: {counts}{_soak(wave, state, now) if index <= opened else ''}"


def _word(site: str, graph: Graph, state: State) -> str:
    """How a site stands, in a word or two."""
    held, seen = state.site(site), sight(site, graph, state)
    if held.backing_out:
        return "backed out" if held.ended else "going back"
    if seen.live:
        return "live"
    if not seen.goes_on:
        return "failed"
    return "under way" if seen.begun else "to come"


def _soak(wave: Wave, state: State, now: datetime) -> str:
    if not wave.soak or wave.name not in state.soaks:
        return ""
    ends = soak_end(wave, state)
    return f"; soaks until {at(ends, now)}" if ends > now else f"; has soaked for {duration(wave.soak)}"


def _budget(graph: Graph, state: State) -> Iterator[str]:
    budget = graph.rollout.budget
    if budget is None:
        return
    spent = [site for site in graph.sites if sight(site, graph, state).counts]
    yield f"error budget: {len(spent)} of {budget} spent" + (f" ({', '.join(spent)})" if spent else "")
    if state.halted:
        yield "HALTED: no other site begins anything; mend one of these sites, or golive abort"
