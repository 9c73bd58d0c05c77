"""The critical step: hold, fence, drain, prove, arm the way back, commit. A failure before that lifts the fence."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import NamedTuple

from golive.site.compare import Comparison, Differs
from golive.site.doors import Doors
from golive.site.keeper import Keeper
from golive.site.psql import SqlError
from golive.site.register import Refused
from golive.site.shape import SHAPE
from golive.site.sides import Side
from golive.words import several

RELEASE = 300
"""Seconds after which a crossing that is decided and cannot be carried through ends as failed."""
ERRORS = (SqlError, Refused, Differs, subprocess.SubprocessError, OSError)


class Names(NamedTuple):
    """Names of what the protocol has in the databases of one cutover."""

    forward: str
    """Publication on the old side, subscription on the new one, and its slot."""
    back: str
    """Publication on the new side, subscription on the old one, and its slot."""
    seen: str
    """The slot, on each side, that tells what changed."""

    @staticmethod
    def of(cutover: str) -> Names:
        """The names for a cutover."""
        return Names(f"golive_{cutover}", f"golive_{cutover}_back", f"golive_{cutover}_seen")


class Limits(NamedTuple):
    """Times, in seconds."""

    fence: float
    """After which the fence lifts by itself."""
    requests: float
    """For requests under way, beyond which the cutover is given up."""
    drain: float
    """For the last write to arrive."""


class Crossing:
    """One crossing from the side that serves to the other.

    Args:
        keeper: of the register.
        doors: the front doors.
        sides: both sides, by name; their sessions are this crossing's own.
        names: of slots and subscriptions.
        limits: times.
        totals: SQL of the business totals, by name; both sides must agree.
        passes: shell texts of movers that do not follow, run under the fence, by the side that serves before.
        tell: hears what goes on, a line each time.
    """

    def __init__(
        self,
        keeper: Keeper,
        doors: Doors,
        sides: Mapping[str, Side],
        names: Names,
        limits: Limits,
        totals: Mapping[str, str],
        passes: Mapping[str, Sequence[str]],
        tell: Callable[[str], None],
    ) -> None:
        self._keeper, self._doors, self._sides, self._names = keeper, doors, sides, names
        self._limits, self._totals, self._passes, self._tell = limits, totals, passes, tell
        self._began = self._last = 0.0

    def cross(self, comparison: Comparison, way_back: bool) -> Comparison | None:
        """Moves the processing to the other side.

        Args:
            comparison: of the side that serves with the other, complete but for the last moments.
            way_back: whether a way back is armed.

        Returns the comparison for the way back, if there is one. Raises one of ``ERRORS`` when the fence was lifted.
        """
        source = self._sides[self._keeper.register.serving]
        target = self._sides["new" if source.name == "old" else "old"]
        self._ahead(source, target)
        self._began = self._last = time.monotonic()
        number = self._keeper.fence(self._limits.fence)
        try:
            self._hold(number)
            self._fence(source, number)
            self._drain(comparison, source, target, number)
            self._prove(comparison, source, target)
            back = self._arm(comparison, source, target, way_back and source.name == "old")
            self._done(f"way back {'armed' if back else 'none'}")
            target.room()
            if others := source.others:
                raise SqlError(f"{source.name}: {several(others, 'session')} came in under the fence")
            self._keeper.commit(number)
        except Exception:  # whatever it is, nobody waits for the fence's own time
            self._undo(source, target, number)
            raise
        self._done("committed")
        self._release(target)
        self._tell(f"stall {time.monotonic() - self._began:.3f} s: {target.name} serves")
        return back

    def release(self) -> None:
        """Opens the side for which it was decided, where the crossing itself ended before it had. Raises SqlError."""
        self._began = self._last = time.monotonic()
        self._release(self._sides[self._keeper.register.serving])

    def _release(self, target: Side) -> None:
        """It is decided: nobody else may serve, so there is nothing left but to go on trying. Raises SqlError."""
        for _ in range(RELEASE // 5):
            if self._keeper.carry(5.0):
                return self._done("released")
            self._done(f"nobody serves: it is decided that {target.name} does, and it cannot be opened yet")
        raise SqlError(f"{target.name} cannot be opened; the register goes on trying, and nobody serves until then")

    def _done(self, what: str) -> None:
        now = time.monotonic()
        self._tell(f"+{now - self._began:.3f} s ({now - self._last:.3f} s) {what}")
        self._last = now

    def _ahead(self, source: Side, target: Side) -> None:
        """All that can fail ahead of the fence fails here; the sessions are open when the clock starts."""
        register = self._keeper.register
        if missing := self._doors.missing(register.serving, register.number):
            raise Refused(f"nothing was touched: {missing}")
        self._keeper.warm()
        source.value("SELECT 1")
        target.value("SELECT 1")
        stream = self._names.forward if source.name == "old" else self._names.back
        if not source.has_slot(stream):
            raise Refused(
                f"nothing was touched: the slot {stream} on the {source.name} side is gone or has lost its log"
            )
        if source.name == "old":
            for slot in (self._names.back, self._names.seen):
                if not target.has_slot(slot):
                    raise Refused(f"nothing was touched: there is no slot {slot} on the new side")
                target.advance(slot)

    def _hold(self, number: int) -> None:
        now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")
        self._tell(f"{now} UTC: fence {number} for {self._limits.fence:g} s at most")
        deadline = time.monotonic() + self._limits.requests
        while missing := self._doors.missing("hold", number):
            if time.monotonic() > deadline:
                raise Refused(f"{missing} after {self._limits.requests:g} s")
            time.sleep(0.004)
        self._done("every front door holds, no request is under way")

    def _fence(self, source: Side, number: int) -> None:
        source.value("SELECT 1", 1.0)  # one that cannot be reached must not be left half closed
        self._keeper.closing(number)
        source.close()
        ended = source.end_sessions(self._limits.drain)
        self._done(f"{source.name} fenced, {several(ended, 'session')} ended")

    def _drain(self, comparison: Comparison, source: Side, target: Side, number: int) -> None:
        text = f"fence {self._names.forward} {number}"
        source.mark(text)
        try:
            target.await_mark(text, self._limits.drain)
        except SqlError:
            comparison.unchanged()  # rows of a changed table do not arrive
            raise
        self._done("drained: the last write has arrived")
        for text in self._passes[source.name]:
            self._pass(text)

    def _pass(self, text: str) -> None:
        done = subprocess.run(["sh", "-ec", text], capture_output=True, text=True, timeout=self._limits.fence)
        for line in done.stdout.splitlines():
            self._tell(line)
        if done.returncode:
            raise Refused(f"a last pass failed: {(done.stderr or done.stdout).strip()[-500:]}")
        self._done("a last pass ended")

    def _prove(self, comparison: Comparison, source: Side, target: Side) -> None:
        sequences = source.sequences()
        target.set_sequences(sequences)
        self._done(f"{several(len(sequences), 'sequence')} set")
        rows = comparison.prove()
        self._done(f"{several(rows, 'row')} changed last, both sides are equal")
        self.totals(source, target)

    def totals(self, source: Side, target: Side) -> None:
        """Asks both sides for the business totals. Raises Differs."""
        for name, sql in self._totals.items():
            here, there = source.query(sql), target.query(sql)
            if here != there:
                raise Differs(f"{name}: {source.name} says {here}, {target.name} says {there}")
        if self._totals:
            self._done(f"{several(len(self._totals), 'total agrees', 'totals agree')}")

    def rehearse(self, comparison: Comparison) -> float:
        """The proofs of a crossing while the source serves. Returns how long they took, in seconds."""
        source, target = self._sides["old"], self._sides["new"]
        self._ahead(source, target)
        self._began = self._last = began = time.monotonic()
        self._done(f"{several(len(source.sequences()), 'sequence')} read")
        lag = comparison.settle(self._limits.drain)
        self._done(f"a last write arrives after {lag:.3f} s; what changed last was compared")
        try:
            self.totals(source, target)
        except Differs as error:
            self._tell(f"{error} (while it serves; the fence would hold it still)")
        return time.monotonic() - began

    def _arm(self, comparison: Comparison, source: Side, target: Side, way_back: bool) -> Comparison | None:
        """An old server cannot tell where a change came from: no stream may run while the other begins."""
        target.subscription(self._names.forward if source.name == "old" else self._names.back, on=False)
        if not way_back:
            return None
        for slot in (self._names.back, self._names.seen):
            target.advance(slot)
        source.begin_at(self._names.back, target.position)
        source.subscription(self._names.back, on=True)
        followed, shape = comparison.tables.values(), target.value(SHAPE)
        return Comparison(target, source, self._names.seen, self._names.back, followed, shape)

    def _undo(self, source: Side, target: Side, number: int) -> None:
        """The same side serves on. The streams are put back as they were as far as they can be reached."""
        opened = self._keeper.lift(number)
        self._done(f"lifted: {source.name} serves on" if opened else f"lifted, but {source.name} cannot be opened yet")
        forward = source.name == "old"
        steps = [(target, self._names.forward if forward else self._names.back, True)]
        if forward:
            steps.insert(0, (source, self._names.back, False))
        for side, name, on in steps:
            try:
                side.subscription(name, on)
            except SqlError as error:
                self._tell(f"{name} could not be put back: {error}")
