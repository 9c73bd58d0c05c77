"""The hash chain of a journal: each entry's hash covers its place, its time, its event and the hash before.

Whoever can write a journal can compute a new chain. What they cannot change are its *anchors*: hashes that somebody
else keeps. People's signatures hold them, hosts do, and a recap on paper may.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from golive.digest import digest
from golive.journal.events import Entry, Event, encode
from golive.journal.record import Record

GENESIS = "0" * 64


@dataclass(frozen=True)
class Anchor:
    """A hash that a journal is known to have had, and who says so; ``seq`` is its entry's place, where known."""

    who: str
    hash: str
    seq: int | None = None


@dataclass(frozen=True)
class Break:
    """Where a journal does not hold: the first entry that is not, or may not be, what was written, and why."""

    seq: int
    why: str


def link(seq: int, at: str, event: Event, previous: str) -> Entry:
    """The entry that follows ``previous`` (a hash)."""
    return Entry(seq, at, event, previous, digest([seq, at, encode(event), previous]))


def find_break(records: Iterable[Record], anchors: Iterable[Anchor] = ()) -> Break | None:
    """Where the journal does not hold; None when it holds throughout.

    Args:
        records: all entries, in the order in which they are kept.
        anchors: hashes kept elsewhere. Without any, a cut tail does not show, nor a chain that was made anew
            unless a person has signed a part of it.
    """
    hashes, signed = {0: GENESIS}, 0
    for kept in records:
        expected = len(hashes)
        if kept.seq != expected:
            return Break(expected, f"entry {kept.seq} stands there")
        if kept.previous != hashes[expected - 1]:
            return Break(expected, "it does not follow the entry before it")
        if not kept.holds():
            return Break(expected, "its content is not what its hash says")
        if is_signed(event := kept.event()):
            head = str(statement(event).get("head"))
            if said := _signed(event):
                return Break(expected, said)
            seen = next((seq for seq in range(expected - 1, -1, -1) if hashes[seq] == head), None)
            if seen is None:
                return Break(signed + 1, f"entry {expected} is signed over another journal: it was made anew")
            signed = max(signed, seen)
        hashes[expected] = kept.hash
    return _anchored(hashes, tuple(anchors))


def is_signed(event: Mapping[str, Any]) -> bool:
    """Whether a person signs an event of this sort; to retry and to stop at a failure is signed by nobody."""
    return "statement" in event and (event["type"] != "FailureAnswered" or event["answer"] == "skip")


def _signed(event: Mapping[str, Any]) -> str:
    """Where an event says something else than what the person signed; empty when nowhere."""
    said = statement(event)
    wrong = (
        key for key in ("verb", "reason", "person", "step", "attempt") if key in event and event[key] != said.get(key)
    )
    return next((f"its {key} is not what {event.get('person', 'the person')} signed" for key in wrong), "")


def statement(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a person signed, as values; nothing when the text is no statement."""
    try:
        signed = json.loads(str(event["statement"]))
    except (ValueError, KeyError):
        return {}
    return cast("dict[str, Any]", signed) if isinstance(signed, dict) else {}


def _anchored(hashes: Mapping[int, str], anchors: tuple[Anchor, ...]) -> Break | None:
    """The earliest entry that an anchor speaks against."""
    by_hash = {value: seq for seq, value in hashes.items()}
    firm = max((by_hash[anchor.hash] for anchor in anchors if anchor.hash in by_hash), default=0)
    last = len(hashes) - 1
    for anchor in sorted(anchors, key=lambda anchor: (anchor.seq is None, anchor.seq or 0)):
        if anchor.hash in by_hash:
            continue
        if anchor.seq is None:
            return Break(firm + 1, f"{anchor.who} holds a head that this journal never had")
        if anchor.seq > last:
            return Break(last + 1, f"the tail was cut: {anchor.who} has seen entry {anchor.seq}")
        before = max((by_hash[a.hash] for a in anchors if by_hash.get(a.hash, last) < anchor.seq), default=0)
        return Break(before + 1, f"{anchor.who} holds another entry {anchor.seq}: it was made anew")
    return None
