"""The client as a process of its own, beside what is measured."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def load(host: str, log: Path, *options: str) -> Generator[None]:
    """A load on the front door for as long as the block lasts; its requests are in ``log`` afterwards.

    Args:
        host: the front door's address.
        log: the file; what is in it stays.
        options: further options of ``benchmarks.load.client``.
    """
    argv = [sys.executable, "-m", "benchmarks.load.client", "--host", host, "--log", str(log), *options]
    root = Path(__file__).parents[2]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, cwd=root) as process:
        assert process.stdin, "asked for"
        try:
            yield
        finally:
            process.stdin.close()
            if process.wait(timeout=60):
                raise RuntimeError(f"the load's client ended with {process.returncode}")
