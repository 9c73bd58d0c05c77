"""What an exception that ended an attempt means for it.

1. An attempt of an earlier coordinator that cannot be asked about is lost for now, whatever the reason.
2. A host that went away after the effect began: lost when the host bears witness, interrupted when nobody does.
3. A host that was not reached before that: unreachable, nothing was begun.
4. Everything else is a failed step; a defect of golive or of a plug-in leaves its traceback as the output.
"""

import traceback

from golive.errors import Exit, GoliveError, HostError
from golive.graph.step import Step, Witness
from golive.journal.events import Outcome
from golive.run.executors.interface import Lost, Result


def failure(error: Exception, step: Step, begun: bool, resolve: bool) -> Result | Lost:
    """What became of the attempt.

    Args:
        error: what its executor raised.
        step: the step.
        begun: whether its effect may have begun.
        resolve: whether the executor was asked what became of it, not to do it.
    """
    if isinstance(error, Lost):
        return error
    if resolve:
        return Lost(sentence(error))
    if isinstance(error, HostError) and begun and step.witness is Witness.HOST:
        return Lost(sentence(error))  # also when the host's answer made no sense: the script may go on there
    if isinstance(error, HostError) and error.exit is Exit.UNKNOWN:
        return Result(Outcome.INTERRUPTED if begun else Outcome.UNREACHABLE, sentence(error))
    trace = b"" if isinstance(error, GoliveError) else "".join(traceback.format_exception(error)).encode()
    return Result(Outcome.FAILED, sentence(error), output=trace)


def sentence(error: Exception) -> str:
    """The error in one line, with what to do next."""
    if isinstance(error, GoliveError):
        return f"{error.message}; {error.hint}" if error.hint else error.message
    return f"golive itself failed: {error!r}; see golive status --step"
