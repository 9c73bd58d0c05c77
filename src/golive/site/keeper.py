"""The keeper of the register: the one process that changes it, and that opens and closes databases as it says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from golive.site import register as rules
from golive.site.psql import SqlError
from golive.site.register import Book, Clock, Register
from golive.site.sides import Side


def now() -> Clock:
    """Both clocks."""
    return Clock(time.time(), rules.boot_id(), time.clock_gettime(time.CLOCK_BOOTTIME))


class Keeper:
    """Keeps the register. Its methods may be called from any thread.

    Args:
        book: where it is kept.
        sides: both sides; their sessions are the keeper's own.
        clock: tells the time.
    """

    def __init__(self, book: Book, sides: Mapping[str, Side], clock: Callable[[], Clock] = now) -> None:
        self._book, self._sides, self._clock = book, sides, clock
        self._lock = threading.RLock()
        self._seen_open = False
        """Whether the side that serves was seen open since this process began: a late driver may have closed it."""

    @property
    def register(self) -> Register:
        """What is decided now."""
        return self._book.register

    def answer(self) -> tuple[str, int]:
        """What front doors are told."""
        register = self._book.register
        return rules.answer(register), register.number

    def warm(self) -> None:
        """Opens its sessions ahead: it takes part of a second. Raises SqlError when a side cannot be reached."""
        with self._lock:
            for side in self._sides.values():
                side.value("SELECT 1")

    def fence(self, seconds: float) -> int:
        """Sets a fence and returns its number. Raises Refused."""
        with self._lock:
            self._book.write(rules.fence(self.register, seconds, self._clock()))
            return self.register.number

    def closing(self, number: int) -> None:
        """Notes that the side that serves is about to be closed. Raises Refused when it is too late for that."""
        with self._lock:
            self._book.write(rules.closing(self.register, number, self._clock()))

    def commit(self, number: int) -> None:
        """Decides that the other side serves. Raises Refused when it is too late."""
        with self._lock:
            self._book.write(rules.commit(self.register, number, self._clock()))

    def lift(self, number: int) -> bool:
        """Decides that the same side serves on, if this fence still stands. False: it cannot be opened for now."""
        with self._lock:
            if self.register.fenced and self.register.number == number:
                self._book.write(rules.lift(self.register, number))
        return self.carry(1.0)

    def carry(self, seconds: float) -> bool:
        """Opens the side that serves, and only then has the front doors told. False: it cannot be reached for now."""
        deadline = time.monotonic() + seconds
        while not self._carried():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _carried(self) -> bool:
        with self._lock:
            register = self.register
            if register.fenced:
                return True
            side = self._sides[register.serving]
            try:
                if register.released != register.number or side.closed:
                    side.open()
            except SqlError:
                return False
            if register.released != register.number:
                self._book.write(rules.carried(register))
            self._seen_open = True
            return True

    def look(self) -> None:
        """To be called often: lifts a fence whose time is over, and carries through what was decided."""
        with self._lock:
            register = self.register
            if rules.over(register, self._clock()):
                self._book.write(rules.lift(register, register.number))
            done = self._seen_open and self.register.released == self.register.number
            if not self.register.fenced and not done:
                self._carried()

    def begin(self) -> None:
        """After a start of this process: nobody drives a fence that still stands, so it is lifted."""
        with self._lock:
            if self.register.fenced:
                self._book.write(rules.lift(self.register, self.register.number))
