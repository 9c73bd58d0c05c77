"""The laws of a run, checked against what really happened and never against the state that the code keeps.

1. No step is begun, and no question is asked, before all it needs has succeeded as the graph wants it now; past the
   point of no return what succeeded in the cutover counts however the graph wants it now.
2. What has succeeded is not done again, and no number is used twice.
3. On a host one attempt at a time.
4. Nothing new begins at a site after a failure there, under the same coordinator, unless a retry was decided; and
   nowhere after an abort.
5. A step that is never run again is not run again once it was cut off.
6. A site is backed out after a failure whose policy that is, or because a person wants it, before its point of no
   return, when nothing runs there; and then it is, before the coordinator stops. A decision of the cutover that is
   refused before anything else of it was begun is no such failure.
7. A site that is backed out begins nothing any more. Only its steps of deploy and cutover are undone, each behind all
   that stand on it. At the end each that may have had an effect is undone or residue.
8. What runs at the same time stays within the limits of the rollout, of each site and of each link.
9. A wave's deploy begins only when each site of the waves before is live, back, or has failed; and after the soak time.
10. While more exposed sites are spoiled than the budget allows, no site begins a stage of baseline, deploy or cutover.
11. A unit is taken back only after a step of it failed, and then wholly, residue aside; nothing else begins meanwhile.
12. As long as the inverse of what made the new system serve has not succeeded, nothing that it stands on is undone.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from golive.graph.graph import Graph
from golive.graph.policy import Then
from golive.graph.step import Rerun, Stage, Step
from golive.journal.events import (
    AbortAsked,
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
    Outcome,
    RetryPlanned,
    RollForwardAsked,
    SoakStarted,
    UnitReturned,
    UnitWithdrawn,
)
from golive.reconcile.standing import wanted_digest
from golive.reconcile.state import MAX_INTERRUPTIONS


class LawBroken(Exception):
    """The code did what no run may do."""


def require(holds: bool, law: str) -> None:
    if not holds:
        raise LawBroken(law)


@dataclass
class Truth:
    """What happened to each step, told by the events alone."""

    graph: Graph
    epoch: int = 0
    numbers: set[int] = field(default_factory=set[int])
    attempts: dict[int, AttemptAllocated] = field(default_factory=dict[int, AttemptAllocated])
    started: set[int] = field(default_factory=set[int])
    flying: set[int] = field(default_factory=set[int])
    asked: dict[int, DecisionAsked] = field(default_factory=dict[int, DecisionAsked])
    succeeded: dict[str, str] = field(default_factory=dict[str, str])
    touched: set[str] = field(default_factory=set[str])
    cut_off: set[str] = field(default_factory=set[str])
    cut_off_before: set[str] = field(default_factory=set[str])
    undo_tries: Counter[str] = field(default_factory=Counter[str])
    residue: set[str] = field(default_factory=set[str])
    unsure: set[str] = field(default_factory=set[str])
    failed: dict[str, int] = field(default_factory=dict[str, int])
    """Steps that failed, and under which epoch; not those that succeeded since."""
    early: set[str] = field(default_factory=set[str])
    """Refused when nothing else of their cutover had begun."""
    crossed: dict[int, str] = field(default_factory=dict[int, str])
    backing: set[str] = field(default_factory=set[str])
    back: set[str] = field(default_factory=set[str])
    spoiled: set[str] = field(default_factory=set[str])
    """Steps that failed, for whatever reason and whenever, and did not succeed since."""
    effects: set[str] = field(default_factory=set[str])
    """Sites at which something had an effect."""
    withdrawn: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    """Units that are taken back, or were, and under which epoch."""
    withdrawing: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    soaking: set[str] = field(default_factory=set[str])
    begun: set[tuple[str | None, Stage]] = field(default_factory=set[tuple[str | None, Stage]])
    wanted: set[str] = field(default_factory=set[str])
    aborted: bool = False
    stopped: dict[str, int] = field(default_factory=dict[str, int])
    """Failed steps at which a person chose to stop, and under which epoch."""
    done_as: dict[str, str] = field(default_factory=dict[str, str])
    """Under which digest each step was done last, or may have been."""

    def done(self, name: str) -> bool:
        step = self.graph.by_id[name]
        if step.stage is Stage.CUTOVER and name in self.succeeded and self.past_no_return(step.site):
            return True
        return self.succeeded.get(name) == wanted_digest(step, self.graph)

    def past_no_return(self, site: str | None) -> bool:
        return any(self.graph.by_id[name].site == site for name in self.crossed.values())

    def see(self, event: Event) -> None:  # noqa: C901  # a case for each event
        """Checks an event against the laws and takes it in."""
        match event:
            case CoordinatorStarted():
                self.epoch, self.flying, self.unsure = event.epoch, set(), set()
            case AttemptAllocated():
                self._allocated(event, self.graph.by_id[event.step])
            case AttemptStarted():
                self._started(event.attempt)
            case AttemptLost():
                self._lost(event.attempt)
            case AttemptEnded():
                self._ended(event)
            case DecisionAsked():
                self._asked(event)
            case DecisionTaken():
                self._decided(event)
            case BackOutStarted():
                self._back_out(event.site)
            case BackOutEnded():
                self._backed_out(event)
            case UnitWithdrawn():
                self._withdraw(event)
            case UnitReturned():
                self._returned(event)
            case SoakStarted():
                self._soak(event.wave)
            case _:
                self._chosen(event)

    def _chosen(self, event: Event) -> None:
        match event:
            case RetryPlanned():
                self.failed.pop(event.step, None)
            case FailureAnswered():
                self._answered(event)
            case BackOutAsked():
                self.wanted.add(event.site)
            case AbortAsked():
                self.aborted = True
            case RollForwardAsked():
                self._goes_on(event.site)
            case _:
                pass

    def _answered(self, event: FailureAnswered) -> None:
        if event.answer == "skip":
            self.succeeded[event.step] = event.digest
            self.spoiled.discard(event.step)
        if event.answer == "stop":
            self.stopped[event.step] = self.epoch
        if event.answer in ("retry", "skip"):
            self.stopped.pop(event.step, None)
            self.failed.pop(event.step, None)
            self.cut_off.discard(event.step)
        if event.answer == "retry" and event.step in self.residue:
            self.residue.discard(event.step)
            self.undo_tries.pop(event.step, None)
            self.back.discard(event.step.partition("/")[0])

    def _goes_on(self, site: str) -> None:
        own = {step.id for step in self.graph.steps if step.site == site}
        require(site in self.backing - self.back, f"{site} goes on and did not go back")
        serving = {name for name in own if self.graph.by_id[name].serves}
        require(
            bool(serving & (self.residue | self.undo_tries.keys())), f"{site} goes on, and its way back was not tried"
        )
        self.backing.discard(site)
        self.wanted.discard(site)
        for name in own:
            self.failed.pop(name, None)
            self.stopped.pop(name, None)
            self.undo_tries.pop(name, None)
        self.residue -= own
        self.unsure -= own

    def _number(self, number: int) -> None:
        require(number not in self.numbers, f"number {number} is used twice")
        self.numbers.add(number)

    def _may_begin(self, step: Step) -> None:
        require(not self.aborted, f"{step.id} begins after an abort")
        require(
            step.site not in self.wanted or self.past_no_return(step.site), f"{step.id} begins at a site called back"
        )
        require(all(self.done(need) for need in step.needs), f"{step.id} begins before what it needs")
        require(not self.done(step.id), f"{step.id} has succeeded and begins again")
        require(step.site not in self.backing, f"{step.id} begins at a site that is backed out")
        bad = [name for name, epoch in self.failed.items() if epoch == self.epoch]
        sites = {self.graph.by_id[name].site for name in bad} - {None}
        require(step.site not in sites, f"{step.id} begins at a site that failed")
        require(step.id not in bad, f"{step.id} is tried again by the same coordinator")
        require(step.rerun is not Rerun.NEVER or step.id not in self.cut_off, f"{step.id} is never run again")
        require(step.site not in {site for site, _ in self.withdrawing}, f"{step.id} begins while a unit is taken back")
        require(self.withdrawn.get((step.site or "", step.unit)) != self.epoch, f"{step.id} is begun again at once")
        self._may_expose(step)
        self.begun.add((step.site, step.stage))

    def _may_expose(self, step: Step) -> None:
        rollout = self.graph.rollout
        if step.site is None:
            return
        wave = rollout.wave_of.get(step.site, 0)
        if step.stage.order >= Stage.DEPLOY.order:
            for before in rollout.waves[:wave]:
                sites = [site for site in before.sites if site in self.graph.of_site]
                require(all(map(self._over, sites)), f"{step.id} begins before its wave")
                require(not sites or any(map(self._live, sites)), f"{step.id} begins, and no site before it is live")
                require(not before.soak or before.name in self.soaking, f"{step.id} begins before the soak time")
        spent = self._spent()
        if rollout.budget is not None and len(spent) > rollout.budget and step.stage is not Stage.HANDOVER:
            require((step.site, step.stage) in self.begun, f"{step.id} begins a stage, and the budget is spent")

    def _spent(self) -> set[str]:
        bad = {self.graph.by_id[name].site or "" for name in self.spoiled} | self.backing
        return bad & self.effects

    def _bad(self) -> set[str]:
        return self.spoiled | self.cut_off | self.cut_off_before | self.failed.keys()

    def _live(self, site: str) -> bool:
        return all(self.done(step.id) or step.soaked for step in self.graph.of_site[site])

    def _over(self, site: str) -> bool:
        failed = any(self.graph.by_id[name].site == site for name in self._bad())
        rests = any(at == site and epoch == self.epoch for (at, _), epoch in self.withdrawn.items())
        return self._live(site) or site in self.backing or failed or rests

    def _soak(self, wave: str) -> None:
        [sites] = [one.sites for one in self.graph.rollout.waves if one.name == wave]
        require(any(map(self._live, sites)) and all(map(self._over, sites)), f"{wave} soaks before it is live")
        self.soaking.add(wave)

    def _withdraw(self, event: UnitWithdrawn) -> None:
        steps = [step for step in self.graph.of_site[event.site] if step.unit == event.unit]
        require(any(step.id in self._bad() for step in steps), f"{event.unit} is taken back without cause")
        require(not self.past_no_return(event.site), f"{event.unit} is taken back past the point of no return")
        flying = {self.graph.by_id[self.attempts[number].step].site for number in self.flying}
        require(event.site not in flying, f"{event.unit} is taken back while something runs there")
        self.withdrawn[event.site, event.unit] = self.epoch
        self.withdrawing.add((event.site, event.unit))

    def _returned(self, event: UnitReturned) -> None:
        steps = [step for step in self.graph.of_site[event.site] if step.unit == event.unit and step.undo]
        left = {step.id for step in steps} & self.touched - set(event.residue)
        require(not left, f"{event.unit} is back, and {sorted(left)} were not taken back")
        self.withdrawing.discard((event.site, event.unit))
        self.withdrawn[event.site, event.unit] = self.epoch

    def _allocated(self, event: AttemptAllocated, step: Step) -> None:
        self._number(event.attempt)
        lanes = {self.attempts[number].lane for number in self.flying}
        require(event.lane == "controller" or event.lane not in lanes, f"two at a time on {event.lane}")
        if event.action is Do.DO:
            self._may_begin(step)
            self._within_limits(step)
            self.residue.discard(step.id)
            self.undo_tries.pop(step.id, None)
            self.succeeded.pop(step.id, None)
        else:
            self._may_undo(step, event.digest)
            self.succeeded.pop(step.id, None)
        self.attempts[event.attempt] = event
        self.flying.add(event.attempt)

    def _within_limits(self, step: Step) -> None:
        flying = [self.graph.by_id[self.attempts[number].step] for number in self.flying]
        limits = self.graph.rollout.limits_at(step.site)
        require(len(flying) < self.graph.rollout.limits.total, f"{step.id} is too much for the rollout")
        at_site = [other for other in flying if step.site and other.site == step.site]
        require(len(at_site) < limits.site, f"{step.id} is too much for its site")
        on_link = [other for other in flying if step.link and other.link == step.link]
        require(len(on_link) < limits.link, f"{step.id} is too much for its link")

    def _may_undo(self, step: Step, digest: str) -> None:
        require(digest == self.done_as.get(step.id, digest), f"{step.id} is undone as it was not done")
        if (step.site or "", step.unit) in self.withdrawing:
            mine = [name for name in self._standing_on(step.id) if self.graph.by_id[name].unit == step.unit]
            free = all(name not in self.touched or name in self.residue | self.unsure for name in mine)
            require(free, f"{step.id} is undone before what stands on it in its unit")
            return
        require(step.site in self.backing - self.back, f"{step.id} is undone at a site that is not backed out")
        require(step.stage in (Stage.DEPLOY, Stage.CUTOVER) and step.undo is not None, f"{step.id} is not to be undone")
        for other in self._standing_on(step.id):
            settled = other not in self.touched or other in self.residue | self.unsure
            require(settled, f"{step.id} is undone before {other}, which stands on it")
            serves = self.graph.by_id[other].serves and other in self.touched
            require(not serves, f"{step.id} is undone, and {other} was not, with which the new system serves")

    def _standing_on(self, name: str) -> Iterable[str]:
        site, above = self.graph.by_id[name].site, {name}
        for step in self.graph.steps:
            if not above.isdisjoint(step.needs):
                above.add(step.id)
        steps = (self.graph.by_id[other] for other in above - {name})
        return [step.id for step in steps if step.site == site and self._is_reversed(step)]

    def _is_reversed(self, step: Step) -> bool:
        return step.undo is not None and step.stage in (Stage.DEPLOY, Stage.CUTOVER)

    def _started(self, number: int) -> None:
        self.started.add(number)
        attempt = self.attempts[number]
        if attempt.action is Do.DO and self.graph.by_id[attempt.step].no_return:
            self.crossed[number] = attempt.step

    def _lost(self, number: int) -> None:
        attempt = self.attempts[number]
        self.stopped.pop(attempt.step, None)
        self.flying.discard(number)
        if attempt.action is Do.UNDO:
            self.unsure.add(attempt.step)
        else:
            self.failed[attempt.step] = self.epoch
            self.spoiled.add(attempt.step)
            self._effect(attempt.step)
            self.done_as[attempt.step] = attempt.digest
            self.touched |= {attempt.step} if number in self.started else set()

    def _effect(self, name: str) -> None:
        step = self.graph.by_id[name]
        if step.site and step.do.kind not in ("survey", "login", "decision"):
            self.effects.add(step.site)

    def _ended(self, event: AttemptEnded) -> None:
        attempt, name = self.attempts[event.attempt], self.attempts[event.attempt].step
        self.stopped.pop(name, None)
        self.flying.discard(event.attempt)
        if attempt.action is Do.UNDO:
            self._undone(attempt, event.outcome)
            return
        if event.outcome is Outcome.NEVER_BEGAN:
            self.crossed.pop(event.attempt, None)
            self.cut_off_before.add(name)
        elif event.attempt in self.started or event.outcome is not Outcome.UNREACHABLE:
            self.done_as[name] = attempt.digest
        if event.outcome is not Outcome.NEVER_BEGAN and event.attempt in self.started:
            self.touched.add(name)
        if event.outcome not in (Outcome.NEVER_BEGAN, Outcome.UNREACHABLE) or (
            event.outcome is Outcome.UNREACHABLE and event.attempt in self.started
        ):
            self._effect(name)
        self.failed.pop(name, None)
        if event.outcome is Outcome.DONE:
            self.succeeded[name] = attempt.digest
            self.spoiled.discard(name)
        elif event.outcome in (Outcome.FAILED, Outcome.REFUSED, Outcome.UNREACHABLE):
            self.failed[name] = self.epoch
            self.spoiled.add(name)
        elif event.outcome is Outcome.INTERRUPTED:
            self.cut_off.add(name)

    def _undone(self, attempt: AttemptAllocated, outcome: Outcome) -> None:
        name = attempt.step
        if outcome is Outcome.DONE:
            self.touched.discard(name)
            self.residue.discard(name)
            self.cut_off.discard(name)  # nothing is left of what was cut off: it may be done from the beginning
            self.succeeded.pop(name, None)
            return
        # One that never began because its coordinator died first was no try.
        self.undo_tries[name] += outcome is not Outcome.NEVER_BEGAN or attempt.epoch == self.epoch
        if outcome in (Outcome.FAILED, Outcome.REFUSED) or self.undo_tries[name] >= MAX_INTERRUPTIONS:
            self.residue.add(name)
        elif outcome is Outcome.UNREACHABLE:
            self.unsure.add(name)

    def _asked(self, event: DecisionAsked) -> None:
        self._number(event.attempt)
        self._may_begin(self.graph.by_id[event.step])
        self.succeeded.pop(event.step, None)
        self.asked[event.attempt] = event

    def _decided(self, event: DecisionTaken) -> None:
        if event.verb == "approve":
            self.succeeded[event.step] = self.asked[event.attempt].scope
            self.failed.pop(event.step, None)
        else:
            self.failed[event.step] = self.epoch
            step = self.graph.by_id[event.step]
            early = step.stage is Stage.CUTOVER and not self._cutting_over(step.site)
            (self.early.add if early else self.early.discard)(event.step)

    def _back_out(self, site: str) -> None:
        steps = [step for step in self.graph.steps if step.site == site]
        require(site not in self.backing, f"{site} is backed out twice")
        bad = self.failed.keys() | self.cut_off | self.cut_off_before
        called = site in self.wanted or self.aborted
        by_policy = any(step.then is Then.BACK_OUT and step.id in bad for step in steps)
        require(called or by_policy, f"{site} is backed out without cause")
        require(not self.past_no_return(site), f"{site} is backed out past its point of no return")
        flying = {self.graph.by_id[self.attempts[number].step].site for number in self.flying}
        require(site not in flying, f"{site} is backed out while something runs there")
        self.backing.add(site)
        self.withdrawing = {(other, unit) for other, unit in self.withdrawing if other != site}

    def _backed_out(self, event: BackOutEnded) -> None:
        own = {step.id for step in self.graph.steps if step.site == event.site and self._is_reversed(step)}
        left = own & self.touched - set(event.residue)
        require(not left, f"{event.site} is back, and {sorted(left)} were not taken back")
        require(self.residue & own <= set(event.residue), f"{event.site} is back, and residue is not named")
        self.back.add(event.site)

    def _cutting_over(self, site: str | None) -> bool:
        steps = (self.graph.by_id[attempt.step] for attempt in self.attempts.values())
        return any(step.site == site and step.stage is Stage.CUTOVER for step in steps)

    def at_rest(self) -> None:
        """What must hold when a coordinator has nothing left to do."""
        require(not self.flying, "a coordinator stops while something runs")
        left = {self.graph.by_id[name].site for name, epoch in self.stopped.items() if epoch == self.epoch}
        for name in self.failed:
            step = self.graph.by_id[name]
            waits = step.then is Then.BACK_OUT and step.site is not None and name not in self.early
            waits = waits and not self.past_no_return(step.site) and step.site not in left
            require(
                not waits or step.site in self.backing, f"{name} failed in the cutover, and the site is not backed out"
            )
