"""Waivers: a person whom the plan allows to lets a stage be entered although a rule of its gate refuses.

The statement names what a decision names: the verb is ``waive``, the attempt is the one at the gate that refused, the
nonce is the one that this refusal was given, the evidence is the digest of what the rule found, and the expiry is that
of the waiver itself.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from golive.digest import canonical
from golive.errors import GateRefused, UsageError
from golive.graph.step import Step
from golive.journal.events import AttemptEnded, Waived
from golive.reconcile.standing import scope_digest
from golive.reconcile.state import Status
from golive.run.decide import Desk, verify

LONGEST = 90 * 86400
"""Seconds; what is waived for longer is not waived but given up: change the plan."""


@dataclass(frozen=True)
class Refusal:
    """What a gate refused, as the journal has it."""

    step: Step
    attempt: int
    nonce: str
    rule: str
    covers: str
    path: str
    said: tuple[str, ...]


def refusals(desk: Desk, step: str) -> tuple[Refusal, ...]:
    """The rules of a gate that refuse now. Raises UsageError and GateRefused."""
    gate = desk.graph.by_id.get(step)
    gates = [one.id for one in desk.graph.steps if one.do.kind == "gate"]
    if gate is None or gate.do.kind != "gate":
        raise UsageError(f"there is no gate {step}", f"gates: {', '.join(gates) or 'the plan has none'}")
    held = desk.state.step(step)
    ended = _ended(desk, step)
    if desk.state.ended or desk.state.site(gate.site).backing_out or ended is None or held.status is not Status.REFUSED:
        raise GateRefused(f"{step} refuses nothing now: it is {held.status}", "golive gates shows how each gate stands")
    return tuple(
        Refusal(gate, held.attempt or 0, ended.evidence["nonce"], row["rule"], row["covers"], row["path"], _said(row))
        for row in ended.evidence["rules"]
        if not row["go"]
    )


def _ended(desk: Desk, step: str) -> AttemptEnded | None:
    attempt = desk.state.attempts.get(desk.state.step(step).attempt or 0)
    return attempt.ended if attempt else None


def _said(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(": ".join(part for part in (one["about"], one["said"]) if part) for one in row["findings"])


def refusal_of(desk: Desk, step: str, rule: str) -> Refusal:
    """The refusal of one rule. Raises UsageError when the rule does not refuse."""
    found = {refusal.rule: refusal for refusal in refusals(desk, step)}
    if rule not in found:
        raise UsageError(f"{step} is not refused by {rule}", f"it is refused by: {', '.join(found)}")
    return found[rule]


def check_waiver(desk: Desk, refusal: Refusal, person: str, expires: datetime) -> None:
    """Raises GateRefused and UsageError that say why a person may not waive this until then."""
    roles = refusal.step.do.inputs["waived_by"]
    if not roles:
        raise GateRefused("the plan lets nobody waive", "gates: waived_by: names the roles that may, with golive amend")
    if person not in desk.people:
        raise GateRefused(f"there is no person {person} in the plan", f"people: {', '.join(desk.people)}")
    if not any(desk.people[person].acts(role, refusal.step.site or "") for role in roles):
        said = f"{person} may not waive at {refusal.step.site}: that needs the role {' or '.join(roles)}"
        raise GateRefused(said, "see gates: waived_by: and people: in the plan")
    if expires <= desk.now:
        raise UsageError(f"a waiver until {expires.isoformat()} is over already", "name a time to come")
    if (expires - desk.now).total_seconds() > LONGEST:
        raise UsageError("a waiver is for 90 days at most", "change the plan if the rule is wrong")


def waiver_statement(desk: Desk, refusal: Refusal, person: str, reason: str, expires: datetime, head: str) -> str:
    """The text that is signed."""
    return canonical(
        {
            "verb": "waive",
            "rule": refusal.rule,
            "reason": reason,
            "person": person,
            "run": desk.run,
            "step": refusal.step.id,
            "attempt": refusal.attempt,
            "nonce": refusal.nonce,
            "expires": expires.isoformat(timespec="seconds"),
            "scope": scope_digest(refusal.step, desk.graph),
            "evidence": refusal.covers,
            "head": head,
        }
    )


def waived(
    desk: Desk, refusal: Refusal, person: str, reason: str, expires: datetime, text: str, signature: str
) -> Waived:
    """The event, once everything about the signature holds. Raises GateRefused and UsageError."""
    check_waiver(desk, refusal, person, expires)
    assert desk.state.started is not None, "a gate refuses in a run that began"
    verify(text, signature, person, desk.state.started.signers)
    until = expires.isoformat(timespec="seconds")
    return Waived(
        refusal.attempt, refusal.step.id, refusal.rule, refusal.covers, person, reason, until, text, signature
    )
