"""How a run stands, as one of the documented exit codes. Pure."""

from golive.errors import WORST_FIRST, Exit
from golive.graph.graph import Graph
from golive.graph.step import Stage
from golive.reconcile.next import end_of_the_road, is_done
from golive.reconcile.state import State, Status

_EXITS = {
    Status.FAILED: Exit.FAILED,
    Status.REFUSED: Exit.GATE_REFUSED,
    Status.UNREACHABLE: Exit.UNKNOWN,
    Status.UNKNOWN: Exit.UNKNOWN,
    Status.INTERRUPTED: Exit.UNKNOWN,
    Status.WAITING: Exit.WAITING,
}
_OF_UNIT = {**_EXITS, Status.UNDONE: Exit.FAILED, Status.RESIDUE: Exit.RESIDUE}
"""What was taken back of a unit failed, though the site goes on with the old release."""


def verdict(graph: Graph, state: State, until: Stage | None = None) -> Exit:
    """The exit code for where the run stands: the worst of its sites, in the order of ``WORST_FIRST``.

    ``INTERRUPTED`` means that nothing failed and something is still to be done.
    """
    scopes: dict[str | None, list[Exit]] = {}
    for step in graph.steps:
        if until and step.stage.order > until.order:
            continue
        held = state.step(step.id)
        done = is_done(step, graph, state)
        exits = _OF_UNIT if step.unit else _EXITS
        exit = Exit.DONE if done else exits.get(held.status, Exit.INTERRUPTED)
        scopes.setdefault(step.site, []).append(exit)
    found = [site_verdict(site, exits, state) for site, exits in scopes.items()]
    blocked = any(exit not in (Exit.DONE, Exit.INTERRUPTED) for exit in found)
    return worst([exit for exit in found if not (blocked and exit is Exit.INTERRUPTED)])


def site_verdict(site: str | None, exits: list[Exit], state: State) -> Exit:
    """The exit code of one site."""
    backed_out = state.site(site)
    if backed_out.ended:
        return Exit.RESIDUE if backed_out.ended.residue else Exit.BACKED_OUT
    held = [exit for exit in exits if exit is not Exit.INTERRUPTED]
    unfinished = Exit.INTERRUPTED in exits
    bad = worst(held) if held else Exit.DONE
    return Exit.INTERRUPTED if unfinished and bad is Exit.DONE else bad


def worst(exits: list[Exit]) -> Exit:
    """The worst of several outcomes."""
    return next((exit for exit in WORST_FIRST if exit in exits), Exit.DONE)


def is_over(graph: Graph, state: State) -> bool:
    """Whether nothing of the run can be done any more, by whomever: all is done, or stands behind a back-out."""
    out: set[str] = set()
    final = end_of_the_road(graph, state)
    for step in graph.steps:
        if is_done(step, graph, state):
            continue
        if not state.site(step.site).ended and out.isdisjoint(step.needs) and not final(step):
            return False
        out.add(step.id)
    return True
