"""Mirrors a run's journal onto its hosts: what is new rides along with each script, at no round trip of its own.

What a script may do is on its host before it begins: the part that rides along ends with that attempt's own start.
The graphs and the plan's documents are compressed beside the run, and ride along once they are ready. While
nothing is sent for a while, and at the end, a few hosts are brought up to date by themselves.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from golive.errors import GoliveError
from golive.hosts.witness import Witness
from golive.journal.mirror import pack, pack_run
from golive.journal.record import Record
from golive.run.journal import Journal

EVERY = 5.0
"""Seconds after which a few hosts are brought up to date when nothing else brought them there."""

ENOUGH = 3
"""How many hosts are brought up to date by themselves: those that were spoken to last."""

PATIENCE = 5.0
"""Seconds that the end of a run waits for that."""


@dataclass
class _Held:
    """What one host has, or is being sent."""

    seq: int = 0
    run: str = ""
    sent: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])


class Mirror:
    """The mirror of one run.

    Args:
        journal: the run's journal.
        plan: reads the plan's documents, by their paths.
    """

    def __init__(self, journal: Journal, plan: Callable[[], Mapping[str, str]]) -> None:
        self._journal, self._plan = journal, plan
        self._records: list[Record] = []
        self._held: dict[str, _Held] = {}
        self._packed: tuple[int, int, tuple[str, bytes]] | None = None
        self._run, self._revision = b"", ""
        self._last: dict[str, Witness] = {}

    def _refresh(self) -> None:
        """Takes entries as they are written: another golive may know other fields than this one."""
        self._records += self._journal.store.records(self._journal.run, len(self._records))

    @property
    def _folder(self) -> str:
        return f"{self._journal.run}-{self._journal.token}"

    def on(self, host: str) -> "HostMirror":
        """The mirror on one host, by a name that tells it from all others."""
        return HostMirror(self, host)

    def spoke(self, host: str, witness: Witness) -> None:
        """Remembers how to reach a host that has just got something."""
        self._last.pop(host, None)
        self._last[host] = witness

    @contextlib.asynccontextmanager
    async def kept_up(self, project: str, reach: Callable[[], object]) -> AsyncIterator[None]:
        """While the block runs, and at its end, a few hosts are brought up to date by themselves.

        Args:
            project: the project's id.
            reach: makes witnesses on a few hosts; called when there was nothing to be done on any.
        """
        packing = asyncio.create_task(self._pack_run())
        keeping = asyncio.create_task(self._keep_up(project))
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await asyncio.gather(packing, return_exceptions=True)
            if not self._last:
                reach()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.bring(project), PATIENCE)

    @property
    def holders(self) -> int:
        """On how many hosts the whole journal lies."""
        return sum(1 for held in self._held.values() if held.seq == len(self._records))

    def _seq(self, host: str) -> int:
        return self._held[host].seq if host in self._held else 0

    async def bring(self, project: str) -> None:
        """Brings a few hosts up to date. One that does not answer keeps what it has."""
        self._refresh()
        behind = [host for host in self._last if self._seq(host) < len(self._records)]
        await asyncio.gather(*(self._bring(project, host) for host in behind[-ENOUGH:]))

    async def _bring(self, project: str, host: str) -> None:
        try:
            await self._last[host].keep(project)
        except GoliveError:
            self._held.pop(host, None)  # the others hold it; who refuses a claim tells the run itself

    async def _keep_up(self, project: str) -> None:
        while True:
            before = len(self._records)
            await asyncio.sleep(EVERY)
            if len(self._records) == before and self._last:  # nothing has happened since, so nothing rides along
                await self.bring(project)

    async def _pack_run(self) -> None:
        state = self._journal.state
        bodies = {name: self._journal.store.graph_text(name) for name in state.graphs.values()}
        self._run = await asyncio.to_thread(pack_run, bodies, self._plan(), state.graph)
        self._revision = state.graph

    def take(self, host: str) -> tuple[str, bytes]:
        """What a host lacks; an empty name: nothing."""
        self._refresh()
        held = self._held.setdefault(host, _Held())
        lacks = self._revision if held.run != self._revision else ""
        first = held.seq + 1 if not lacks else min(held.seq + 1, len(self._records))
        if first > len(self._records):
            return "", b""
        name, body = self._part(first, len(self._records))
        name = f"{self._folder}/{name}"
        held.sent[name] = (len(self._records), lacks or held.run)
        return name, self._run + body if lacks else body

    def _part(self, first: int, last: int) -> tuple[str, bytes]:
        """Many hosts lack the same: it is packed once."""
        if self._packed is None or self._packed[:2] != (first, last):
            self._packed = (first, last, pack(self._records[first - 1 : last]))
        return self._packed[2]

    def kept(self, host: str, name: str) -> None:
        """A host has what it was sent under a name."""
        held = self._held[host]
        if name in held.sent:
            seq, run = held.sent.pop(name)
            held.seq, held.run = max(held.seq, seq), run


class HostMirror:
    """What one host keeps."""

    def __init__(self, mirror: Mirror, host: str) -> None:
        self._mirror, self._host = mirror, host

    def take(self) -> tuple[str, bytes]:
        """See ``Mirror.take``."""
        return self._mirror.take(self._host)

    def kept(self, name: str) -> None:
        """See ``Mirror.kept``."""
        self._mirror.kept(self._host, name)
