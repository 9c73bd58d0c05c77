"""The hash chain of a journal: each entry's hash covers its place, its time, its event and the hash before."""

import json
from collections.abc import Iterable

from golive.digest import digest
from golive.journal.events import DecisionTaken, Entry, Event, encode

GENESIS = "0" * 64


def link(seq: int, at: str, event: Event, previous: str) -> Entry:
    """The entry that follows ``previous`` (a hash)."""
    return Entry(seq, at, event, previous, digest([seq, at, encode(event), previous]))


def first_break(entries: Iterable[Entry], head: str = GENESIS) -> int | None:
    """The sequence number at which the chain does not hold; None when it holds throughout.

    Args:
        entries: all entries, in order.
        head: a hash that the journal is known to have had: from a recap, a signature or a host. Without it, neither
            a cut tail nor a chain that was made anew shows, except by a head that a person has signed.
    """
    previous, expected = GENESIS, 1
    seen = {GENESIS}
    for entry in entries:
        if entry.seq != expected or entry != link(entry.seq, entry.at, entry.event, previous):
            return expected
        if isinstance(entry.event, DecisionTaken) and _signed_head(entry.event) not in seen:
            return expected
        previous, expected = entry.hash, expected + 1
        seen.add(previous)
    return None if head in seen else expected


def _signed_head(taken: DecisionTaken) -> str:
    """The head of the journal that the person saw; empty when the statement does not say."""
    try:
        return str(json.loads(taken.statement)["head"])
    except (ValueError, KeyError, TypeError):
        return ""
