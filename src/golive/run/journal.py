"""The journal of one run as a coordinator or a reader holds it: the state, kept up with what anybody appends."""

from collections.abc import Callable
from datetime import datetime
from functools import reduce

from golive.errors import EpochRefused, JournalError
from golive.journal.chain import GENESIS
from golive.journal.events import CoordinatorStarted, Entry, Event
from golive.reconcile.fold import apply
from golive.reconcile.state import State
from golive.run.store import Store

Observer = Callable[[Entry, State], None]


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
        """Appends an event.

        Args:
            event: the event.
            epoch: the coordinator's own epoch; the event is refused when another coordinator has begun since.
            still: called under the lock with the state as it is then; it raises to refuse.

        Raises EpochRefused and JournalError.
        """

        def allowed(others: tuple[Entry, ...]) -> None:
            began = [entry.event for entry in others if isinstance(entry.event, CoordinatorStarted)]
            now = began[-1] if began else self.state.coordinator
            if epoch is not None and now is not None and now.epoch > epoch:
                said = f"{now.who} on {now.machine} (process {now.pid}) has taken this run over"
                raise EpochRefused(said, "watch it there, or with: golive status")
            if still is not None:
                still(reduce(lambda state, entry: apply(state, entry.event), others, self.state))

        self._take(self.store.append(self.run, event, self.seq, allowed))
        return self.state

    def _take(self, entries: tuple[Entry, ...]) -> None:
        for entry in entries:
            if (entry.seq, entry.previous) != (self.seq + 1, self.head):
                said = f"the journal of {self.run} was changed: entry {entry.seq} does not follow entry {self.seq}"
                raise JournalError(said, "see where with: golive journal verify")
            self.began = self.began or datetime.fromisoformat(entry.at)
            self.state = apply(self.state, entry.event)
            self.token = self.token or entry.hash[:8]
            self.seq, self.head = entry.seq, entry.hash
            for observer in self._observers:
                observer(entry, self.state)
