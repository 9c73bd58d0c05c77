"""The register: which system serves, decided in one place by compare-and-set, synced before it is answered.

Pure where it decides (``Register`` and its functions); ``Book`` keeps it in a file.
"""

from __future__ import annotations

import json
import os
from typing import Any, NamedTuple

OTHER = {"old": "new", "new": "old"}


class Register(NamedTuple):
    """What is decided.

    ``serving`` is the side that serves, or that will when its ``released`` number has come up to ``committed``.
    """

    serving: str = "old"
    number: int = 0
    """Of the latest fence; numbers are never used twice."""
    fenced: bool = False
    until: float = 0.0
    """When the fence lifts by itself: wall clock, seconds since 1970."""
    boot: str = ""
    """The boot in which it was set, and ``until_boot`` on that boot's own clock."""
    until_boot: float = 0.0
    committed: int = 0
    """The number of the last fence that was committed."""
    released: int = 0
    """The number of the last fence whose end was carried through: committed and opened, or lifted and opened."""


class Clock(NamedTuple):
    """Now, on both clocks."""

    wall: float
    boot: str
    since_boot: float


class Refused(Exception):
    """The compare-and-set did not find what it expected."""


def over(register: Register, now: Clock) -> bool:
    """Whether the fence's time is over: by whichever clock says so first."""
    by_boot = register.boot == now.boot and now.since_boot >= register.until_boot
    return register.fenced and (now.wall >= register.until or by_boot)


def fence(register: Register, seconds: float, now: Clock) -> Register:
    """A new fence. Raises Refused while one stands, or the end of the one before is not carried through."""
    if register.fenced:
        raise Refused(f"fence {register.number} stands")
    if register.released != register.number:
        raise Refused(f"fence {register.number} is not carried through yet")
    number = register.number + 1
    return register._replace(
        number=number, fenced=True, until=now.wall + seconds, boot=now.boot, until_boot=now.since_boot + seconds
    )


def commit(register: Register, number: int, now: Clock) -> Register:
    """The other side is to serve. Raises Refused unless this fence stands and its time is not over."""
    if not register.fenced or register.number != number:
        raise Refused(f"fence {number} does not stand any more")
    if over(register, now):
        raise Refused(f"the time of fence {number} is over")
    return register._replace(fenced=False, serving=OTHER[register.serving], committed=number)


def lift(register: Register, number: int) -> Register:
    """The fence goes, and the same side serves on. Raises Refused unless this fence stands."""
    if not register.fenced or register.number != number:
        raise Refused(f"fence {number} does not stand any more")
    return register._replace(fenced=False)


def carried(register: Register) -> Register:
    """The side that serves was opened: front doors may be told."""
    return register._replace(released=register.number)


def answer(register: Register) -> str:
    """What a front door is told: ``old``, ``new`` or ``hold``."""
    if register.fenced or register.released != register.number:
        return "hold"
    return register.serving


class Book:
    """Keeps the register in a file; a change is on the disk before ``write`` returns.

    Args:
        path: the file; it need not be there yet.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self.register = self._read()

    def _read(self) -> Register:
        try:
            with open(self._path, encoding="utf-8") as stream:
                values: dict[str, Any] = json.load(stream)
        except FileNotFoundError:
            return Register()
        return Register(**values)

    def write(self, register: Register) -> None:
        """Makes it durable, and only then current."""
        new = self._path + ".new"
        with open(new, "w", encoding="utf-8") as stream:
            json.dump(register._asdict(), stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(new, self._path)
        folder = os.open(os.path.dirname(self._path) or ".", os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self.register = register


def boot_id(path: str = "/proc/sys/kernel/random/boot_id") -> str:
    """The name of this boot."""
    with open(path, encoding="ascii") as stream:
        return stream.read().strip()
