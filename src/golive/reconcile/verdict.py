"""How a run stands, as one of the documented exit codes. Pure."""

from golive.errors import WORST_FIRST, Exit
from golive.graph.graph import Graph
from golive.graph.step import Stage, Step
from golive.reconcile.next import end_of_the_road
from golive.reconcile.standing import called_back, is_done
from golive.reconcile.state import State, Status

_EXITS = {
    Status.FAILED: Exit.FAILED,
    Status.REFUSED: Exit.GATE_REFUSED,
    Status.RESIDUE: Exit.FAILED,
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
    found = [outcome_of(site, graph, state, until) for site in graph.of_site]
    blocked = any(exit not in (Exit.DONE, Exit.INTERRUPTED) for exit in found)
    return worst([exit for exit in found if not (blocked and exit is Exit.INTERRUPTED)])


def outcome_of(site: str | None, graph: Graph, state: State, until: Stage | None = None) -> Exit:
    """The exit code of one site, or of the steps that belong to none."""
    wanted = (step for step in graph.of_site[site] if until is None or step.stage.order <= until.order)
    exits = [Exit.DONE if is_done(step, graph, state) else _exit(step, state) for step in wanted]
    return site_verdict(site, exits, state)


def _exit(step: Step, state: State) -> Exit:
    return (_OF_UNIT if step.unit else _EXITS).get(state.step(step.id).status, Exit.INTERRUPTED)


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
    """Whether nothing of the run can be done any more, by whomever: all is done, or stands behind a back-out.

    An aborted run is over when every site that could go back is back, and nothing is on its way.
    """
    if state.abort:
        back = all(state.site(site).ended or not state.site(site).backing_out for site in graph.sites)
        back = back and not any(called_back(site, graph, state) for site in graph.sites)
        return back and not state.open_attempts
    out: set[str] = set()
    final = end_of_the_road(graph, state)
    for step in graph.steps:
        if is_done(step, graph, state):
            if any(need in out and graph.by_id[need].site == step.site for need in step.needs):
                out.add(step.id)  # what comes after it waits for what stands behind a back-out
            continue
        if not state.site(step.site).ended and out.isdisjoint(step.needs) and not final(step):
            return False
        out.add(step.id)
    return True
