"""What people decide about a run: retry, skip, back out, roll forward, abort, as events that are checked first.

Each is refused, with the reason, where it would do harm or come to nothing. What is checked is checked again under the
journal's lock, so that an answer that comes too late is refused too.
"""

import socket
from dataclasses import dataclass
from pathlib import Path

from golive.digest import canonical, digest
from golive.errors import GateRefused, UsageError
from golive.graph.graph import Graph
from golive.graph.step import Step
from golive.journal.events import AbortAsked, BackOutAsked, FailureAnswered, RollForwardAsked
from golive.plan.plan import Plan
from golive.reconcile.failing import RETRY, SKIP, STOP
from golive.reconcile.standing import at_a_dead_end, past_no_return, scope_digest
from golive.reconcile.state import State, Status
from golive.run.decide import sign, verify
from golive.run.lock import who

_FAILED = frozenset(
    {Status.FAILED, Status.REFUSED, Status.UNREACHABLE, Status.UNKNOWN, Status.INTERRUPTED, Status.RESIDUE}
)


@dataclass(frozen=True)
class Signer:
    """The person who answers for a skipped step, and where the private key lies."""

    person: str
    key: Path
    reason: str


def retry(step: Step, state: State) -> FailureAnswered:
    """A failed step, or a failed inverse, is to be tried again. Raises GateRefused."""
    _still_failed(step, state)
    if state.site(step.site).backing_out and state.step(step.id).status is not Status.RESIDUE:
        raise GateRefused(f"{step.site} is backed out: {step.id} is not done again", "golive run begins a new run")
    _not_over(state, step.id if state.step(step.id).status is not Status.RESIDUE else "")
    return _answer(step.id, state, RETRY)


def stop(step: Step, state: State) -> FailureAnswered:
    """A failed step is left as it is for now; its site waits. Raises GateRefused."""
    _still_failed(step, state)
    return _answer(step.id, state, STOP)


def skip(step: Step, graph: Graph, state: State, plan: Plan, signer: Signer, run: str, head: str) -> FailureAnswered:
    """A failed step is to be skipped, signed by a person whom the plan allows to. Raises GateRefused and UsageError.

    Args:
        step: the step.
        graph: the current revision.
        state: the state of the run.
        plan: the plan, for who may.
        signer: who signs.
        run: the run's name.
        head: the hash of the journal's last entry.
    """
    _still_failed(step, state)
    _not_over(state, step.id)
    _may_be_skipped(step, state)
    _may_skip(step, plan, signer.person)
    if not signer.reason.strip():
        raise UsageError("a skip needs a reason", "say why with --reason")
    if not signer.key.is_file():
        raise UsageError(f"there is no key {signer.key}", "name your SSH private key with --key")
    text = _statement(step, graph, state, signer, run, head)
    signature = sign(text, signer.key)
    assert state.started is not None, "a step failed in a run that began"
    verify(text, signature, signer.person, state.started.signers)
    number = state.step(step.id).attempt or 0
    return FailureAnswered(
        step.id, number, SKIP, who(), socket.gethostname(), step.digest, signer.person, signer.reason, text, signature
    )


def _statement(step: Step, graph: Graph, state: State, signer: Signer, run: str, head: str) -> str:
    """What is signed: which step of which graph, how it failed, why it is skipped, and when in the run."""
    held = state.step(step.id)
    ended = attempt.ended if (attempt := state.attempts.get(held.attempt or 0)) else None
    parts = {
        "verb": SKIP,
        "reason": signer.reason,
        "person": signer.person,
        "run": run,
        "step": step.id,
        "attempt": held.attempt,
        "digest": step.digest,
        "scope": scope_digest(step, graph),
        "evidence": digest([held.status, held.note, ended.output if ended else ""]),
        "head": head,
    }
    return canonical(parts)


def _may_be_skipped(step: Step, state: State) -> None:
    if step.do.kind == "decision":
        raise GateRefused(f"{step.id} is a person's decision and cannot be skipped", "golive run asks it again")
    if step.do.kind == "gate":
        raise GateRefused(f"{step.id} is a gate and cannot be skipped", "a refusal is waived with: golive waive")
    if not step.skippable:
        hint = f"mend it and golive retry {step.id}, or golive back-out {step.site}"
        raise GateRefused(f"{step.id} cannot be skipped: what comes after it would lose data or users", hint)
    if state.site(step.site).backing_out:
        raise GateRefused(f"{step.site} is backed out: nothing is skipped there", "see golive status")


def _may_skip(step: Step, plan: Plan, person: str) -> None:
    role = plan.on_failure.skip if plan.on_failure else None
    if role is None:
        raise GateRefused("the plan lets nobody skip a failed step", "on_failure: skip: names the role that may")
    if person not in plan.people:
        raise UsageError(f"there is no person {person} in the plan", f"people: {', '.join(plan.people) or 'none'}")
    if not plan.people[person].acts(role, step.site or ""):
        raise GateRefused(f"{person} has not the role {role}{f' at {step.site}' if step.site else ''}", "see people:")


def back_out(site: str, graph: Graph, state: State, reason: str) -> BackOutAsked:
    """A site is to go back to the old system. Raises GateRefused and UsageError."""
    if site not in graph.sites:
        raise UsageError(f"there is no site {site} in this run", f"sites: {', '.join(graph.sites)}")
    _not_over(state)
    if past_no_return(site, graph, state):
        hint = "mend what failed, then golive run goes on; taking the data back is a plan of its own"
        said = f"{site} is past its point of no return: the new system takes writes that the old one does not have"
        raise GateRefused(said, hint)
    return BackOutAsked(site, who(), socket.gethostname(), reason)


def roll_forward(site: str, graph: Graph, state: State, reason: str) -> RollForwardAsked:
    """A site whose way back has failed is to go on with the new system. Raises GateRefused and UsageError."""
    if site not in graph.sites:
        raise UsageError(f"there is no site {site} in this run", f"sites: {', '.join(graph.sites)}")
    if not reason.strip():
        raise UsageError("to give up a way back needs a reason", "say why with --reason")
    _not_over(state)
    if not at_a_dead_end(site, graph, state):
        said = f"{site} is not going back, or its way back has not failed: there is nothing to give up"
        raise GateRefused(said, "golive status says how it stands; golive run goes on with it, forth or back")
    return RollForwardAsked(site, who(), socket.gethostname(), reason)


def abort(reason: str) -> AbortAsked:
    """The run is to be ended."""
    return AbortAsked(who(), socket.gethostname(), reason)


def _answer(step: str, state: State, answer: str) -> FailureAnswered:
    return FailureAnswered(step, state.step(step).attempt or 0, answer, who(), socket.gethostname())


def _still_failed(step: Step, state: State) -> None:
    held = state.step(step.id)
    if held.status not in _FAILED:
        raise GateRefused(f"{step.id} has not failed: it is {held.status}", "see golive status")
    if held.comes_again:
        raise GateRefused(f"{step.id} is going to be tried again already", "watch it with: golive status")
    unit = state.units.get((step.site or "", step.unit))
    if unit is not None and unit.ended is None and not state.site(step.site).backing_out:
        said = f"{step.id} belongs to the unit {step.unit}, which is being taken back at {step.site}"
        raise GateRefused(said, "when that is done, golive run tries all of it again")


def _not_over(state: State, step: str = "-") -> None:
    """Residue alone may be tried again when all is over: then ``step`` is empty."""
    if step and state.ended:
        raise GateRefused("the run has ended", "golive run begins a new one")
    if step and state.abort:
        raise GateRefused("the run is being aborted", "golive abort goes on with it")
