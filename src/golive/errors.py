"""What can go wrong, as types, and the exit code that each kind of end has.

    GoliveError                 anything expected; one line for the person, with what to do next
    +- PlanError                the plan is wrong: a list of problems, each at file:line:column
    +- UsageError               the command was used wrongly
    +- GateRefused              an entry criterion of a stage does not hold
    +- LockedByAnother          another golive drives this plan, or this host
    |  +- EpochRefused          a host has seen a newer coordinator than this one
    +- HostError                something about one host
    |  +- HostUnreachable       no connection, or the connection was lost
    |  +- HostKeyRefused        the host's key is unknown, or is not the one that was expected
    |  +- LoginRefused          the host answered and did not let this login in
    +- StepFailed               a step ran and did not reach its aim
    +- JournalError             the journal cannot be read, or does not verify

Foreign exceptions (asyncssh, SQLAlchemy, OS) are translated where they enter: in ``hosts``, ``run.store``
and ``plan.load``.
"""

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of every golive command. A script may rely on them.

    With several sites the worst decides: see ``WORST_FIRST``.
    """

    DONE = 0
    FAILED = 1
    USAGE = 2
    GATE_REFUSED = 3
    BACKED_OUT = 4
    RESIDUE = 5
    WAITING = 6
    UNKNOWN = 7
    LOCKED = 8
    WINDOW = 9
    INTERRUPTED = 130

    @property
    def meaning(self) -> str:
        """What the code says, in the words of the documentation."""
        return _MEANINGS[self]


_MEANINGS = {
    Exit.DONE: "done",
    Exit.FAILED: "failed",
    Exit.USAGE: "the plan or the command is wrong",
    Exit.GATE_REFUSED: "a gate refused",
    Exit.BACKED_OUT: "backed out, clean",
    Exit.RESIDUE: "backed out, with residue",
    Exit.WAITING: "waiting for a person",
    Exit.UNKNOWN: "unknown, or a host is unreachable",
    Exit.LOCKED: "locked by another golive",
    Exit.WINDOW: "waiting for a window",
    Exit.INTERRUPTED: "interrupted",
}

WORST_FIRST = (
    Exit.LOCKED,
    Exit.UNKNOWN,
    Exit.RESIDUE,
    Exit.FAILED,
    Exit.BACKED_OUT,
    Exit.GATE_REFUSED,
    Exit.INTERRUPTED,
    Exit.WAITING,
    Exit.WINDOW,
    Exit.DONE,
)
"""The order in which several outcomes are reduced to one exit code: the first that occurs is the answer."""


class GoliveError(Exception):
    """An expected failure. ``hint`` says what to do next; ``exit`` is the command's exit code."""

    exit = Exit.FAILED

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(GoliveError):
    """The command was used wrongly."""

    exit = Exit.USAGE


class GateRefused(GoliveError):
    """An entry criterion of a stage does not hold."""

    exit = Exit.GATE_REFUSED


class LockedByAnother(GoliveError):
    """Another golive drives this plan."""

    exit = Exit.LOCKED


class EpochRefused(LockedByAnother):
    """A host has seen a newer coordinator of this project than the one that asks."""


class HostError(GoliveError):
    """Something about one host; ``host`` is its name in the plan."""

    def __init__(self, host: str, message: str, hint: str = "") -> None:
        super().__init__(f"{host}: {message}", hint)
        self.host = host


class HostUnreachable(HostError):
    """No connection to the host, or the connection was lost."""

    exit = Exit.UNKNOWN


class HostKeyRefused(HostError):
    """The host's key is unknown, or is not the one that was expected."""

    exit = Exit.UNKNOWN


class LoginRefused(HostError):
    """The host answered and did not let this login in."""

    exit = Exit.UNKNOWN


class StepFailed(GoliveError):
    """A step ran and did not reach its aim."""


class JournalError(GoliveError):
    """The journal cannot be read, or does not verify."""
