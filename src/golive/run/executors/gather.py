"""Gathers a component's artifact on the controller, as the lock says."""

from pathlib import Path

from golive.artifacts.gather import copy_archive, fetch_locked
from golive.journal.events import Outcome
from golive.plan.plan import Locked
from golive.run.executors.interface import Job, Result, Unwitnessed
from golive.words import several


class GatherExecutor(Unwitnessed):
    """The executor of the kind ``gather``.

    Args:
        folder: the plan's folder.
        store: where gathered artifacts lie, by component.
    """

    def __init__(self, folder: Path, store: Path) -> None:
        self._folder, self._store = folder, store

    async def execute(self, job: Job) -> Result:
        """Fetches what is missing and verifies every file."""
        inputs = job.action.inputs
        files = [Locked.model_validate(file) for file in inputs["files"]]
        await job.started()
        target = self._store / inputs["component"]
        if inputs["archive"]:
            copy_archive(self._folder / inputs["archive"], files[0], target)
            fetched = 1
        else:
            fetched = await fetch_locked(files, inputs["python"], target)
        return Result(Outcome.DONE, f"{several(len(files), 'file')} as the lock says, {fetched} of them fetched now", 0)
