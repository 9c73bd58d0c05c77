"""A pure loop around ``next_steps`` and ``apply``: it carries moves out as it likes, dies when it likes, and watches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from laws import LawBroken, Truth
from random_graphs import DAY, amended

from golive.graph.graph import Graph
from golive.graph.step import Stage
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
    Outcome,
    RetryPlanned,
    RollForwardAsked,
    RolloutHalted,
    RolloutResumed,
    RunStarted,
    SoakStarted,
    UnitReturned,
    UnitWithdrawn,
)
from golive.reconcile.fold import apply
from golive.reconcile.moves import Ask, BackOut, EndBackOut, EndWithdraw, Move, Resolve, Retry, Run, Withdraw
from golive.reconcile.next import course, next_retry, next_steps
from golive.reconcile.standing import at_a_dead_end, has_failed, past_no_return, scope_digest, withdrawn
from golive.reconcile.state import Attempt, State
from golive.reconcile.waves import Halt, Resume, Soak
from golive.run.reversal import done_graph

Planner = Callable[[Graph, State, datetime, Stage | None, Graph], Sequence[Move]]
Ends = Callable[[Attempt], Outcome | None]
"""How an attempt ends; None: it is lost for now."""

NO_EFFECT = (Outcome.UNREACHABLE, Outcome.NEVER_BEGAN)


@dataclass
class World:
    """A run of one graph. ``planner`` is what is under test."""

    graph: Graph
    random: Random
    planner: Planner = next_steps
    state: State = field(default_factory=State)
    events: list[Event] = field(default_factory=list[Event])
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    approves: float = 0.8
    crashes: float = 0.0
    starts: float = 0.8
    """How likely it is that the journal has the start of an attempt before its end."""

    def __post_init__(self) -> None:
        self.truth = Truth(self.graph)
        self.revisions = {1: self.graph}
        self.meddling = 0.0
        self.emit(RunStarted("notes-1", "p", self.graph.digest, "me", "here", "1"))

    def emit(self, event: Event) -> None:
        self.truth.see(event)
        self.events.append(event)
        self.state = apply(self.state, event)

    def amend(self, name: str) -> None:
        """The inputs of a step change."""
        revision = self.state.revision + 1
        self.graph = self.truth.graph = self.revisions[revision] = amended(self.graph, name, revision)
        self.emit(Amended(revision, self.graph.digest, "me", "here"))

    def coordinate(self, ends: Ends) -> bool:
        """One coordinator, to its end. False when it died on the way. Raises LawBroken, also when it does not end."""
        self.emit(CoordinatorStarted(self.state.epoch + 1, "me", "me", "here", 1, "1"))
        flying: dict[int, bool] = {}
        self._jumps = 3
        for _ in range(60 * (len(self.graph.steps) + 1)):
            self._meddle()
            moves = self._planned()
            for move in moves:
                self._make(move, flying)
            if any(not isinstance(move, Run | Resolve) for move in moves):
                continue
            if self.random.random() < self.crashes:
                return False
            if self._people():
                continue
            if not flying and (wakes := self._wakes()):
                self.now = wakes
            elif not flying:
                self.truth.at_rest()
                self.emit(CoordinatorStopped(self.state.epoch, "here"))
                return True
            else:
                self._go_on(flying, ends)
        raise LawBroken("a coordinator does not come to an end")

    def _planned(self) -> Sequence[Move]:
        done = done_graph(self.graph, self.state, lambda number: self.revisions[number])
        return self.planner(self.graph, self.state, self.now, None, done)

    def _wakes(self) -> datetime | None:
        """When the time alone changes what may be done."""
        if self.state.abort:
            return None
        times = (next_retry(self.graph, self.state, self.now), course(self.graph, self.state, self.now).wakes)
        return min((at for at in times if at), default=None)

    def _meddle(self) -> None:
        """Perhaps somebody decides something: the commands refuse what would be senseless, and so does this."""
        if self.random.random() >= self.meddling or self.state.abort:
            return
        bad = [one for one in self.graph.steps if has_failed(one, self.state) and not withdrawn(one, self.state)]
        stuck = [one for one in self.graph.steps if self.state.step(one.id).status == "residue"]
        stuck = [one for one in stuck if self.state.site(one.site).backing_out]
        open_ = [site for site in self.graph.sites if not past_no_return(site, self.graph, self.state)]
        match self.random.choice(("retry", "skip", "stop", "back-out", "back-out", "residue", "abort")):
            case "retry" | "skip" | "stop" as answer if bad:
                step = self.random.choice(bad)
                if not self.state.site(step.site).backing_out and (answer != "skip" or step.do.kind != "decision"):
                    number = self.state.step(step.id).attempt or 0
                    self.emit(FailureAnswered(step.id, number, answer, "me", "here", step.digest))
            case "residue" if stuck:
                step = self.random.choice(stuck)
                self.emit(FailureAnswered(step.id, self.state.step(step.id).attempt or 0, "retry", "me", "here"))
            case "back-out" if open_:
                self.emit(BackOutAsked(self.random.choice(open_), "me", "here"))
            case "abort" if self.random.random() < 0.3:
                self.emit(AbortAsked("me", "here"))
            case _:
                pass

    def roll_forward(self) -> None:
        """Perhaps somebody gives up a way back that has failed."""
        for site in self.graph.sites:
            if at_a_dead_end(site, self.graph, self.state) and not self.state.abort and self.random.random() < 0.7:
                self.emit(RollForwardAsked(site, "me", "here", "lost"))

    def _make(self, move: Move, flying: dict[int, bool]) -> None:  # noqa: C901  # a case for each move
        match move:
            case Run(step, action):
                number, state = self.state.next_attempt, self.state
                revision = state.step(step.id).revision if action is Do.UNDO else state.revision
                digest = step.digest
                self.emit(AttemptAllocated(number, step.id, action, revision, digest, state.epoch, step.lane))
                flying[number] = False
            case Resolve(attempt):
                flying[attempt.number] = True
            case Ask(step):
                until = (self.now + timedelta(seconds=DAY)).isoformat()
                number, scope = self.state.next_attempt, scope_digest(step, self.graph)
                self.emit(DecisionAsked(number, step.id, "may it?", "owner", "n", until, scope, "e"))
            case Retry(step, attempt, at):
                self.emit(RetryPlanned(step.id, attempt, at.isoformat()))
            case BackOut(site, because):
                self.emit(BackOutStarted(site, because))
            case EndBackOut(site, residue, kept):
                self.emit(BackOutEnded(site, residue, kept))
            case Withdraw(site, unit, because):
                self.emit(UnitWithdrawn(site, unit, because))
            case EndWithdraw(site, unit, residue):
                self.emit(UnitReturned(site, unit, residue))
            case Soak(wave):
                self.emit(SoakStarted(wave, self.now.isoformat()))
            case Halt(budget, sites):
                self.emit(RolloutHalted(budget, sites))
            case Resume(budget):
                self.emit(RolloutResumed(budget))

    def _people(self) -> bool:
        """Perhaps somebody answers, or time passes and a question expires; whether anything happened."""
        waiting = [asked for asked in self.state.questions.values() if self.state.step(asked.step).status == "waiting"]
        idle = self.approves < 1
        if not waiting or self.random.random() < 0.5 * idle:
            return False
        if self._jumps and self.random.random() < 0.2 * idle:
            self._jumps -= 1
            self.now += timedelta(seconds=2 * DAY)
            return True
        in_time = [asked for asked in waiting if datetime.fromisoformat(asked.expires) > self.now]
        if not in_time:
            return False
        asked = self.random.choice(in_time)
        verb = "approve" if self.random.random() < self.approves else "refuse"
        self.emit(DecisionTaken(asked.attempt, asked.step, "ann", verb, "", "{}", "s"))
        return True

    def _go_on(self, flying: dict[int, bool], ends: Ends) -> None:
        number = self.random.choice(sorted(flying))
        attempt, resolve = self.state.attempts[number], flying[number]
        if not resolve and not attempt.started and self.random.random() < self.starts:
            self.emit(AttemptStarted(number))
            return
        del flying[number]
        outcome = ends(attempt)
        if resolve and not attempt.started:
            outcome = outcome and Outcome.NEVER_BEGAN
        self.emit(AttemptEnded(number, outcome) if outcome else AttemptLost(number, "no answer"))


def at_random(random: Random) -> Ends:
    """Any end, and success most of the time."""
    weights = {Outcome.DONE: 12, Outcome.FAILED: 2, Outcome.REFUSED: 1, Outcome.UNREACHABLE: 1}
    weights |= {Outcome.INTERRUPTED: 2, Outcome.NEVER_BEGAN: 1}
    choices = [*weights, None]
    return lambda attempt: random.choices(choices, [*weights.values(), 1])[0]


def always(outcome: Outcome | None) -> Ends:
    """The same end for all."""
    return lambda attempt: outcome


def stubborn(random: Random) -> Ends:
    """Each step and action has an end of its own, always the same."""
    held: dict[tuple[str, str], Outcome | None] = {}
    return lambda attempt: held.setdefault(
        (attempt.step, attempt.action), random.choice([*Outcome, *[Outcome.DONE] * 8, None])
    )
