"""The state of a run: a fold over its journal's events. Pure; ``apply`` never changes what it was given."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from golive.journal.events import (
    AbortAsked,
    Amended,
    AttemptAllocated,
    AttemptEnded,
    AttemptLost,
    AttemptStarted,
    BackOutAsked,
    BackOutEnded,
    BackOutStarted,
    CoordinatorStarted,
    DecisionAsked,
    DecisionTaken,
    Do,
    Event,
    FailureAnswered,
    FailureAsked,
    Outcome,
    Recovered,
    RetryPlanned,
    RunEnded,
    RunStarted,
    Waived,
)
from golive.reconcile.failing import Failing, decided


class Status(StrEnum):
    """Where a step stands."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    INTERRUPTED = "interrupted"
    UNKNOWN = "unknown"
    UNDONE = "undone"
    RESIDUE = "residue"


_AFTER_DO: Mapping[Outcome, Status] = {
    Outcome.DONE: Status.DONE,
    Outcome.FAILED: Status.FAILED,
    Outcome.REFUSED: Status.REFUSED,
    Outcome.UNREACHABLE: Status.UNREACHABLE,
    Outcome.INTERRUPTED: Status.INTERRUPTED,
    Outcome.NEVER_BEGAN: Status.PENDING,
}
_AGAIN: Mapping[Outcome, Status] = {
    Outcome.INTERRUPTED: Status.INTERRUPTED,
    Outcome.NEVER_BEGAN: Status.INTERRUPTED,
    Outcome.UNREACHABLE: Status.UNREACHABLE,
}
"""How an inverse stands that is tried again; any other end but done is residue."""


@dataclass(frozen=True)
class Attempt:
    """One attempt as the journal tells it."""

    number: int
    step: str
    action: Do
    revision: int
    digest: str
    epoch: int
    lane: str
    started: bool = False
    lost: bool = False
    ended: AttemptEnded | None = None

    @property
    def open(self) -> bool:
        """Whether it is not known what became of it."""
        return self.ended is None


@dataclass(frozen=True)
class StepState:
    """One step as the journal tells it."""

    status: Status = Status.PENDING
    attempt: int | None = None
    """The latest attempt, or the latest question."""
    epoch: int = 0
    """The coordinator under which it got this status."""
    touched: bool = False
    """Whether it may have had an effect that was not taken back."""
    digest: str = ""
    """The step's digest when it was done."""
    revision: int = 1
    """The revision of the graph under which it was last done."""
    interruptions: int = 0
    note: str = ""
    failing: Failing | None = None
    """What was decided about its latest attempt, which failed."""
    retries: int = 0
    """How often in a row the plan's policy had it tried again."""

    @property
    def comes_again(self) -> bool:
        """Whether it is decided that it is run again although it failed."""
        return self.failing is not None and self.failing.comes_again


@dataclass(frozen=True)
class SiteState:
    """One site as the journal tells it."""

    backing_out: bool = False
    because: str = ""
    wanted: str = ""
    """Why a person wants it back on the old system; empty: nobody does."""
    ended: BackOutEnded | None = None


_NEW = StepState()
_NEW_SITE = SiteState()


@dataclass(frozen=True)
class State:
    """The run as the journal tells it."""

    started: RunStarted | None = None
    coordinator: CoordinatorStarted | None = None
    revision: int = 1
    graph: str = ""
    steps: Mapping[str, StepState] = field(default_factory=dict[str, StepState])
    attempts: Mapping[int, Attempt] = field(default_factory=dict[int, Attempt])
    questions: Mapping[str, DecisionAsked] = field(default_factory=dict[str, DecisionAsked])
    sites: Mapping[str, SiteState] = field(default_factory=dict[str, SiteState])
    abort: AbortAsked | None = None
    ended: RunEnded | None = None
    graphs: Mapping[int, str] = field(default_factory=dict[int, str])
    """The digest of each revision's graph."""
    used: int = 0
    """Numbers of attempts up to this one may be in use on hosts, although the journal has been lost since."""
    answers: Mapping[str, tuple[DecisionTaken, ...]] = field(default_factory=dict[str, tuple[DecisionTaken, ...]])
    """What was answered to the latest question of each step, in order."""
    waivers: tuple[Waived, ...] = ()
    drivers: Mapping[int, str] = field(default_factory=dict[int, str])
    """Who ran golive, by the epoch of the coordinator."""

    @property
    def epoch(self) -> int:
        """The epoch of the latest coordinator; 0 before the first."""
        return self.coordinator.epoch if self.coordinator else 0

    def step(self, name: str) -> StepState:
        """The state of a step."""
        return self.steps.get(name, _NEW)

    def site(self, name: str | None) -> SiteState:
        """The state of a site."""
        return self.sites.get(name or "", _NEW_SITE)

    @property
    def open_attempts(self) -> tuple[Attempt, ...]:
        """Attempts of which it is not known what became of them; one that a later attempt replaced does not count."""
        latest = (a for a in self.attempts.values() if a.open and self.step(a.step).attempt == a.number)
        return tuple(a for a in latest if self.step(a.step).status is not Status.SKIPPED)

    @property
    def next_attempt(self) -> int:
        """The number for the next attempt or question; numbers are never used twice in a run."""
        asked = (question.attempt for question in self.questions.values())
        return max((*self.attempts, *asked, self.used), default=0) + 1


def fold(events: Iterable[Event]) -> State:
    """The state after these events."""
    state = State()
    for event in events:
        state = apply(state, event)
    return state


def apply(state: State, event: Event) -> State:
    """The state after one more event."""
    match event:
        case RunStarted() | Amended() | CoordinatorStarted() | RunEnded():
            return _run(state, event)
        case AttemptAllocated():
            return _allocated(state, event)
        case AttemptStarted() | AttemptLost() | AttemptEnded():
            return _attempt(state, event)
        case DecisionAsked():
            return _asked(state, event)
        case DecisionTaken():
            return _decided(state, event)
        case BackOutStarted():
            return _with_site(state, event.site, SiteState(True, event.because))
        case BackOutEnded():
            return _with_site(state, event.site, replace(state.site(event.site), ended=event))
        case RetryPlanned() | FailureAsked() | FailureAnswered() | BackOutAsked() | AbortAsked():
            return _choice(state, event)
        case _:
            return _noted(state, event)


def _run(state: State, event: RunStarted | Amended | CoordinatorStarted | RunEnded) -> State:
    match event:
        case RunStarted():
            return replace(state, started=event, graph=event.graph, graphs={state.revision: event.graph})
        case Amended():
            graphs = {**state.graphs, event.revision: event.graph}
            return replace(state, revision=event.revision, graph=event.graph, graphs=graphs)
        case CoordinatorStarted():
            return replace(state, coordinator=event, drivers={**state.drivers, event.epoch: event.who})
        case RunEnded():
            return replace(state, ended=event)


def _noted(state: State, event: Event) -> State:
    match event:
        case Waived():
            return replace(state, waivers=(*state.waivers, event))
        case Recovered():
            return replace(state, used=event.attempts)
        case _:
            return state


def _choice(state: State, event: RetryPlanned | FailureAsked | FailureAnswered | BackOutAsked | AbortAsked) -> State:
    match event:
        case AbortAsked():
            return replace(state, abort=state.abort or event)
        case BackOutAsked():
            why = f"asked for by {event.who}" + (f": {event.reason}" if event.reason else "")
            return _with_site(state, event.site, replace(state.site(event.site), wanted=why))
        case _ if event.attempt != state.step(event.step).attempt:
            return state  # it came too late: the step was run again meanwhile
        case FailureAnswered(answer="skip"):
            note = f"{event.person}: {event.reason}"
            skipped = replace(state.step(event.step), status=Status.SKIPPED, digest=event.digest, note=note)
            return _with_step(state, event.step, replace(skipped, epoch=state.epoch, failing=None))
        case FailureAnswered(answer="retry") if state.step(event.step).status is Status.RESIDUE:
            return _reopened(state, event.step)
        case _:
            return _with_step(state, event.step, decided(state.step(event.step), event))


def _reopened(state: State, name: str) -> State:
    """An inverse that left residue is tried again: the back-out of its site, and the run, go on."""
    site = name.partition("/")[0]
    step = replace(state.step(name), status=Status.PENDING, interruptions=0, failing=None)
    state = _with_site(replace(state, ended=None), site, replace(state.site(site), ended=None))
    return _with_step(state, name, step)


def _with_step(state: State, name: str, step: StepState) -> State:
    return replace(state, steps={**state.steps, name: step})


def _with_site(state: State, name: str, site: SiteState) -> State:
    return replace(state, sites={**state.sites, name: site})


def _with_attempt(state: State, attempt: Attempt) -> State:
    return replace(state, attempts={**state.attempts, attempt.number: attempt})


def _allocated(state: State, event: AttemptAllocated) -> State:
    number, name = event.attempt, event.step
    attempt = Attempt(number, name, event.action, event.revision, event.digest, event.epoch, event.lane)
    held = state.step(name)
    before = state.attempts.get(held.attempt or 0)
    in_a_row = (
        before is not None and before.action is event.action and _counts_on(event.action, held.epoch, event.epoch)
    )
    tries = held.interruptions if in_a_row else 0
    retries = held.retries if held.epoch == event.epoch else 0
    held = replace(held, status=Status.RUNNING, attempt=number, epoch=event.epoch, interruptions=tries)
    held = replace(held, failing=None, retries=retries)
    return _with_step(_with_attempt(state, attempt), name, held)


def _counts_on(action: Do, epoch: int, now: int) -> bool:
    """A person who runs golive again gives a step its full number of tries; an inverse has them once."""
    return action is Do.UNDO or epoch == now


def _attempt(state: State, event: AttemptStarted | AttemptLost | AttemptEnded) -> State:
    attempt = state.attempts.get(event.attempt)
    if attempt is None or not attempt.open:
        return state
    step = state.step(attempt.step)
    match event:
        case AttemptStarted():
            attempt = replace(attempt, started=True)
        case AttemptLost():
            attempt = replace(attempt, lost=True)
            step = replace(step, status=Status.UNKNOWN, note=event.note, epoch=state.epoch, touched=True, failing=None)
            step = replace(step, revision=attempt.revision) if attempt.action is Do.DO else step
        case AttemptEnded():
            attempt = replace(attempt, ended=event, lost=False)
            step = _ended(step, attempt, event, state.epoch)
    held = state.step(attempt.step)  # of one that was skipped it does not matter any more what became of it
    replaced = held.attempt != attempt.number or held.status is Status.SKIPPED
    state = _with_attempt(state, attempt)
    return state if replaced else _with_step(state, attempt.step, step)


def _ended(step: StepState, attempt: Attempt, event: AttemptEnded, epoch: int) -> StepState:
    tries = step.interruptions if _counts_on(attempt.action, attempt.epoch, epoch) else 0
    step = replace(step, note=event.note, epoch=epoch, interruptions=_tries(tries, attempt, event.outcome, epoch))
    step = replace(step, failing=None)  # what was decided when its end was not known is decided anew
    if attempt.action is Do.UNDO:
        return _after_undo(step, event.outcome)
    status = _AFTER_DO[event.outcome]
    if event.outcome is Outcome.NEVER_BEGAN and step.interruptions >= MAX_INTERRUPTIONS:
        status = Status.UNREACHABLE
    if event.outcome is Outcome.NEVER_BEGAN or (event.outcome is Outcome.UNREACHABLE and not attempt.started):
        return replace(step, status=status)
    step = replace(step, status=status, touched=True, revision=attempt.revision)
    return replace(step, digest=attempt.digest) if status is Status.DONE else step


MAX_INTERRUPTIONS = 3
"""After so many tries in a row without an end of its own a step is not run again by itself."""


def _tries(before: int, attempt: Attempt, outcome: Outcome, epoch: int) -> int:
    """Tries in a row that came to no end of their own; one that golive's own end cut off before it began is none."""
    if outcome is Outcome.NEVER_BEGAN and attempt.epoch != epoch:
        return before
    counted = outcome is Outcome.INTERRUPTED or outcome is Outcome.NEVER_BEGAN
    counted = counted or (outcome is Outcome.UNREACHABLE and attempt.action is Do.UNDO)
    return before + 1 if counted else 0


def _after_undo(step: StepState, outcome: Outcome) -> StepState:
    if outcome in _AGAIN and step.interruptions < MAX_INTERRUPTIONS:
        return replace(step, status=_AGAIN[outcome])
    status = Status.UNDONE if outcome is Outcome.DONE else Status.RESIDUE
    return replace(step, status=status, touched=status is Status.RESIDUE)


def _asked(state: State, event: DecisionAsked) -> State:
    asked = replace(state.step(event.step), status=Status.WAITING, attempt=event.attempt, epoch=state.epoch)
    questions, answers = {**state.questions, event.step: event}, {**state.answers, event.step: ()}
    return _with_step(replace(state, questions=questions, answers=answers), event.step, asked)


_ANSWERED: Mapping[str, Status] = {
    "approve": Status.DONE,
    "do": Status.DONE,
    "sent": Status.DONE,
    "unsent": Status.PENDING,
    "cannot": Status.FAILED,
}
"""How a step stands after an answer; any other word refuses."""


def _decided(state: State, event: DecisionTaken) -> State:
    asked = state.questions.get(event.step)
    if asked is None or asked.attempt != event.attempt or state.step(event.step).status is not Status.WAITING:
        return state  # the first answer counts
    given = (*state.answers.get(event.step, ()), event)
    state = replace(state, answers={**state.answers, event.step: given})
    status = _ANSWERED.get(event.verb, Status.REFUSED)
    people = dict.fromkeys(one.person for one in given)
    if status is Status.DONE and len(people) < asked.persons:
        return state  # another person has to say the same
    said = " and ".join(people) if status is Status.DONE else event.person
    step = replace(
        state.step(event.step),
        status=status,
        note=f"{said}: {event.reason}" if event.reason else said,
        epoch=state.epoch,
        digest=asked.covers or asked.scope,
    )
    return _with_step(state, event.step, step)
