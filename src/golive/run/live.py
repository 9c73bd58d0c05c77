"""Which sites are live already: the point of no return was passed there in an earlier run.

Cutting such a site over again would replace its live data with the old system's, so a new run leaves it out.
"""

from collections.abc import Mapping

from golive.graph.graph import Graph
from golive.graph.step import Stage
from golive.reconcile.standing import past_no_return
from golive.reconcile.state import State
from golive.run.journal import Journal
from golive.run.store import Store


def live_sites(store: Store, before: str | None = None) -> Mapping[str, str]:
    """The sites that are live, each with the run that took it live.

    Args:
        store: the project's store.
        before: look only at runs before this one.
    """
    found: dict[str, str] = {}
    for run in store.runs():
        if run == before:
            break
        state = Journal(store, run).state
        if state.started and _cut_over(state):
            graph = store.graph(state.graph)
            found |= {site: run for site in graph.sites if past_no_return(site, graph, state)}
    return found


def _cut_over(state: State) -> bool:
    """Whether anything of a cutover was begun at all: without, the run's graph need not be read."""
    return any(f"/{Stage.CUTOVER}/" in attempt.step for attempt in state.attempts.values())


def left_out(store: Store, run: str, graph: Graph) -> frozenset[str]:
    """The sites that a run left out when it began, because they were live then."""
    return frozenset(site for site in live_sites(store, run) if site not in graph.sites)
