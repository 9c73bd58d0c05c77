"""The failures about which a person can still choose. Pure."""

from golive.graph.graph import Graph
from golive.graph.step import Step
from golive.reconcile.standing import has_failed, to_be_retried, withdrawn
from golive.reconcile.state import State


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
        and not to_be_retried(step, state)
        and not withdrawn(step, state)
        and not ((held := state.step(step.id)).failing and held.failing.answer)
    )
