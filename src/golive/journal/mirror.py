"""The form in which hosts keep a run's journal, so that a lost laptop is a nuisance and no disaster. Pure.

A part is one file under ``mirror/PROJECT/RUN-TOKEN/``: JSON lines, compressed as xz, so that ``xzcat`` reads it. Lines
are entries as ``golive journal export`` writes them, graphs by the digest that the journal names, and the documents of
the plan. The name of a part with entries says which, and the hash of the last: an anchor.
"""

import json
import lzma
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from golive.digest import canonical, digest_bytes
from golive.journal.chain import Anchor
from golive.journal.record import Record, from_line, to_line

_NAME = re.compile(r"(\d{7,})-(\d{7,})-([0-9a-f]{64})")


def pack(records: Sequence[Record], rest: bytes = b"") -> tuple[str, bytes]:
    """A part with these entries, at least one; ``rest`` is what else rides along (``pack_run``).

    Returns:
        Its name and its bytes.
    """
    name = f"{records[0].seq:07}-{records[-1].seq:07}-{records[-1].hash}"
    text = "".join(f"{to_line(kept)}\n" for kept in records)
    return name, rest + lzma.compress(text.encode(), preset=0)


def pack_run(graphs: Mapping[str, str], plan: Mapping[str, str], newest: str) -> bytes:
    """What changes only with a revision.

    Args:
        graphs: all graphs of the run as they are stored, by digest.
        plan: the documents of the plan, by path, of which the newest graph was made.
        newest: the digest of that graph.
    """
    lines: list[dict[str, Any]] = [{"graph": name, "body": body} for name, body in sorted(graphs.items())]
    lines.append({"plan": dict(plan), "of": newest})
    return lzma.compress("".join(f"{canonical(line)}\n" for line in lines).encode(), preset=1)


def anchor(host: str, name: str) -> Anchor | None:
    """What the name of a part says; None when it says nothing."""
    match = _NAME.fullmatch(name)
    return Anchor(host, match[3], int(match[2])) if match else None


@dataclass(frozen=True)
class Held:
    """What hosts hold of one run."""

    records: Mapping[int, Record] = field(default_factory=dict[int, Record])
    graphs: Mapping[str, str] = field(default_factory=dict[str, str])
    plans: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """The documents of each revision's plan, by the digest of its graph."""

    @property
    def whole(self) -> tuple[Record, ...]:
        """The entries from the first up to the first gap."""
        found: list[Record] = []
        while (kept := self.records.get(len(found) + 1)) is not None:
            found.append(kept)
        return tuple(found)


class Contradiction(ValueError):
    """Two parts hold different entries for one place."""


def unpack(parts: Iterable[tuple[str, bytes]]) -> Held:
    """What parts hold together.

    Args:
        parts: names and bytes, from any host, in any order; the same one may come more than once.

    Raises:
        Contradiction: they do not belong to one journal.
        ValueError: one of them is damaged.
    """
    records: dict[int, Record] = {}
    graphs: dict[str, str] = {}
    plans: dict[str, Mapping[str, str]] = {}
    for _, body in parts:
        for line in _lines(body):
            value: Any = json.loads(line)
            if "seq" in value:
                kept = from_line(line)
                if records.setdefault(kept.seq, kept) != kept:
                    raise Contradiction(f"entry {kept.seq} is not the same everywhere")
            elif "graph" in value and digest_bytes(str(value["body"]).encode()) == value["graph"]:
                graphs[value["graph"]] = value["body"]
            elif "plan" in value and plans.setdefault(value["of"], value["plan"]) != value["plan"]:
                raise Contradiction("the plan's documents are not the same everywhere")
    return Held(records, graphs, plans)


def _lines(body: bytes) -> list[str]:
    try:
        return lzma.decompress(body).decode().splitlines()
    except (lzma.LZMAError, UnicodeDecodeError) as error:
        raise ValueError(f"a part is damaged: {error}") from error
