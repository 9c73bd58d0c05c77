"""The fold over a journal's events that gives the state of its run. Pure; ``apply`` never changes what it was given."""

from collections.abc import Iterable, Mapping
from functools import reduce

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
    CoordinatorStopped,
    DecisionAsked,
    DecisionTaken,
    Do,
    Event,
    FailureAnswered,
    FailureAsked,
    Outcome,
    Recovered,
    RetryPlanned,
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
from golive.reconcile.failing import decided
from golive.reconcile.state import (
    FAILURES,
    MAX_INTERRUPTIONS,
    Attempt,
    Mark,
    SiteState,
    State,
    Status,
    StepState,
    UnitState,
    changed,
    part,
    worn_out,
)

_AFTER_DO: Mapping[Outcome, Status] = {
    Outcome.DONE: Status.DONE,
    Outcome.FAILED: Status.FAILED,
    Outcome.REFUSED: Status.REFUSED,
    Outcome.UNREACHABLE: Status.UNREACHABLE,
    Outcome.INTERRUPTED: Status.INTERRUPTED,
    Outcome.NEVER_BEGAN: Status.PENDING,
}
_ANEW = FAILURES | {Status.RESIDUE}
_AGAIN: Mapping[Outcome, Status] = {
    Outcome.INTERRUPTED: Status.INTERRUPTED,
    Outcome.NEVER_BEGAN: Status.INTERRUPTED,
    Outcome.UNREACHABLE: Status.UNREACHABLE,
}
"""How an inverse stands that is tried again; any other end but done is residue."""


def fold(events: Iterable[Event]) -> State:
    """The state after these events."""
    state = State()
    for event in events:
        state = apply(state, event)
    return state


def apply(state: State, event: Event) -> State:
    """The state after one more event."""
    after = _apply(state, event)
    if isinstance(event, AttemptAllocated | AttemptStarted | AttemptEnded | AttemptLost):
        if (attempt := after.attempts.get(event.attempt)) is None:
            return after
        return changed(after, marks={**after.marks, part(attempt.step): Mark()})
    return changed(after, mark=Mark())


def _apply(state: State, event: Event) -> State:
    match event:
        case RunStarted() | Amended() | CoordinatorStarted() | CoordinatorStopped() | RunEnded():
            return _run(state, event)
        case AttemptAllocated():
            return _allocated(state, event)
        case AttemptStarted() | AttemptLost() | AttemptEnded():
            return _attempt(state, event)
        case DecisionAsked():
            return _asked(state, event)
        case DecisionTaken():
            return _decided(state, event)
        case BackOutStarted() | BackOutEnded():
            return _back_out(state, event)
        case RetryPlanned() | FailureAsked() | FailureAnswered() | BackOutAsked() | AbortAsked():
            return _choice(state, event)
        case RollForwardAsked():
            return _rolled_forward(state, event.site)
        case UnitWithdrawn() | UnitReturned() | SoakStarted() | RolloutHalted() | RolloutResumed():
            return _rollout(state, event)
        case _:
            return _noted(state, event)


def _run(state: State, event: RunStarted | Amended | CoordinatorStarted | CoordinatorStopped | RunEnded) -> State:
    match event:
        case RunStarted():
            graphs = {state.revision: event.graph}
            begun = changed(state, started=event, graph=event.graph, graphs=graphs, plan=event.plan)
            return changed(begun, golive=event.golive)
        case Amended():
            graphs = {**state.graphs, event.revision: event.graph}
            amended = changed(state, revision=event.revision, graph=event.graph, graphs=graphs, plan=event.plan)
            return changed(amended, golive=event.golive, unheard=())  # what was refused is another plan
        case CoordinatorStarted():
            begun = changed(state, coordinator=event, drivers={**state.drivers, event.epoch: event.who})
            return reduce(_heard_under, state.unheard, begun)
        case CoordinatorStopped():
            return changed(state, unheard=())
        case RunEnded():
            return changed(state, ended=event)


def _heard_under(state: State, name: str) -> State:
    """A refusal that no coordinator has told anybody of is one under the coordinator that has just begun."""
    step = state.step(name)
    fresh = step.status in FAILURES and step.failing is None
    return _with_step(state, name, changed(step, epoch=state.epoch)) if fresh else state


def _back_out(state: State, event: BackOutStarted | BackOutEnded) -> State:
    if isinstance(event, BackOutStarted):
        return _with_site(state, event.site, SiteState(True, event.because))
    return _with_site(state, event.site, changed(state.site(event.site), ended=event))


def _unit(state: State, event: UnitWithdrawn | UnitReturned) -> State:
    name = (event.site, event.unit)
    if isinstance(event, UnitWithdrawn):
        unit = UnitState(event.because, state.epoch)
    else:
        unit = changed(state.units.get(name, UnitState("", 0)), epoch=state.epoch, ended=event)
    return changed(state, units={**state.units, name: unit})


def _rollout(state: State, event: UnitWithdrawn | UnitReturned | SoakStarted | RolloutHalted | RolloutResumed) -> State:
    if isinstance(event, UnitWithdrawn | UnitReturned):
        return _unit(state, event)
    if isinstance(event, SoakStarted):
        return changed(state, soaks={**state.soaks, event.wave: event.at})
    return changed(state, halted=event if isinstance(event, RolloutHalted) else None)


def _noted(state: State, event: Event) -> State:
    match event:
        case Waived():
            return changed(state, waivers=(*state.waivers, event))
        case Recovered():
            return changed(state, used=event.attempts)
        case _:
            return state


def _choice(state: State, event: RetryPlanned | FailureAsked | FailureAnswered | BackOutAsked | AbortAsked) -> State:
    match event:
        case AbortAsked():
            return changed(state, abort=state.abort or event)
        case BackOutAsked():
            why = f"asked for by {event.who}" + (f": {event.reason}" if event.reason else "")
            return _with_site(state, event.site, changed(state.site(event.site), wanted=why))
        case _ if event.attempt != state.step(event.step).attempt:
            return state  # it came too late: the step was run again meanwhile
        case FailureAnswered(answer="skip"):
            note = f"{event.person}: {event.reason}"
            skipped = changed(state.step(event.step), status=Status.SKIPPED, digest=event.digest, note=note)
            return _with_step(state, event.step, changed(skipped, epoch=state.epoch, failing=None))
        case FailureAnswered(answer="retry") if _back_with_residue(state, event.step):
            return _reopened(state, event.step)
        case _:
            return _with_step(state, event.step, decided(state.step(event.step), event))


def _back_with_residue(state: State, name: str) -> bool:
    return state.step(name).status is Status.RESIDUE and state.site(part(name)).backing_out


def _reopened(state: State, name: str) -> State:
    """An inverse that left residue is tried again: the back-out of its site, and the run, go on."""
    site = part(name)
    step = changed(state.step(name), status=Status.PENDING, interruptions=0, failing=None)
    state = _with_site(changed(state, ended=None), site, changed(state.site(site), ended=None))
    return _with_step(state, name, step)


def _rolled_forward(state: State, site: str) -> State:
    """The site goes on: what failed there, forth or back, is done or asked again, and nothing is wanted back."""
    state = _with_site(state, site, SiteState())
    for name, held in state.steps.items():
        latest = state.attempts.get(held.attempt or 0)
        open_ = latest is not None and latest.open  # what became of it is found out first
        if part(name) == site and not open_ and (held.status in _ANEW or worn_out(held)):
            status = Status.INTERRUPTED if _cut_off(state, name) else Status.PENDING
            again = changed(held, status=status, interruptions=0, retries=0, failing=None)
            state = _with_step(state, name, again)
    return state


def _cut_off(state: State, name: str) -> bool:
    """Whether nobody knows how far a step got: one that is never run again is not run again now."""
    tried = (state.attempts[number] for number in reversed(state.numbers.get(name, ())))
    ends = (one.ended.outcome for one in tried if one.action is Do.DO and one.ended)
    return next((end for end in ends if end is not Outcome.NEVER_BEGAN), None) is Outcome.INTERRUPTED


def _with_step(state: State, name: str, step: StepState) -> State:
    before = state.step(name).attempt
    bad = step.status in FAILURES or worn_out(step)
    spoiled = step.status not in (Status.DONE, Status.SKIPPED) and (step.spoiled or bad)
    step = changed(step, spoiled=spoiled, exposed=step.exposed or step.touched)
    opened = state.open_numbers
    if before != step.attempt or step.status is Status.SKIPPED:  # something else took its place
        opened = opened - {before}
    return changed(state, steps={**state.steps, name: step}, open_numbers=opened)


def _with_site(state: State, name: str, site: SiteState) -> State:
    return changed(state, sites={**state.sites, name: site})


def _with_attempt(state: State, attempt: Attempt) -> State:
    opened, numbers = state.open_numbers, state.numbers
    if not attempt.open:
        opened = opened - {attempt.number}
    elif attempt.number not in state.attempts:
        opened = opened | {attempt.number}
        numbers = {**numbers, attempt.step: (*numbers.get(attempt.step, ()), attempt.number)}
    attempts = {**state.attempts, attempt.number: attempt}
    last = max(state.last, attempt.number)
    return changed(state, attempts=attempts, open_numbers=opened, numbers=numbers, last=last)


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
    held = changed(held, status=Status.RUNNING, attempt=number, epoch=event.epoch, interruptions=tries)
    held = changed(held, failing=None, retries=retries)
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
            attempt = changed(attempt, started=True)
        case AttemptLost():
            attempt = changed(attempt, lost=True)
            step = changed(step, status=Status.UNKNOWN, note=event.note, epoch=state.epoch, touched=True, failing=None)
            step = changed(step, revision=attempt.revision) if attempt.action is Do.DO else step
        case AttemptEnded():
            attempt = changed(attempt, ended=event, lost=False)
            step = _ended(step, attempt, event, state.epoch)
    held = state.step(attempt.step)  # of one that was skipped it does not matter any more what became of it
    replaced = held.attempt != attempt.number or held.status is Status.SKIPPED
    state = _with_attempt(state, attempt)
    return state if replaced else _with_step(state, attempt.step, step)


def _ended(step: StepState, attempt: Attempt, event: AttemptEnded, epoch: int) -> StepState:
    tries = step.interruptions if _counts_on(attempt.action, attempt.epoch, epoch) else 0
    step = changed(step, note=event.note, epoch=epoch, interruptions=_tries(tries, attempt, event.outcome, epoch))
    step = changed(step, failing=None)  # what was decided when its end was not known is decided anew
    if attempt.action is Do.UNDO:
        return _after_undo(step, event.outcome)
    status = _AFTER_DO[event.outcome]
    if event.outcome is Outcome.NEVER_BEGAN and step.interruptions >= MAX_INTERRUPTIONS:
        status = Status.UNREACHABLE
    if event.outcome is Outcome.NEVER_BEGAN or (event.outcome is Outcome.UNREACHABLE and not attempt.started):
        return changed(step, status=status)
    step = changed(step, status=status, touched=True, revision=attempt.revision)
    return changed(step, digest=attempt.digest) if status is Status.DONE else step


def _tries(before: int, attempt: Attempt, outcome: Outcome, epoch: int) -> int:
    """Tries in a row that came to no end of their own; one that golive's own end cut off before it began is none."""
    if outcome is Outcome.NEVER_BEGAN and attempt.epoch != epoch:
        return before
    counted = outcome is Outcome.INTERRUPTED or outcome is Outcome.NEVER_BEGAN
    counted = counted or (outcome is Outcome.UNREACHABLE and attempt.action is Do.UNDO)
    return before + 1 if counted else 0


def _after_undo(step: StepState, outcome: Outcome) -> StepState:
    if outcome in _AGAIN and step.interruptions < MAX_INTERRUPTIONS:
        return changed(step, status=_AGAIN[outcome])
    status = Status.UNDONE if outcome is Outcome.DONE else Status.RESIDUE
    return changed(step, status=status, touched=status is Status.RESIDUE)


def _asked(state: State, event: DecisionAsked) -> State:
    asked = changed(state.step(event.step), status=Status.WAITING, attempt=event.attempt, epoch=state.epoch)
    asked = changed(asked, failing=None)
    questions, answers = {**state.questions, event.step: event}, {**state.answers, event.step: ()}
    state = changed(state, questions=questions, answers=answers, last=max(state.last, event.attempt))
    return _with_step(state, event.step, asked)


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
    state = changed(state, answers={**state.answers, event.step: given})
    status = _ANSWERED.get(event.verb, Status.REFUSED)
    state = changed(state, unheard=(*state.unheard, event.step)) if status in FAILURES else state
    people = dict.fromkeys(one.person for one in given)
    if status is Status.DONE and len(people) < asked.persons:
        return state  # another person has to say the same
    said = " and ".join(people) if status is Status.DONE else event.person
    step = changed(
        state.step(event.step),
        status=status,
        note=f"{said}: {event.reason}" if event.reason else said,
        epoch=state.epoch,
        digest=asked.covers or asked.scope,
    )
    return _with_step(state, event.step, step)
