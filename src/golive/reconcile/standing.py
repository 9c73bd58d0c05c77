"""How a step and its site stand: done or not, failed or not, past the point of no return or not. Pure."""

from collections.abc import Iterator, Sequence

from golive.graph.graph import Graph
from golive.graph.policy import Then
from golive.graph.step import Rerun, Stage, Step
from golive.journal.events import Do, Outcome
from golive.reconcile.failing import STOP
from golive.reconcile.state import FAILURES, Attempt, State, Status, StepState, worn_out

REVERSED = frozenset({Stage.DEPLOY, Stage.CUTOVER})
"""The stages that a back-out takes back."""
_HALF = frozenset({Status.INTERRUPTED, Status.RESIDUE})
"""Nobody knows how much of the step's effect is there."""
_BEFORE_THE_FENCE = frozenset({"decision", "person", "gate", "message"})


def is_done(step: Step, graph: Graph, state: State) -> bool:
    """Whether the step is done, or was skipped, as the graph wants it now; one done under other inputs is stale.

    Past the point of no return nothing of the cutover is stale: doing it again would replace the live data.
    """
    held = state.step(step.id)
    if held.status not in (Status.DONE, Status.SKIPPED):
        return False
    crossed = step.stage is Stage.CUTOVER and held.digest and past_no_return(step.site or "", graph, state)
    return held.digest == wanted_digest(step, graph) or bool(crossed)


def wanted_digest(step: Step, graph: Graph) -> str:
    """What a done step's digest must be: its own, or for a decision its site's, since that is what was signed."""
    return scope_digest(step, graph) if step.do.kind == "decision" else step.digest


def scope_digest(step: Step, graph: Graph) -> str:
    """The digest of the site that a decision is about."""
    return graph.digests[step.site or "-"]


def asks_people(step: Step, held: StepState) -> bool:
    """Whether the step goes on by a person's answer: a decision, a task, a message that may have been sent or not."""
    if step.do.kind == "message":
        return held.status in (Status.INTERRUPTED, Status.WAITING)
    return step.do.kind in ("decision", "person")


def has_failed(step: Step, state: State) -> bool:
    """Whether the step stands in the way until a person runs golive again, or for good."""
    held = state.step(step.id)
    if held.status in _HALF and step.rerun is Rerun.NEVER:
        return not held.comes_again and not asks_people(step, held)
    return held.epoch == state.epoch and _bad(held)


def _bad(held: StepState) -> bool:
    return (worn_out(held) or held.status in FAILURES) and not held.comes_again


def to_be_retried(step: Step, state: State) -> bool:
    """Whether the plan's policy has a failed step tried again, which is still to be planned."""
    held = state.step(step.id)
    wanted = step.on_failure.retries > held.retries and held.failing is None and not state.abort
    can = held.status in (Status.FAILED, Status.UNREACHABLE) and step.rerun is not Rerun.NEVER
    return wanted and can and not asks_people(step, held) and has_failed(step, state) and not withdrawn(step, state)


def left_alone(step: Step, state: State) -> bool:
    """Whether a person chose to stop at the failure of a step: golive leaves it as it is until it is run again."""
    held = state.step(step.id)
    return held.failing is not None and held.failing.answer == STOP and held.epoch == state.epoch


def withdrawn(step: Step, state: State) -> bool:
    """Whether the step's unit is being taken back, or was so under this coordinator."""
    unit = state.units.get((step.site or "", step.unit)) if step.unit else None
    return unit is not None and (unit.ended is None or unit.epoch == state.epoch)


def failed_at(steps: Sequence[Step], graph: Graph, state: State) -> Step | None:
    """The step at which a site failed so that nothing more begins there; one that sends it back comes first.

    Args:
        steps: those of the site.
        graph: the current revision.
        state: the fold over the journal.
    """
    first: Step | None = None
    for step in steps:
        if step.do.kind == "message":
            continue
        if sends_back(step, graph, state):
            return step
        if first is None and (has_failed(step, state) or withdrawn(step, state)):
            first = step
    return first


def sends_back(step: Step, graph: Graph, state: State) -> bool:
    """Whether a failure, under whichever coordinator, has the site's back-out as its policy.

    As long as nothing else of a cutover was begun there is nothing to go back from.
    """
    held = state.step(step.id)
    if step.then is not Then.BACK_OUT or not (_bad(held) or has_failed(step, state)):
        return False
    if held.status is Status.RESIDUE or withdrawn(step, state):
        return False  # how its inverse stands is no failure of the step
    if step.stage is Stage.CUTOVER and not _cutting_over(step.site or "", graph, state):
        return False
    return not past_no_return(step.site or "", graph, state)


def _cutting_over(site: str, graph: Graph, state: State) -> bool:
    """Whether anything of the cutover was ever begun at a site, beside what people do and gates look at."""
    steps = (step for step in graph.of_site[site] if step.stage is Stage.CUTOVER)
    return any(state.step(step.id).attempt is not None for step in steps if step.do.kind not in _BEFORE_THE_FENCE)


def called_back(site: str, graph: Graph, state: State) -> str:
    """Why people want a site back on the old system that can still go there; empty: they do not, or it cannot."""
    held = state.site(site)
    if held.backing_out or not (held.wanted or state.abort) or past_no_return(site, graph, state):
        return ""
    if held.wanted or state.abort is None or not _begun_at(site, graph, state):
        return held.wanted
    return f"golive abort by {state.abort.who}" + (f": {state.abort.reason}" if state.abort.reason else "")


def _begun_at(site: str, graph: Graph, state: State) -> bool:
    """Whether a back-out would find something to take back at a site that is not done."""
    steps = graph.of_site[site]
    touched = any(state.step(step.id).touched for step in steps if step.stage in REVERSED)
    return touched and not all(is_done(step, graph, state) for step in steps)


def at_a_dead_end(site: str, graph: Graph, state: State) -> bool:
    """Whether a site goes back, and the inverse of what has made its new system serve was tried and has failed."""
    if not state.site(site).backing_out or not quiet(site, graph, state):
        return False
    return any(step.serves and _way_back_failed(step, state) for step in graph.of_site[site])


def _way_back_failed(step: Step, state: State) -> bool:
    held = state.step(step.id)
    latest = state.attempts.get(held.attempt or 0)
    if latest is None or latest.action is Do.DO or latest.ended is None or not held.touched:
        return False
    return latest.ended.outcome is not Outcome.NEVER_BEGAN


def past_no_return(site: str, graph: Graph, state: State) -> bool:
    """Whether the point of no return was reached at a site: an attempt at its step was begun, as far as is known."""
    tried = (state.attempts[n] for name in graph.crossings.get(site, ()) for n in state.numbers.get(name, ()))
    return any(_begun(attempt) for attempt in tried)


def _begun(attempt: Attempt) -> bool:
    disproved = attempt.ended is not None and attempt.ended.outcome is Outcome.NEVER_BEGAN
    return attempt.action is Do.DO and attempt.started and not disproved


def quiet(site: str | None, graph: Graph, state: State) -> bool:
    """Whether nothing runs at a site."""
    return not any(graph.by_id[attempt.step].site == site for attempt in _running(state, graph))


def _running(state: State, graph: Graph) -> Iterator[Attempt]:
    return (attempt for attempt in state.open_attempts if not attempt.lost and attempt.step in graph.by_id)
