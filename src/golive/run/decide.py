"""Decisions: a person's answer, as an SSH signature over exactly what was asked.

The statement that is signed names verb, reason, person, run, step, attempt, the question's nonce and expiry, the
scope's and the evidence's digest and the head of the journal; with a task also the answers and what was attached. It is
verified with the key that was pinned when the run began, and lateness is judged when it is received. ``receive`` is the
only way in, whether it was signed here or somewhere else.
"""

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from golive.digest import canonical
from golive.errors import GateRefused, JournalError, UsageError
from golive.graph.graph import Graph
from golive.journal.events import DecisionAsked, DecisionTaken, Entry, FailureAnswered, RunStarted, Waived
from golive.reconcile.failing import SKIP
from golive.reconcile.people import VERBS, People, closed, lacking, may_not
from golive.reconcile.state import State

NAMESPACE = "golive"
_AGAIN = "see what is open with: golive tasks"


@dataclass(frozen=True)
class Answer:
    """What a person says."""

    person: str
    verb: str
    reason: str = ""
    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    attached: Mapping[str, str] = field(default_factory=dict[str, str])
    """Digests of files, by name."""


@dataclass(frozen=True)
class Desk:
    """Where answers arrive: one run as it stands.

    Args:
        run: its name.
        graph: the graph that runs.
        state: how it stands.
        people: the people of the plan.
        known: whether a hash is one that the journal has, or had.
        now: the time of receipt.
    """

    run: str
    graph: Graph
    state: State
    people: People
    known: Callable[[str], bool]
    now: datetime


def statement(asked: DecisionAsked, answer: Answer, run: str, head: str) -> str:
    """The text that is signed; equal answers to equal questions give equal text.

    Args:
        asked: the question.
        answer: the answer.
        run: the run's name.
        head: the hash of the journal's last entry when the person signed.
    """
    parts: dict[str, Any] = {
        "verb": answer.verb,
        "reason": answer.reason,
        "person": answer.person,
        "run": run,
        "step": asked.step,
        "attempt": asked.attempt,
        "nonce": asked.nonce,
        "expires": asked.expires,
        "scope": asked.scope,
        "evidence": asked.evidence,
        "head": head,
    }
    parts |= {"answers": dict(answer.answers)} if answer.answers else {}
    parts |= {"attached": dict(answer.attached)} if answer.attached else {}
    return canonical(parts)


def check_question(desk: Desk, step: str) -> DecisionAsked:
    """The open question of a step. Raises GateRefused that says why it cannot be answered."""
    if why := closed(step, desk.graph, desk.state, desk.now):
        raise GateRefused(why, "golive run asks it again" if "expired" in why or "amended" in why else _AGAIN)
    return desk.state.questions[step]


def check_person(desk: Desk, step: str, person: str) -> None:
    """Raises GateRefused that says why a person may not answer."""
    if why := may_not(person, desk.graph.by_id[step], desk.graph, desk.state, desk.people):
        raise GateRefused(why, "who may: golive tasks")


def receive(desk: Desk, step: str, verb: str, text: str, signature: str) -> DecisionTaken:
    """The event for a signed statement, when everything about it holds.

    Args:
        desk: where it arrives.
        step: the step that it is given for.
        verb: what it is given as.
        text: the statement.
        signature: of the person who stands in it.

    Raises:
        GateRefused: it says what does not hold.
    """
    said = _parsed(text)
    _same("run", said["run"], desk.run, "another run")
    _same("step", said["step"], step, "another step")
    asked = check_question(desk, step)
    if (said["nonce"], said["attempt"]) != (asked.nonce, asked.attempt):
        told = f"it answers question {said['attempt']}, and question {asked.attempt} is open: a signature is used once"
        raise GateRefused(told, _AGAIN)
    _same("scope", said["scope"], asked.scope, "another scope: the site's part of the graph was another one")
    _same("evidence", said["evidence"], asked.evidence, "other evidence than was asked about")
    _same("expires", said["expires"], asked.expires, "another expiry")
    if not desk.known(said["head"]):
        raise GateRefused(f"it was signed over a journal that is not this one (head {said['head'][:12]})", _AGAIN)
    if said["verb"] != verb:
        raise GateRefused(f"{said['person']} signed “{said['verb']}”, and not “{verb}”", "it counts as what was signed")
    allowed = VERBS.get(desk.graph.by_id[step].do.kind, ())
    if verb not in allowed:
        raise GateRefused(f"“{verb}” is no answer to {step}", f"answers: {', '.join(allowed)}")
    answer = Answer(said["person"], verb, said["reason"], said.get("answers", {}), said.get("attached", {}))
    if statement(asked, answer, desk.run, said["head"]) != text:
        raise GateRefused("the statement is not as golive writes it", "sign the very file that golive wrote")
    check_person(desk, step, answer.person)
    if verb == "do" and (why := lacking(desk.graph.by_id[step], answer.answers, answer.attached)):
        raise GateRefused(why, "golive tasks shows what is asked")
    assert desk.state.started is not None, "a question is asked in a run that began"
    verify(text, signature, answer.person, desk.state.started.signers)
    return DecisionTaken(
        asked.attempt,
        step,
        answer.person,
        verb,
        answer.reason,
        text,
        signature,
        dict(answer.answers),
        dict(answer.attached),
    )


_FIELDS = ("verb", "reason", "person", "run", "step", "nonce", "expires", "scope", "evidence", "head")
_SKIPPED = ("verb", "reason", "person", "run", "step", "digest", "scope", "evidence", "head")
"""What is said when a failed step is skipped: it answers no question."""


def _parsed(text: str, fields: tuple[str, ...] = _FIELDS) -> dict[str, Any]:
    try:
        data: Any = json.loads(text)
    except ValueError as error:
        raise GateRefused("this is no statement that golive wrote", "golive approve STEP --write FILE") from error
    said = cast("dict[str, Any]", data) if isinstance(data, dict) else {}
    if not all(isinstance(said.get(name), str) for name in fields) or not isinstance(said.get("attempt"), int):
        raise GateRefused("this is no statement that golive wrote", "golive approve STEP --write FILE")
    return said


def _same(what: str, said: str, wanted: str, told: str) -> None:
    if said != wanted:
        raise GateRefused(f"it was signed for {told} ({what} {said[:40]}, here {wanted[:40]})", _AGAIN)


def sign(text: str, key: Path) -> str:
    """Signs with a private key, or with the agent's when ``key`` is a public one. Raises UsageError."""
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", NAMESPACE, "-f", str(key)]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise UsageError(f"ssh-keygen does not sign with {key}: {said}", "is it your private key?")
    return done.stdout.decode()


def verify(text: str, signature: str, person: str, signers: Mapping[str, str]) -> None:
    """Raises GateRefused unless the signature is this person's, with the key pinned when the run began."""
    if person not in signers:
        known = ", ".join(sorted(signers)) or "nobody"
        raise GateRefused(f"{person} may not sign in this run", f"these may: {known}")
    with tempfile.TemporaryDirectory() as folder:
        allowed, file = Path(folder, "allowed"), Path(folder, "signature")
        allowed.write_text(f"{person} {' '.join(signers[person].split()[:2])}\n", encoding="utf-8")
        file.write_text(signature, encoding="utf-8")
        command = ["ssh-keygen", "-Y", "verify", "-n", NAMESPACE, "-f", str(allowed), "-I", person, "-s", str(file)]
        done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    if done.returncode != 0:
        raise GateRefused(f"the signature is not {person}'s", "sign with the key whose public half is in the plan")


def audit(entries: Iterable[Entry]) -> None:
    """Verifies every decision, waiver and skip of a journal anew, with the keys that its first entry pins.

    Raises JournalError that names the first entry whose signature, or whose words, are not what was signed.
    """
    signers: Mapping[str, str] = {}
    for entry in entries:
        event = entry.event
        if isinstance(event, RunStarted):
            signers = event.signers
        if not isinstance(event, DecisionTaken | Waived | FailureAnswered):
            continue
        if isinstance(event, FailureAnswered) and event.answer != SKIP:
            continue  # to retry or to stop is signed by nobody
        try:
            _as_signed(event)
            verify(event.statement, event.signature, event.person, signers)
        except GateRefused as error:
            said = f"entry {entry.seq} of the journal is not what {event.person} signed: {error.message}"
            raise JournalError(said, "the journal was changed: restore it from a copy") from error


def _as_signed(event: DecisionTaken | Waived | FailureAnswered) -> None:
    said = _parsed(event.statement, _SKIPPED if isinstance(event, FailureAnswered) else _FIELDS)
    shown: dict[str, object] = {"person": event.person, "reason": event.reason, "step": event.step}
    shown |= {"attempt": event.attempt}
    match event:
        case DecisionTaken():
            shown |= {"verb": event.verb}
            shown |= {"answers": dict(event.answers) or None, "attached": dict(event.attached) or None}
        case Waived():
            shown |= {"verb": "waive", "rule": event.rule, "evidence": event.covers, "expires": event.expires}
        case FailureAnswered():
            shown |= {"verb": SKIP, "digest": event.digest}
    for name, value in shown.items():
        if said.get(name) != value:
            raise GateRefused(f"it shows {name} “{value}”, and “{said.get(name)}” was signed")
