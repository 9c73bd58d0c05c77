"""Decisions: a person's answer, as an SSH signature over exactly what was asked.

The statement that is signed names verb, reason, person, run, step, attempt, the question's nonce and expiry, the
scope's and the evidence's digest and the head of the journal. It is verified with the key that was pinned when the
run began, and lateness is judged when it is received.
"""

import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from golive.digest import canonical
from golive.errors import GateRefused, UsageError
from golive.journal.events import DecisionAsked, DecisionTaken
from golive.reconcile.state import State, Status

NAMESPACE = "golive"


@dataclass(frozen=True)
class Answer:
    """What a person says."""

    person: str
    verb: str
    reason: str = ""


def statement(asked: DecisionAsked, answer: Answer, run: str, head: str) -> str:
    """The text that is signed; equal answers to equal questions give equal text.

    Args:
        asked: the question.
        answer: the answer.
        run: the run's name.
        head: the hash of the journal's last entry when the person signed.
    """
    parts = {
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
    return canonical(parts)


def check_question(state: State, step: str, now: datetime) -> DecisionAsked:
    """The open question of a step. Raises GateRefused that says why it cannot be answered."""
    asked = state.questions.get(step)
    if asked is None or state.step(step).status is not Status.WAITING:
        stands = state.step(step).status
        raise GateRefused(f"{step} asks nothing now: it is {stands}", "see what waits for a person with: golive tasks")
    if datetime.fromisoformat(asked.expires) <= now:
        raise GateRefused(f"the question of {step} expired at {asked.expires}", "golive run asks it again")
    return asked


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


def taken(asked: DecisionAsked, answer: Answer, text: str, signature: str) -> DecisionTaken:
    """The event that records a verified answer."""
    return DecisionTaken(asked.attempt, asked.step, answer.person, answer.verb, answer.reason, text, signature)
