"""What is still open about failures: retries to come, and steps about which a person can still choose. Pure."""

from datetime import datetime

from golive.graph.graph import Graph
from golive.graph.step import Stage, Step
from golive.reconcile.next import failed_sites, has_failed
from golive.reconcile.state import State


def waits_for_retry(graph: Graph, state: State, now: datetime, until: Stage | None = None) -> bool:
    """Whether the plan's policy has a step tried again later, and nothing stands in the way of that."""
    closed = {site for site in graph.sites if state.site(site).backing_out} | failed_sites(graph, state).keys()
    return not state.abort and any(
        (failing := state.step(step.id).failing) is not None
        and failing.comes_again
        and not failing.may_run(now)
        and step.site not in closed
        and (until is None or step.stage.order <= until.order)
        for step in graph.steps
    )


def to_choose(graph: Graph, state: State) -> tuple[Step, ...]:
    """The failed steps about which a person can still say what is to be done, as far as it can be done now."""
    if state.abort or state.ended:
        return ()
    return tuple(
        step
        for step in graph.steps
        if has_failed(step, state)
        and not state.site(step.site).backing_out
        and not state.site(step.site).wanted
        and not (step.on_failure.retries > (held := state.step(step.id)).retries and held.failing is None)
        and not (held.failing and held.failing.answer)
    )
