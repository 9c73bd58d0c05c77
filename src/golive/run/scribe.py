"""Writes for many at once: what comes while a write is under way goes along with the next one.

A write to a server takes as long for ten events as for one, and whoever waits for it holds up everybody else.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from golive.errors import GoliveError
from golive.journal.events import Event
from golive.reconcile.state import State
from golive.run.journal import Journal


@dataclass(frozen=True)
class _Line:
    """An event that somebody waits for."""

    event: Event
    epoch: int | None
    still: Callable[[State], object] | None
    written: asyncio.Future[None]

    def done(self, error: BaseException | None = None) -> None:
        """Wakes whoever waits."""
        if self.written.done():  # who waited has been cancelled
            return
        if error is None:
            self.written.set_result(None)
        else:
            self.written.set_exception(error)


class Scribe:
    """Appends to one run's journal on behalf of many."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lines: list[_Line] = []
        self._task: asyncio.Task[None] | None = None

    async def write(
        self, event: Event, epoch: int | None = None, still: Callable[[State], object] | None = None
    ) -> None:
        """As ``Journal.write``: returns when the event is in the journal."""
        line = _Line(event, epoch, still, asyncio.get_running_loop().create_future())
        self._lines.append(line)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._go_on())
        await line.written

    async def _go_on(self) -> None:
        while self._lines:
            now = [line for line in self._lines if line.epoch == self._lines[0].epoch]
            self._lines = [line for line in self._lines if line.epoch != now[0].epoch]
            await self._write(now)

    async def _write(self, lines: list[_Line]) -> None:
        try:
            await self._journal.extend_aside([line.event for line in lines], lines[0].epoch, _all_still(lines))
        except GoliveError as error:
            if len(lines) == 1:
                lines[0].done(error)
            else:  # one that is refused must not take the others with it
                for line in lines:
                    await self._write([line])
        except BaseException as error:
            for line in lines:
                line.done(error)
            raise
        else:
            for line in lines:
                line.done()


def _all_still(lines: list[_Line]) -> Callable[[State], object]:
    wanted = [line.still for line in lines if line.still]
    return lambda state: [still(state) for still in wanted]
