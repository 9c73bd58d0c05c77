"""The pace of the copy: what the old server sends to copying workers is held to so many bytes a second.

The kernel does it, on the sending socket itself (``SO_MAX_PACING_RATE`` of socket(7), by pidfd_getfd(2), Linux 5.6 or
later): nothing stands between the two servers, and a process that waits to send holds no lock. It also has the lowest
priority, among all sessions: PostgreSQL gives each of its processes a session of its own, and where sched(7) groups
processes by session, a nice value alone counts only within one. When this service ends, both stay.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct
import sys
from pathlib import Path

from golive.site.register import Register
from golive.site.sides import Side

COPYING = """SELECT pid FROM pg_catalog.pg_stat_activity WHERE backend_type = 'walsender'
AND usename = 'golive' AND application_name ~ '^pg_[0-9]+_sync_'"""

AUTOGROUP = "/proc/{}/autogroup"
"""The group of a process's session, of sched(7): empty where the kernel did not make one."""

_PIDFD_OPEN, _PIDFD_GETFD = 434, 438  # of all architectures that have both PostgreSQL and Linux 5.6, but alpha
_SO_MAX_PACING_RATE = 47
_FORBIDDEN = (errno.EPERM, errno.EACCES, errno.ENOSYS)


class Pace:
    """Looks after the processes that send copies.

    Args:
        old: the side that they send from, on this host; the session is this object's own.
        most: bytes a second that they may send together; 0: as many as they can.
    """

    def __init__(self, old: Side, most: int) -> None:
        self._old, self._most = old, most
        self._held: dict[int, int] = {}
        """Bytes a second by process, of those with which all went well: the others are tried again."""
        self._failed = ""

    @property
    def why_not(self) -> str:
        """Why this host cannot hold them to it, such as in a container that forbids it; empty: it can."""
        try:
            os.close(_borrow(os.getpid(), 0))
        except OSError as error:
            return str(error.strerror)
        return self._failed

    def look(self, register: Register) -> None:
        """To be called ten times a second while a copy is made: each worker is a new process. Raises SqlError."""
        pids = [int(pid) for (pid,) in self._old.query(COPYING)] if register.serving == "old" else []
        rate = max(1, self._most // len(pids)) if pids and self._most else 0
        self._held = {pid: rate for pid in pids if self._held.get(pid) == rate or self._hold(pid, rate)}

    def _hold(self, pid: int, rate: int) -> bool:
        try:
            if rate:
                hold(pid, rate)
            give_way(pid)
        except OSError as error:
            if error.errno in _FORBIDDEN:  # else it has ended, or closed something while that was looked at
                self._tell(str(error))
            return False
        return True

    def _tell(self, why: str) -> None:
        if why != self._failed:
            print(f"the copy is not held to its pace: {why}", file=sys.stderr, flush=True)
        self._failed = why


def give_way(pid: int) -> None:
    """Gives a process the lowest priority there is. Raises OSError where it has ended, or this process may not."""
    os.setpriority(os.PRIO_PROCESS, pid, 19)
    group = Path(AUTOGROUP.format(pid))
    if os.getsid(pid) == pid and group.exists() and group.read_text(encoding="ascii"):  # else others are in its group
        group.write_text("19", encoding="ascii")


def hold(pid: int, rate: int) -> None:
    """Holds what a process sends over TCP to a pace.

    Args:
        pid: the process; all of its connections are meant.
        rate: bytes a second for each.

    Raises:
        OSError: this kernel, or what this process may do, does not allow it.
    """
    for entry in os.scandir(f"/proc/{pid}/fd"):
        if os.readlink(entry.path).startswith("socket:"):
            with socket.socket(fileno=_borrow(pid, int(entry.name))) as connection:
                if connection.family in (socket.AF_INET, socket.AF_INET6):
                    connection.setsockopt(socket.SOL_SOCKET, _SO_MAX_PACING_RATE, struct.pack("@L", rate))


def _borrow(pid: int, number: int) -> int:
    """A descriptor of our own for what another process has open under this number."""
    process = _call(_PIDFD_OPEN, pid, 0)
    try:
        return _call(_PIDFD_GETFD, process, number, 0)
    finally:
        os.close(process)


def _call(number: int, *arguments: int) -> int:
    result = int(ctypes.CDLL(None, use_errno=True).syscall(number, *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
