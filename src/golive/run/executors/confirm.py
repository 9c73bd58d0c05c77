"""Confirms what a script has armed: a new connection, login and sudo along the usual way, while the script waits.

The host decides, and says so: golive only asks, and believes what it hears. What was taken back is a failed step.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace

from golive.errors import HostError, LoginRefused
from golive.hosts.interface import Host
from golive.journal.events import Outcome
from golive.resources.report import State, parse
from golive.resources.switch import confirm, standing
from golive.run.executors.interface import Lost, Result

SPARE = 60.0
"""Seconds that a host is given beyond its deadline: to start again, to take back, to let golive in."""

PAUSE, AFTER_REFUSAL = 1.0, 8.0
"""Seconds between two tries. sshd holds refused logins against their source: a few of them only."""

_PROVE = re.compile(rb"\x1eprove\t(\d{1,6})")
_LAST_WORD = re.compile(r"^\x1e(armed|proven|reverted|residue)\t", re.MULTILINE)
_NEXT = "change the plan, then golive amend and golive run"


class Confirmation:
    """What one attempt has armed on its host.

    Args:
        connect: makes a transport with a connection of its own.
        folder: the attempt's directory on the host.
        seconds: how long the host waits; 0: the script arms nothing.
    """

    def __init__(self, connect: Callable[[], Host], folder: str, seconds: float) -> None:
        self._connect, self._folder, self.seconds = connect, folder, seconds
        self._asked: dict[int, asyncio.Task[None]] = {}
        self._rest = b""
        self._refusal: HostError | None = None

    def see(self, piece: bytes) -> None:
        """Takes the script's output as it comes, from the start again after a connection was lost."""
        if not self.seconds:
            return
        *lines, self._rest = (self._rest[-100:] + piece).split(b"\n")
        for line in lines:
            if (match := _PROVE.fullmatch(line)) and int(match[1]) not in self._asked:
                number = int(match[1])
                self._asked[number] = asyncio.create_task(self._confirm(number))

    async def judged(self, result: Result, rebooted: bool) -> Result:
        """What became of the attempt, when its host may have taken back what it did.

        Args:
            result: what the script alone says.
            rebooted: whether the host was started again meanwhile: then nothing speaks against the changes, unless
                golive was refused.

        Raises:
            Lost: the host does not say yet how it ended.
        """
        if not self.seconds:
            return result
        await self._let_go()
        output = result.output.decode("utf-8", "replace")
        words = _LAST_WORD.findall(output)
        if not words or words[-1] == "proven":
            return result
        if words[-1] != "armed":
            return replace(result, outcome=Outcome.FAILED, note=await self._taken_back(output))
        ended = await self._ended()
        if not ended.intersection(("reverted", "residue")):
            return result
        if self._refusal or not rebooted or "residue" in ended:
            note = await self._taken_back(output, whole="residue" not in ended)
            return replace(result, outcome=Outcome.FAILED, note=note)
        return replace(result, note=f"{result.note}; it took back by itself what golive had not confirmed yet")

    async def _confirm(self, number: int) -> None:
        def refused(error: HostError) -> None:
            self._refusal = error

        await self._until_answered(confirm(self._folder, number), self.seconds, refused)

    async def _let_go(self) -> None:
        for task in self._asked.values():
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)

    async def _taken_back(self, output: str, *, whole: bool = True) -> str:
        """The note: what was taken back, the whole of it or not, why, and whether golive gets in again."""
        reported = parse(output)
        armed = [item.title for item in reported if item.state is State.ARMED]
        residue = [item.title for item in reported if item.state is State.RESIDUE]
        back = [item.title for item in reported if item.state is State.REVERTED]
        residue = residue or ([] if whole else [title for title in armed if title not in back])
        back = back or [title for title in armed if title not in residue]
        said = f"no new login confirmed it{f': {self._refusal.message}' if self._refusal else ' in time'}"
        said = f"reverted by the host itself: {', '.join(back)}, since {said}" if back else said
        said += f"; COULD NOT be taken back: {', '.join(residue)}" if residue else ""
        way = await self._until_answered("echo in", SPARE)
        said += "; golive can log in again" if way else "; golive still cannot log in: use the host's console"
        return f"{said}; {_NEXT}"

    async def _ended(self) -> set[str]:
        """How the switches stand that the script left armed, when none is armed any more: waits for that."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.seconds + SPARE
        while True:
            answer = await self._until_answered(f"{standing(self._folder)}echo .", deadline - loop.time())
            states = set(answer.split())
            if states and not states.intersection(("armed", "reverting")):
                return states
            if loop.time() > deadline:
                hint = "the host takes it back by itself; run golive again when it answers"
                raise Lost("unknown for now whether the host has taken its changes back", hint)
            await asyncio.sleep(PAUSE)

    async def _until_answered(
        self, text: str, seconds: float, refused: Callable[[HostError], None] = lambda _: None
    ) -> str:
        """What the text prints on the host, each time over a new connection; empty when there was none in time."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while loop.time() < deadline:
            host, pause = self._connect(), PAUSE
            try:
                return (await host.run(text)).stdout.decode("utf-8", "replace")
            except HostError as error:
                refused(error)
                pause = AFTER_REFUSAL if isinstance(error, LoginRefused) else PAUSE
            finally:
                await host.close()
            await asyncio.sleep(pause)
        return ""
