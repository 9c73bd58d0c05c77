"""What an executor is given and what it answers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from golive.errors import GoliveError
from golive.graph.step import Action, Step
from golive.journal.events import Outcome
from golive.reconcile.state import Attempt


@dataclass(frozen=True)
class Job:
    """One attempt to carry out.

    ``run`` is its name on hosts, which no copy of the project's folder gives to another run.
    ``started`` must be called before the first effect; ``output`` takes what there is to see meanwhile.
    """

    attempt: Attempt
    step: Step
    action: Action
    run: str
    project: str
    started: Callable[[], Awaitable[None]]
    output: Callable[[bytes], None]


@dataclass(frozen=True)
class Result:
    """What became of it, as it was probed."""

    outcome: Outcome
    note: str = ""
    exit: int | None = None
    output: bytes = b""
    evidence: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Lost(GoliveError):
    """It cannot be told for now what became of the attempt."""


class Executor(Protocol):
    """Carries out one kind of action."""

    async def execute(self, job: Job) -> Result:
        """Does it. Raises Lost when it was begun and its end cannot be seen; GoliveError is a failure."""
        ...

    async def resolve(self, job: Job) -> Result:
        """Finds out what became of an attempt of an earlier coordinator. Raises Lost."""
        ...


class Unwitnessed:
    """Base of executors without a witness: what was cut off is looked at again by running the step once more."""

    async def resolve(self, job: Job) -> Result:
        """Nobody saw the end."""
        begun = job.attempt.started
        return Result(Outcome.INTERRUPTED if begun else Outcome.NEVER_BEGAN, "golive ended before this was done")
