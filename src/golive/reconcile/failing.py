"""What was decided about a step that failed: by the plan's policy, or by a person. Part of the fold; pure.

1. What is decided holds for one attempt. When the step is run again, or its inverse, it is over.
2. Before the plan's policy sends a site back, a person at the terminal is asked for a while, and the site waits.
3. A retry of what is unknown finds out first; a retry of residue tries the inverse again.
4. A step that is skipped counts as done for those that need it, with its digest as it was then; it is not called done.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from golive.journal.events import FailureAnswered, FailureAsked, RetryPlanned

if TYPE_CHECKING:
    from golive.reconcile.state import StepState

RETRY, SKIP, STOP = "retry", "skip", "stop"
"""The answers that a person can give about a failed step."""


@dataclass(frozen=True)
class Failing:
    """What was decided about one attempt that failed."""

    attempt: int
    until: str = ""
    """A person is asked until then."""
    retry_at: str = ""
    """The policy has it tried again then."""
    answer: str = ""
    """What a person said."""

    @property
    def comes_again(self) -> bool:
        """Whether the step is going to be run again."""
        return self.answer == RETRY or (bool(self.retry_at) and not self.answer)

    @property
    def not_before(self) -> datetime | None:
        """When it may be run again at the earliest; None: at once."""
        return datetime.fromisoformat(self.retry_at) if self.retry_at and self.answer != RETRY else None


def decided(step: "StepState", event: RetryPlanned | FailureAsked | FailureAnswered) -> "StepState":
    """The step after a decision about its latest attempt."""
    held = step.failing or Failing(event.attempt)
    match event:
        case RetryPlanned():
            return replace(step, failing=replace(held, retry_at=event.at), retries=step.retries + 1)
        case FailureAsked():
            return replace(step, failing=replace(held, until=event.until))
        case FailureAnswered():
            again = replace(step, retries=0, interruptions=0) if event.answer == RETRY else step
            return replace(again, failing=replace(held, answer=event.answer))
