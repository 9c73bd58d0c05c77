"""The local lock: one coordinator for a plan on this machine. The kernel lets go of it when the process ends."""

import fcntl
import getpass
import json
import os
import socket
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from golive.errors import LockedByAnother


def who() -> str:
    """The person at the keyboard, as the system knows them."""
    return os.environ.get("SUDO_USER") or getpass.getuser()


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Holds the lock at ``path``. Raises LockedByAnother that says who holds it, since when, where, and what to do."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _refusal(path) from error
        file.truncate(0)
        holder = {"who": who(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
        file.write(json.dumps(holder | {"machine": socket.gethostname(), "pid": os.getpid()}))
        file.flush()
        yield


def _refusal(path: Path) -> LockedByAnother:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        said = f"{held['who']} runs this plan since {held['since']} on {held['machine']} (process {held['pid']})"
        hint = f"watch it with: golive status; end it in order with: kill -INT {held['pid']}, or Ctrl-C where it runs"
    except (OSError, ValueError, KeyError):
        said, hint = "another golive runs this plan", "watch it with: golive status"
    return LockedByAnother(said, hint)
