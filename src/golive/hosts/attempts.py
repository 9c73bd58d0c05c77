"""What is executed on a host, on whose behalf, and what became of it."""

import re
from dataclasses import dataclass
from enum import Enum

_PROJECT = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_RUN = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_WORD = re.compile(r"[!-~]{1,200}")


def _require(pattern: re.Pattern[str], value: str, what: str) -> None:
    if not pattern.fullmatch(value):
        raise ValueError(f"{what} {value!r} is not of the form {pattern.pattern}")


@dataclass(frozen=True)
class Attempt:
    """One try at one action of one step. Its name is never used again; the host runs it at most once.

    Attributes:
        project: the plan's project, under which the host keeps attempts.
        run: the run's name.
        number: the attempt's number, unique within the run.
        step: the step's id, kept on the host for a person who looks there and for ``golive recover``.
        action: do, undo or probe.
        digest: of all that goes in; an attempt found on the host under the same name must have the same one.

    Raises:
        ValueError: a part has characters that must not reach a path or a line of the protocol.
    """

    project: str
    run: str
    number: int
    step: str
    action: str
    digest: str

    def __post_init__(self) -> None:
        _require(_PROJECT, self.project, "project")
        _require(_RUN, self.run, "run")
        _require(_WORD, self.action, "action")
        _require(_WORD, self.digest, "digest")
        if self.number < 0 or not self.step.isprintable():
            raise ValueError(f"attempt {self.number} of step {self.step!r} has no proper number or name")

    @property
    def directory(self) -> str:
        """The name of the attempt's directory on the host."""
        return f"{self.run}-{self.number:05d}"


@dataclass(frozen=True)
class Claim:
    """Who drives the project: a coordinator's epoch, which rises with every take-over, and its name.

    Raises:
        ValueError: the epoch is below 1, or the holder is not one printable ASCII word.
    """

    epoch: int
    holder: str

    def __post_init__(self) -> None:
        _require(_WORD, self.holder, "holder")
        if not 1 <= self.epoch < 2**62:
            raise ValueError(f"epoch {self.epoch} is out of range")


class State(Enum):
    """What the host knows about an attempt."""

    ABSENT = "absent"
    """The host has never heard of it: it did not run."""
    RUNNING = "running"
    """Its runner or its script is alive."""
    EXITED = "exited"
    """It ran to its end, and the exit code is known."""
    INTERRUPTED = "interrupted"
    """It was claimed, nothing of it is alive, and no exit code was left: it may have run in part, or not at all."""


@dataclass(frozen=True)
class Report:
    """What the host says about an attempt.

    Attributes:
        state: see ``State``.
        exit: the script's exit code, when it exited; 75 also when the host's lock was not to be had.
        output: the output from the offset that was asked for.
        boot_id: the host's boot, now.
        started: when the script began, in UTC epoch seconds of the host's clock; None while it waits for the lock.
        ended: when it ended, likewise.
        rebooted: the attempt began under another boot than ``boot_id``.
    """

    state: State
    exit: int | None
    output: bytes
    boot_id: str
    started: int | None
    ended: int | None
    rebooted: bool = False
