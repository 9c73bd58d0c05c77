"""What can be done next: the moves among which ``golive.reconcile.next`` chooses."""

from dataclasses import dataclass
from datetime import datetime

from golive.graph.step import Step
from golive.journal.events import Do
from golive.reconcile.state import Attempt
from golive.reconcile.waves import Halt, Resume, Soak


@dataclass(frozen=True)
class Run:
    """Begin a new attempt."""

    step: Step
    action: Do


@dataclass(frozen=True)
class Resolve:
    """Find out what became of an attempt of an earlier coordinator."""

    attempt: Attempt


@dataclass(frozen=True)
class Ask:
    """Ask a person."""

    step: Step


@dataclass(frozen=True)
class Retry:
    """Have a failed step tried again after a pause, as the plan's policy says."""

    step: Step
    attempt: int
    at: datetime


@dataclass(frozen=True)
class BackOut:
    """Send a site back to the old system."""

    site: str
    because: str
    step: Step | None = None
    """The step whose failure sends it back; none: a person wants it, or the time has come."""


@dataclass(frozen=True)
class EndBackOut:
    """Say what a back-out left."""

    site: str
    residue: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True)
class Withdraw:
    """Take back what was done of a unit."""

    site: str
    unit: str
    because: str


@dataclass(frozen=True)
class EndWithdraw:
    """Say what is left of a unit that was taken back."""

    site: str
    unit: str
    residue: tuple[str, ...]


Back = Run | BackOut | EndBackOut | Withdraw | EndWithdraw
Move = Back | Resolve | Ask | Retry | Soak | Halt | Resume


def site_of(move: Move) -> str | None:
    """The site that a move is about."""
    match move:
        case Run(step) | Ask(step) | Retry(step):
            return step.site
        case BackOut(site) | EndBackOut(site) | Withdraw(site) | EndWithdraw(site):
            return site
        case _:
            return None
