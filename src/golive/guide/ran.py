"""A run as the guide tells it: what became of each step, when, by whom, and where that differs from the plan. Pure.

1. Times are those of the journal; how long a step took is what its executor measured.
2. A time differs when it is off by more than half, and by more than ten seconds. People are not timed, but for late
   answers.
3. What happened is told without attempts that went well: these stand at their steps.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from golive.graph.graph import Graph
from golive.graph.step import Step
from golive.graph.words import span
from golive.journal.events import (
    AbortAsked,
    Amended,
    AttemptAllocated,
    AttemptEnded,
    AttemptStarted,
    BackOutAsked,
    BackOutEnded,
    BackOutStarted,
    CoordinatorStarted,
    DecisionAsked,
    DecisionTaken,
    Do,
    Entry,
    Event,
    FailureAnswered,
    Outcome,
    Recovered,
    RollForwardAsked,
    RolloutHalted,
    RolloutResumed,
    RunEnded,
    RunStarted,
    SoakStarted,
    UnitReturned,
    UnitWithdrawn,
    Waived,
)
from golive.reconcile.standing import is_done
from golive.reconcile.state import State, Status
from golive.words import several

SLACK = 10.0
"""Seconds by which a time may be off without being told."""


@dataclass(frozen=True)
class Ran:
    """What became of a step."""

    status: Status = Status.PENDING
    began: datetime | None = None
    ended: datetime | None = None
    seconds: float | None = None
    who: str = ""
    """Who ran golive for it, or the person who answered."""
    notes: tuple[str, ...] = ()
    """Where it differs from the plan, in sentences."""


@dataclass(frozen=True)
class Happening:
    """Something that happened in a run beside steps that went well."""

    at: datetime
    said: str
    who: str = ""
    step: str = ""


@dataclass(frozen=True)
class Answer:
    """What a person signed."""

    at: datetime
    step: str
    person: str
    verb: str
    reason: str
    attached: tuple[str, ...] = ()


@dataclass(frozen=True)
class AsRun:
    """A run."""

    run: str
    graph: str
    """Digest of the graph that it has now."""
    planned: str
    """Digest of the graph of the plan as it is now."""
    head: str
    """Head of the journal's chain."""
    revisions: int = 1
    began: datetime | None = None
    ended: datetime | None = None
    exit: int | None = None
    drivers: tuple[str, ...] = ()
    steps: Mapping[str, Ran] = field(default_factory=dict[str, Ran])
    answers: tuple[Answer, ...] = ()
    happened: tuple[Happening, ...] = ()

    def of(self, step: str) -> Ran:
        """What became of a step."""
        return self.steps.get(step, Ran())


def as_run(run: str, graph: Graph, state: State, entries: Sequence[Entry], planned: str) -> AsRun:
    """A run as its journal tells it.

    Args:
        run: its name.
        graph: its graph, as it is now.
        state: the fold of its journal.
        entries: its journal.
        planned: the digest of the graph that the plan gives now.
    """
    reader = _Reader()
    for entry in entries:
        reader.see(datetime.fromisoformat(entry.at), entry.event)
    return AsRun(
        run=run,
        graph=graph.digest,
        planned=planned,
        head=entries[-1].hash if entries else "",
        revisions=state.revision,
        began=reader.first,
        ended=reader.last if state.ended else None,
        exit=state.ended.exit if state.ended else None,
        drivers=tuple(dict.fromkeys(state.drivers.values())),
        steps={step.id: reader.ran(step, graph, state) for step in graph.steps},
        answers=tuple(reader.answers),
        happened=tuple(reader.happened),
    )


@dataclass
class _Seen:
    """What the journal says of one step."""

    began: datetime | None = None
    ended: datetime | None = None
    seconds: float | None = None
    who: str = ""
    tries: int = 0
    due: str = ""
    causes: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])


class _Reader:
    """Reads a journal entry by entry."""

    def __init__(self) -> None:
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.answers: list[Answer] = []
        self.happened: list[Happening] = []
        self._seen: dict[str, _Seen] = {}
        self._doing: dict[int, tuple[str, Do]] = {}
        self._drivers: dict[int, str] = {}

    def see(self, at: datetime, event: Event) -> None:
        """Takes an entry in."""
        self.first, self.last = self.first or at, at
        match event:
            case CoordinatorStarted():
                self._drivers[event.epoch] = event.who
            case AttemptAllocated():
                self._allocated(event)
            case AttemptStarted() | AttemptEnded() if event.attempt in self._doing:
                self._attempt(at, event, *self._doing[event.attempt])
            case DecisionAsked():
                seen = self._of(event.step)
                seen.began, seen.due = at, event.due
            case DecisionTaken():
                self._answered(at, event)
            case FailureAnswered() | Waived():
                self._of(event.step).notes.append(_sentence(event)[0])
            case _:
                pass
        said, who, step = _sentence(event)
        if isinstance(event, AttemptEnded) and event.outcome is not Outcome.DONE and event.attempt in self._doing:
            step = self._doing[event.attempt][0]
            said = f"{step}: {event.outcome}{f', {event.note}' if event.note else ''}"
        if said:
            self.happened.append(Happening(at, said, who, step))

    def _of(self, step: str) -> _Seen:
        return self._seen.setdefault(step, _Seen())

    def _allocated(self, event: AttemptAllocated) -> None:
        self._doing[event.attempt] = (event.step, event.action)
        if event.action is Do.DO:
            seen = self._of(event.step)
            seen.tries += 1
            seen.who = self._drivers.get(event.epoch, "")

    def _attempt(self, at: datetime, event: AttemptStarted | AttemptEnded, step: str, action: Do) -> None:
        seen = self._of(step)
        if action is Do.UNDO:
            if isinstance(event, AttemptEnded):
                seen.notes.append(f"taken back: {event.outcome}, {at:%Y-%m-%d %H:%M} UTC")
        elif isinstance(event, AttemptStarted):
            seen.began = at
        else:
            seen.ended, seen.seconds = at, event.seconds
            seen.began = seen.began or at - timedelta(seconds=event.seconds)
            if event.outcome is not Outcome.DONE:
                seen.causes.append(f"{event.outcome}{f': {event.note}' if event.note else ''}")

    def _answered(self, at: datetime, event: DecisionTaken) -> None:
        seen = self._of(event.step)
        seen.ended, seen.who = at, event.person
        self.answers.append(Answer(at, event.step, event.person, event.verb, event.reason, tuple(event.attached)))
        if seen.due and at > datetime.fromisoformat(seen.due):
            seen.notes.append(f"answered {span((at - datetime.fromisoformat(seen.due)).total_seconds())} late")

    def ran(self, step: Step, graph: Graph, state: State) -> Ran:
        """What became of a step."""
        seen, status = self._seen.get(step.id, _Seen()), state.step(step.id).status
        stale = status is Status.DONE and not is_done(step, graph, state)
        notes = tuple(_notes(step, seen, status, stale))
        return Ran(status, seen.began, seen.ended, seen.seconds, seen.who, notes)


def _notes(step: Step, seen: _Seen, status: Status, stale: bool) -> Iterator[str]:
    if status is Status.DONE and seen.tries > 1:
        yield f"tried {seen.tries} times; before, it was {'; '.join(dict.fromkeys(seen.causes)) or 'cut off'}"
    elif status is not Status.DONE and seen.causes:
        yield seen.causes[-1]
    if stale:
        yield "done under an earlier revision of the plan"
    by_people = step.do.kind in ("person", "decision")
    if seen.seconds is not None and not by_people and off(seen.seconds, step.planned):
        yield f"took {span(seen.seconds)} instead of {span(step.planned)}"
    yield from seen.notes


def off(took: float, planned: float) -> bool:
    """Whether a time differs from the planned one so much that it is told."""
    return abs(took - planned) > SLACK and not planned / 2 <= took <= planned * 1.5


def _sentence(event: Event) -> tuple[str, str, str]:
    """What an event says, who did it, and the step that it is about; empty: it goes without saying."""
    match event:
        case RunStarted():
            return f"The run {event.run} begins with golive {event.golive}.", event.who, ""
        case CoordinatorStarted() if event.epoch > 1:
            return f"golive is started again on {event.machine}.", event.who, ""
        case Amended():
            return f"The plan is changed: revision {event.revision}.", event.who, ""
        case Recovered():
            return f"The run is rebuilt from {several(len(event.hosts), 'host')}.", event.who, ""
        case DecisionTaken() if event.verb in ("refuse", "cannot", "unsent"):
            return f"{event.step}: {event.verb}{f', {event.reason}' if event.reason else ''}", event.person, event.step
        case FailureAnswered():
            because = f": {event.reason}" if event.reason else ""
            return f"answer to the failure: {event.answer}{because}", event.person or event.who, event.step
        case Waived():
            return f"{event.rule} waived: {event.reason}", event.person, event.step
        case RunEnded():
            return f"The run ends with exit code {event.exit}.", "", ""
        case _:
            return (*_of_rollout(event), "")


def _of_rollout(event: Event) -> tuple[str, str]:
    match event:
        case BackOutAsked() | AbortAsked():
            what = (
                f"{event.site} is asked back" if isinstance(event, BackOutAsked) else "The end of the run is asked for"
            )
            return f"{what}: {event.reason or 'no reason is given'}", event.who
        case RollForwardAsked():
            return f"{event.site} goes on with the new system, its way back is given up: {event.reason}", event.who
        case BackOutStarted() | UnitWithdrawn():
            what = event.site if isinstance(event, BackOutStarted) else f"{event.site}, the unit {event.unit}"
            return f"{what} goes back: {event.because}", ""
        case BackOutEnded() | UnitReturned():
            left = f"with residue: {', '.join(event.residue)}" if event.residue else "clean"
            return f"{event.site} is back, {left}.", ""
        case SoakStarted():
            return f"The wave {event.wave} is live.", ""
        case RolloutHalted():
            return f"The rollout halts: {', '.join(event.sites)} failed, the budget is {event.budget}.", ""
        case RolloutResumed():
            return "The rollout goes on.", ""
        case _:
            return "", ""
