"""What the client has seen, and what follows from it. Pure but for reading the log."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path


@dataclass(frozen=True)
class Request:
    """One request: its sort, the id that it wrote, when it began and ended in UTC epoch seconds, what was answered.

    ``own`` is how long the work itself takes on purpose; ``status`` is 0 when there was no answer.
    """

    kind: str
    id: str
    began: float
    ended: float
    status: int
    by: str = ""
    own: float = 0.0
    error: str = ""

    @property
    def good(self) -> bool:
        """Whether the user got what was asked for."""
        return 200 <= self.status < 300

    @property
    def waited(self) -> float:
        """Seconds that the user waited beyond the work's own time."""
        return max(0.0, self.ended - self.began - self.own)

    def as_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))


def read(path: Path) -> Sequence[Request]:
    """All requests of a log, in order of their ends."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return sorted((Request(**json.loads(line)) for line in lines), key=lambda one: one.ended)


@dataclass(frozen=True)
class Verdict:
    """What became of the writes and of the users."""

    requests: int
    acknowledged: int
    lost: Sequence[str]
    """Ids that were acknowledged and are not in the database that serves at the end."""
    failed: Sequence[Request]
    longest: float
    """The longest wait of a single request, in seconds."""
    gap: float
    """The longest time in which no write was acknowledged, in seconds."""
    p99: float
    """Of the waits of writes, in seconds."""

    @property
    def stall(self) -> float:
        """How long users stood, at the worst: waiting for one answer, or seeing none succeed."""
        return max(self.longest, self.gap)


def judge(
    requests: Iterable[Request], there: Iterable[str], since: float = 0.0, until: float = float("inf")
) -> Verdict:
    """The verdict.

    Args:
        requests: what the client has seen.
        there: the ids in the database that serves at the end.
        since: leave out what ended before, in UTC epoch seconds; likewise
        until: what began after. Writes count as lost whenever they were acknowledged.
    """
    everything = sorted(requests, key=lambda one: one.ended)
    present = set(there)
    lost = [one.id for one in everything if one.good and one.id and one.id not in present]
    some = [one for one in everything if one.ended >= since and one.began <= until]
    acknowledged = [one for one in some if one.good and one.id]
    waits = sorted(one.waited for one in some if one.kind == "write")
    return Verdict(
        requests=len(some),
        acknowledged=len(acknowledged),
        lost=lost,
        failed=[one for one in some if not one.good],
        longest=max((one.waited for one in some), default=0.0),
        gap=max((later.ended - one.ended for one, later in pairwise(acknowledged)), default=0.0),
        p99=waits[min(len(waits) - 1, len(waits) * 99 // 100)] if waits else 0.0,
    )
