"""Pure: what is sent to ``protocol.sh``, and the strict reading of what comes back.

A request is one command and one stdin: the protocol's text, then for ``execute`` the script, the secrets and a token
that shows that nothing is missing. The lengths and the token stand in the command; secrets are on stdin alone.
"""

import re
import shlex
from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib.resources import files

from golive.hosts.attempts import Claim, State
from golive.secret import Secrets

BOOTSTRAP = 'program=$(dd bs="$1" count=1 iflag=fullblock 2>/dev/null) && eval "$program"'
"""Reads the protocol from stdin, exactly its length, and becomes it; the rest of stdin is the request's."""

PROGRAM = files("golive.hosts").joinpath("protocol.sh").read_bytes().rstrip(b"\n")
"""The protocol, as command substitution keeps it: without the last newline."""

PIECE = 32768
"""Characters of a script that are sent at a time."""

_SECRET_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REPORT = re.compile(
    r"report (absent|running|exited|interrupted) (-|\d{1,3}) ([0-9a-fA-F-]{1,64})"
    r" (-|\d{1,12}) (-|\d{1,12}) (yes|no) (\d{1,15}) (\d{1,15})"
)


@dataclass(frozen=True)
class Place:
    """Where and how the protocol works on a host.

    Attributes:
        root: the directory under which everything lives; mode 0700.
        lock_wait: seconds that a script waits until another one on the same host has ended.
        boot_id_file: what tells one boot from the next; tests put another file here to simulate a reboot.
    """

    root: str = "/var/lib/golive"
    lock_wait: int = 600
    boot_id_file: str = "/proc/sys/kernel/random/boot_id"


@dataclass(frozen=True)
class Answered:
    """A report as it came over the wire; ``begin`` and ``end`` are the offsets of the output that went before it."""

    state: State
    exit: int | None
    boot_id: str
    started: int | None
    ended: int | None
    rebooted: bool
    begin: int
    end: int


def request(place: Place, claim: Claim, project: str, verb: str, *arguments: str) -> str:
    """The shell text of one request; ``PROGRAM`` is the first thing on its stdin.

    Args:
        place: where the protocol works.
        claim: on whose behalf.
        project: the project whose epoch counts.
        verb: the protocol's function.
        arguments: what it takes; quoted here.
    """
    head = (str(len(PROGRAM)), verb, place.root, place.boot_id_file, str(place.lock_wait))
    words = shlex.join((*head, project, str(claim.epoch), claim.holder, *arguments))
    return f'bootstrap={shlex.quote(BOOTSTRAP)}\nset -- {words}\neval "$bootstrap"'


async def sent(mirrored: bytes, script: str, rest: bytes) -> AsyncIterator[bytes]:
    """The stdin of ``execute``, piece by piece: many hosts are sent the same script at once, and none needs a copy.

    Args:
        mirrored: what of the journal goes along.
        script: the script.
        rest: secrets and token.
    """
    yield PROGRAM
    yield mirrored
    for start in range(0, len(script), PIECE):
        yield script[start : start + PIECE].encode()
    yield rest


def secret_lines(secrets: Secrets) -> bytes:
    """The secrets as assignments that a script reads by ``eval "$(cat)"``.

    Raises:
        ValueError: a name is no shell name, or a value holds a NUL; the message never has the value.
    """
    return b"".join(_assignment(name, secret.reveal()) for name, secret in sorted(secrets.items()))


def _assignment(name: str, value: str) -> bytes:
    if not _SECRET_NAME.fullmatch(name):
        raise ValueError(f"secret {name!r}: the name may have letters, digits and _ only")
    if "\0" in value:
        raise ValueError(f"secret {name}: the value holds a NUL, which no shell can carry")
    quoted = value.replace("'", "'\\''")
    return f"GOLIVE_SECRET_{name}='{quoted}'\n".encode("utf-8", "surrogateescape")


def answer_line(stderr: bytes) -> str | None:
    """The protocol's answer: the only line that begins with ``golive-``, and the last. None when it is not so."""
    lines = stderr.decode("utf-8", "replace").splitlines()
    answers = [line for line in lines if line.startswith("golive-")]
    return answers[0].removeprefix("golive-") if len(answers) == 1 and lines[-1] == answers[0] else None


def read_report(answer: str) -> Answered | None:
    """A report, or None when the answer is not exactly of its form."""
    match = _REPORT.fullmatch(answer)
    if not match:
        return None
    state, code, boot_id, started, ended, rebooted, begin, end = match.groups()
    if (state == "exited") != (code != "-") or (state == "exited") != (ended != "-"):
        return None
    return Answered(
        State(state), _number(code), boot_id, _number(started), _number(ended), rebooted == "yes", int(begin), int(end)
    )


def _number(text: str) -> int | None:
    return None if text == "-" else int(text)
