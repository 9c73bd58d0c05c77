"""Delivers an artifact's files from the controller to a host's depot; what is there already is not sent again."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from golive.digest import digest_bytes
from golive.errors import HostUnreachable
from golive.journal.events import Outcome
from golive.plan.plan import Locked
from golive.resources.sh import quote
from golive.run.executors.interface import Job, Result, Unwitnessed
from golive.run.fleet import Fleet

_MISSING = r"""mkdir -p {depot} && cd {depot} || exit 1
while IFS= read -r line; do
  sum=${{line%% *}} name=${{line#* }}
  [ "$(sha256sum < "./$name" 2>/dev/null | cut -c1-64)" = "$sum" ] || printf '%s\n' "$sum"
done
"""

_RECEIVE = r"""cd {depot} || exit 1
while IFS= read -r line; do
  sum=${{line%% *}} line=${{line#* }}
  size=${{line%% *}} name=${{line#* }}
  head -c "$size" > ".incoming.$$" || exit 1
  [ "$(sha256sum < ".incoming.$$" | cut -c1-64)" = "$sum" ] ||
    {{ echo "$name arrived damaged"; rm -f ".incoming.$$"; exit 1; }}
  mv ".incoming.$$" "./$name" || exit 1
done
"""


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
        depot, folder = quote(inputs["depot"]), self._store / inputs["component"]
        try:
            await host.run(":")
        except HostUnreachable as error:
            return Result(Outcome.UNREACHABLE, f"{error.message}; {error.hint}")
        job.started()
        missing = await self._missing(job, depot, files)
        damaged = [file.file for file in missing if not _whole(folder / file.file, file)]
        if damaged:
            return Result(Outcome.FAILED, f"on the controller {damaged[0]} is not what the lock says: golive gather")
        sent = await host.run(_RECEIVE.format(depot=depot), _stream(folder, missing, job))
        left = await self._missing(job, depot, files)
        if sent.exit != 0 or left:
            said = sent.stdout.decode("utf-8", "replace").strip() or f"{len(left)} files are not as the lock says"
            return Result(Outcome.FAILED, said, sent.exit, sent.stdout + sent.stderr)
        size = sum(file.size for file in missing)
        note = f"sent {len(missing)} of {len(files)} files, {size / 1e6:.1f} MB; all digests verified on the host"
        return Result(Outcome.DONE, note, 0, evidence={"sent": len(missing), "bytes": size})

    async def _missing(self, job: Job, depot: str, files: Sequence[Locked]) -> list[Locked]:
        asked = "".join(f"{file.sha256} {file.file}\n" for file in files).encode()
        answer = await self._fleet.host(job.step).run(_MISSING.format(depot=depot), asked)
        missing = set(answer.stdout.decode("utf-8", "replace").split("\n"))
        return [file for file in files if file.sha256 in missing or answer.exit != 0]


def _whole(path: Path, file: Locked) -> bool:
    return path.is_file() and digest_bytes(path.read_bytes()) == file.sha256


async def _stream(folder: Path, files: Sequence[Locked], job: Job) -> AsyncIterator[bytes]:
    for file in files:
        yield f"{file.sha256} {file.size} {file.file}\n".encode()
        job.output(f"sending {file.file}\n".encode())
        with (folder / file.file).open("rb") as stream:
            while block := stream.read(1 << 18):
                yield block
