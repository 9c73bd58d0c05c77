"""The graph of what was done: a back-out takes steps back as the revision says under which they were done."""

from collections.abc import Callable, Collection
from dataclasses import replace

from golive.graph.graph import Graph, ordered
from golive.graph.step import Step
from golive.reconcile.state import State


def done_graph(graph: Graph, state: State, revision: Callable[[int], Graph]) -> Graph:
    """The current revision, where each step that has an effect is as it was done; also those that it has no more.

    Args:
        graph: the current revision's graph.
        state: the state of the run.
        revision: gives the graph of a revision.
    """
    if state.revision == 1:
        return graph
    steps = dict(graph.by_id)
    for name, held in state.steps.items():
        was = revision(held.revision).by_id.get(name)
        if was and (held.touched or name not in steps):
            steps[name] = was
    whole = [_needing(step, steps.keys()) for step in steps.values()]
    try:
        return replace(graph, steps=ordered(whole))
    except ValueError:  # revisions that stand on each other crosswise have no common order: the latest one's counts
        forgotten = [_needing(step, ()) for step in whole if step.id not in graph.by_id]
        return replace(graph, steps=(*graph.steps, *forgotten))


def _needing(step: Step, known: Collection[str]) -> Step:
    """The step without needs that are no steps; its digest is what it was."""
    if all(need in known for need in step.needs):
        return step
    made = replace(step, needs=tuple(need for need in step.needs if need in known))
    made.__dict__["digest"] = step.digest
    return made
