"""Delivers an artifact's files from the controller to a host's depot; what is there already is not sent again."""

from functools import partial
from pathlib import Path

from golive.digest import digest_bytes
from golive.errors import HostUnreachable
from golive.journal.events import Outcome
from golive.plan.plan import Locked
from golive.run.executors.interface import Job, Result, Unwitnessed
from golive.run.executors.sending import Item, missing, send
from golive.run.fleet import Fleet
from golive.words import several


class DeliverExecutor(Unwitnessed):
    """The executor of the kind ``deliver``. Running it again sends only what is missing.

    Args:
        fleet: the hosts.
        store: the folder in which gathered artifacts lie, by component.
    """

    def __init__(self, fleet: Fleet, store: Path) -> None:
        self._fleet, self._store = fleet, store

    async def execute(self, job: Job) -> Result:
        """Asks what is missing, sends it, and has the host verify every digest."""
        inputs, host = job.action.inputs, self._fleet.host(job.step)
        files = [Locked.model_validate(file) for file in inputs["files"]]
        depot, folder = str(inputs["depot"]), self._store / inputs["component"]
        items = {file.file: _item(folder, file) for file in files}
        try:
            await host.open()
        except HostUnreachable as error:
            return Result(Outcome.UNREACHABLE, f"{error.message}; {error.hint}")
        await job.started()
        wanted = await missing(host, depot, list(items.values()))
        names = {item.name for item in wanted}
        damaged = [file.file for file in files if file.file in names and not _whole(folder / file.file, file)]
        if damaged:
            return Result(Outcome.FAILED, f"on the controller {damaged[0]} is not what the lock says: golive gather")
        sent = await send(host, depot, wanted, job.output)
        left = await missing(host, depot, list(items.values()))
        if sent.exit != 0 or left:
            count = several(len(left), "file is", "files are")
            said = sent.stdout.decode("utf-8", "replace").strip() or f"{count} not as the lock says"
            return Result(Outcome.FAILED, said, sent.exit, sent.stdout + sent.stderr)
        size = sum(item.size for item in wanted)
        sent_of = f"sent {len(wanted)} of {several(len(files), 'file')}, {size / 1e6:.1f} MB"
        note = f"{sent_of}; all digests verified on the host"
        return Result(Outcome.DONE, note, 0, evidence={"sent": len(wanted), "bytes": size})


def _item(folder: Path, file: Locked) -> Item:
    return Item(file.file, file.sha256, file.size, partial((folder / file.file).open, "rb"))


def _whole(path: Path, file: Locked) -> bool:
    return path.is_file() and digest_bytes(path.read_bytes()) == file.sha256
