"""A whole process, measured from its start to its end as the kernel saw it."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Spent:
    """What a process took: seconds on the clock, seconds of CPU here (with its children), memory at the most."""

    seconds: float
    cpu: float
    mebibytes: float
    said: str


class Failed(Exception):
    """A command that should have succeeded ended with something else."""


def measured(argv: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> Spent:
    """Runs a command in a folder; its output lies there afterwards, in ``output``.

    Raises:
        Failed: it did not end with 0.
    """
    output = folder / "output"
    with output.open("wb") as out:
        began = time.perf_counter()
        process = subprocess.Popen(
            argv,
            cwd=folder,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)  # it was waited for here, not by Popen
    said = output.read_text(errors="replace")
    if process.returncode != 0:
        raise Failed(f"{' '.join(argv)} in {folder} ended with {process.returncode}:\n{said[-3000:]}")
    return Spent(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said)
