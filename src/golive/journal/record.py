"""An entry as it is kept and exported: the text of its event byte for byte, so that what was written can be verified.

Verified is what stands there, not what this golive makes of it: an older journal has fewer fields, and holds.
"""

import json
from dataclasses import dataclass
from typing import Any, cast

from golive.digest import canonical, digest
from golive.journal.events import Entry, decode, encode


@dataclass(frozen=True)
class Record:
    """One entry, unread. ``body`` is the canonical JSON of its event."""

    seq: int
    at: str
    body: str
    previous: str
    hash: str

    def event(self) -> dict[str, Any]:
        """The event as JSON values. Raises ValueError when the text is not exactly what golive writes."""
        value = json.loads(self.body)
        if not isinstance(value, dict) or canonical(value) != self.body:
            raise ValueError("the event is not written as golive writes it")
        return cast("dict[str, Any]", value)

    def holds(self) -> bool:
        """Whether the hash is that of the content."""
        try:
            return digest([self.seq, self.at, self.event(), self.previous]) == self.hash
        except (ValueError, RecursionError):
            return False


def record(entry: Entry) -> Record:
    """The entry as it is written."""
    return Record(entry.seq, entry.at, canonical(encode(entry.event)), entry.previous, entry.hash)


def read(kept: Record) -> Entry:
    """The entry as types. Raises KeyError, TypeError or ValueError when this golive does not know it."""
    return Entry(kept.seq, kept.at, decode(json.loads(kept.body)), kept.previous, kept.hash)


def to_line(kept: Record) -> str:
    """One line of an export, without its end."""
    whole = {"seq": kept.seq, "at": kept.at, "event": json.loads(kept.body), "previous": kept.previous}
    return canonical(whole | {"hash": kept.hash})


def from_line(line: str) -> Record:
    """The record of a line. Raises ValueError when the line is not exactly what ``to_line`` writes."""
    try:
        value = json.loads(line)
        made = Record(
            int(value["seq"]), str(value["at"]), canonical(value["event"]), str(value["previous"]), str(value["hash"])
        )
        same = to_line(made) == line
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("the line is no entry") from error
    if not same:
        raise ValueError("the line is not written as golive writes it")
    return made
