"""Running a command of the outer machine, its failure translated into one line that names it."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from golive.errors import GoliveError

Completed = subprocess.CompletedProcess[str]


def run(argv: Sequence[str], *, input: str | None = None, check: bool = True) -> Completed:
    """Runs a command to its end; with ``check`` a failure raises with what the command said."""
    try:
        done = subprocess.run(argv, input=input, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise GoliveError(f"{argv[0]} is not installed here", "run 'golive lab up' to see what is missing") from error
    if check and done.returncode:
        raise GoliveError(f"'{' '.join(argv)}' failed ({done.returncode}): {last_line(done.stderr or done.stdout)}")
    return done


def stream(
    argv: Sequence[str], log: Path, heard: Callable[[str], None], env: Mapping[str, str], *, keep_open: int
) -> int:
    """Runs a long command; every line it says goes to the log and is heard at once. Returns the exit code.

    The command keeps the file ``keep_open`` open, so that a lock on it lasts until the command has ended, even when we
    are killed.
    """
    with (
        log.open("w") as out,
        subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=env,
            pass_fds=(keep_open,),
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                out.write(line)
                heard(line.rstrip())
            return process.wait()
        finally:
            # After an interrupt the child must not work on in a directory that is about to be removed.
            if process.poll() is None:
                process.terminate()


def last_line(text: str) -> str:
    """The last line that says something."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
