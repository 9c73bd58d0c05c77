"""The journal of one run as a coordinator or a reader holds it: the state, kept up with what anybody appends."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import reduce

from golive.errors import EpochRefused, JournalError
from golive.journal.chain import GENESIS
from golive.journal.events import CoordinatorStarted, Entry, Event
from golive.reconcile.fold import apply
from golive.reconcile.state import State
from golive.run.store import Store

Observer = Callable[[Entry, State], None]


def driver(journal: "Journal") -> str:
    """Who drives a run, for a person."""
    who = journal.refresh().coordinator
    return f"{who.who} on {who.machine} (process {who.pid})" if who else "somebody who has just begun"


class Journal:
    """One run's journal. ``observe`` functions are called with each entry, in order, and the state after it."""

    def __init__(self, store: Store, run: str) -> None:
        self.store, self.run = store, run
        self.state = State()
        self.seq, self.head = 0, GENESIS
        self.token = ""
        """Tells the run from one of the same name in a copied folder: the beginning of its first entry's hash."""
        self.began: datetime | None = None
        self._observers: list[Observer] = []
        self.refresh()

    def observe(self, observer: Observer) -> None:
        """Adds an observer for entries to come."""
        self._observers.append(observer)

    def refresh(self) -> State:
        """Takes in what other processes appended."""
        self._take(self.store.entries(self.run, self.seq))
        return self.state

    def append(self, event: Event, epoch: int | None = None, still: Callable[[State], object] | None = None) -> State:
        """Appends an event. See ``extend``."""
        return self.extend((event,), epoch, still)

    def extend(
        self, events: Sequence[Event], epoch: int | None = None, still: Callable[[State], object] | None = None
    ) -> State:
        """Appends events, all or none.

        Args:
            events: the events.
            epoch: the coordinator's own epoch; they are refused when another coordinator has begun since.
            still: called under the lock with the state as it is then; it raises to refuse.

        Raises EpochRefused and JournalError.
        """

        self._take(self._put(events, epoch, still)())
        return self.state

    async def extend_aside(
        self, events: Sequence[Event], epoch: int | None = None, still: Callable[[State], object] | None = None
    ) -> State:
        """As ``extend``, while others go on."""
        self._take(await asyncio.to_thread(self._put(events, epoch, still)))
        return self.state

    async def write(
        self, event: Event, epoch: int | None = None, still: Callable[[State], object] | None = None
    ) -> None:
        """As ``append``, for those to whom it is all the same how long that takes."""
        self.append(event, epoch, still)

    def _put(
        self, events: Sequence[Event], epoch: int | None, still: Callable[[State], object] | None
    ) -> Callable[[], tuple[Entry, ...]]:
        """What writes the events, and touches nothing of this journal: it may run in another thread."""
        known, after = self.state, (self.seq, self.head)

        def allowed(others: tuple[Entry, ...]) -> None:
            began = [entry.event for entry in others if isinstance(entry.event, CoordinatorStarted)]
            now = began[-1] if began else known.coordinator
            if epoch is not None and now is not None and now.epoch > epoch:
                said = f"{now.who} on {now.machine} (process {now.pid}) has taken this run over"
                raise EpochRefused(said, "watch it there, or with: golive status")
            if still is not None:
                still(reduce(lambda state, entry: apply(state, entry.event), others, known))

        return lambda: self.store.append(self.run, events, after, allowed)

    def _take(self, entries: tuple[Entry, ...]) -> None:
        for entry in entries:
            if entry.seq <= self.seq:
                continue  # taken in while another thread was writing
            if (entry.seq, entry.previous) != (self.seq + 1, self.head):
                said = f"the journal of {self.run} was changed: entry {entry.seq} does not follow entry {self.seq}"
                raise JournalError(said, "see where with: golive journal verify")
            self.began = self.began or datetime.fromisoformat(entry.at)
            self.state = apply(self.state, entry.event)
            self.token = self.token or entry.hash[:8]
            self.seq, self.head = entry.seq, entry.hash
            for observer in self._observers:
                observer(entry, self.state)
