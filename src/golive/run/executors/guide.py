"""Writes the Deployment Guide."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from golive.journal.events import Outcome
from golive.run.executors.interface import Job, Result, Unwitnessed


class GuideExecutor(Unwitnessed):
    """The executor of the kind ``guide``.

    Args:
        path: where the guide goes.
        write: renders the guide as HTML.
    """

    def __init__(self, path: Path, write: Callable[[], bytes]) -> None:
        self._path, self._write = path, write

    async def execute(self, job: Job) -> Result:
        """Renders and writes it aside, then puts it in place whole."""
        await job.started()
        body = await asyncio.to_thread(self._write)  # the hosts need not wait for it
        aside = self._path.with_suffix(".new")
        aside.write_bytes(body)
        aside.replace(self._path)
        return Result(Outcome.DONE, f"{self._path.name}, {len(body) // 1024} KiB", 0)
