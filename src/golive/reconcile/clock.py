"""What the time of day allows: windows, freezes, planned dates, and the last back-out time. Pure.

1. A step begins only where it can be expected to end inside its window, before any freeze, and not before its date.
2. A cutover is one piece: its first step begins only where all of it up to the point of no return fits, and behind it a
   back-out and the margin. Once begun it is not held by windows any more, since a fence must not stand until next week.
3. The last back-out time is the end of the window, less the back-out and the margin. A step of a cutover after whose
   expected end it would have passed is begun only once the point of no return is signed. That is asked as soon as the
   delay can be foreseen. Without a signature the site goes back at that time, or at once where nobody may sign.
4. Inverses, what is in flight, and questions are never held.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from golive.calendar.span import Span
from golive.calendar.timing import FAR, Timing, closed, next_opening
from golive.calendar.zone import shown
from golive.errors import Exit
from golive.graph.graph import Graph
from golive.graph.step import Stage, Step
from golive.reconcile.state import State, Status

_MOMENT = timedelta(milliseconds=1)
_READY = frozenset(set(Status) - {Status.RUNNING, Status.WAITING, Status.DONE})


@dataclass(frozen=True)
class Hold:
    """A step that is ready and may not begin yet."""

    step: Step
    until: datetime | None
    """From then on it may; None: at no time that is in sight."""
    because: str
    """In words, without the time."""
    zone: str

    def sentence(self) -> str:
        """What it waits for, and until when."""
        if self.until is None:
            return f"{self.because}, and nothing opens for it in {FAR.days} days: change the plan, then golive amend"
        return f"{self.because} {shown(self.until, self.zone)}"


@dataclass(frozen=True)
class Late:
    """A cutover under way that is not expected to reach its point of no return before the last back-out time."""

    site: str
    last: datetime
    question: Step | None
    """The decision that would let it go on."""
    back: bool
    """Whether there is nothing left but to go back."""
    because: str


@dataclass(frozen=True)
class Clock:
    """Judges the steps of a graph by the time.

    Args:
        graph: the current revision.
        state: the fold over the journal.
        now: the time, with zone.
        done: whether a step is done as the graph wants it now.
        past: whether a site has passed its point of no return.
    """

    graph: Graph
    state: State
    now: datetime
    done: Callable[[Step], bool]
    past: Callable[[str], bool]

    def hold(self, step: Step) -> Hold | None:
        """Why a step that is ready may not begin now; None: it may."""
        timing = self.graph.timings.get(step.site or "")
        if timing is None or step.do.kind == "decision":
            return None
        cutover = step.stage is Stage.CUTOVER
        if cutover and self.under_way(step.site or ""):
            return self._last_call(step, timing)
        if cutover and self.past(step.site or ""):
            return None
        seconds = step.planned
        if cutover:
            seconds = self.graph.ahead[step.id] + timing.back_out + timing.margin
        found = next_opening(timing, step.scope, self.now, seconds)
        if found and found.start <= self.now:
            return None
        return Hold(step, found.start if found else None, self._because(step, timing, found), timing.zone)

    def under_way(self, site: str) -> bool:
        """Whether a site is in its cutover and has not passed its point of no return."""
        steps = self._cutover(site)
        held = [self.state.step(step.id) for step in steps if step.do.kind != "decision"]
        begun = any(one.touched or one.status in (Status.RUNNING, Status.DONE) for one in held)
        return begun and not self.past(site) and not all(map(self.done, steps))

    def last_back_out(self, site: str) -> datetime | None:
        """When a back-out of a site has to begin at the latest; None: its window has no end in sight."""
        timing = self.graph.timings.get(site)
        steps = self._cutover(site)
        if timing is None or not steps:
            return None
        found = next_opening(timing, steps[0].scope, self.now)
        if found is None or found.start > self.now:
            return self.now
        return None if found.end >= self.now + FAR else found.end - timedelta(seconds=timing.back_out + timing.margin)

    def late(self) -> Iterator[Late]:
        """The cutovers that are late."""
        for site in self.graph.timings:
            last = self.last_back_out(site) if self.under_way(site) and not self.state.site(site).backing_out else None
            question = next((step for step in self._cutover(site) if step.do.inputs.get("no_return")), None)
            if last is None or (question and self.done(question)):
                continue
            steps = [step for step in self._cutover(site) if not self.done(step)]
            if self.now > self._in_time(site, last) or self.now >= last:
                yield self._late(site, last, question, steps)

    def _in_time(self, site: str, last: datetime) -> datetime:
        """The last instant at which the rest of a cutover can be expected to end in time.

        A step in flight may end at any moment: only what is behind it counts.
        """
        left = [step for step in self._cutover(site) if not self.done(step)]
        running = {step.id for step in left if self.state.step(step.id).status is Status.RUNNING}
        seconds = (self.graph.ahead[step.id] - (step.planned if step.id in running else 0) for step in left)
        return last - timedelta(seconds=max(seconds, default=0.0))

    def _late(self, site: str, last: datetime, question: Step | None, steps: list[Step]) -> Late:
        stuck = any(self.ready(step) and self.hold(step) for step in steps)
        back = self.now >= last or (question is None and stuck)
        at = shown(last, self.graph.timings[site].zone)
        because = f"the last back-out time, {at}, " + (
            "has come, and nobody signed to go on" if self.now >= last else "would pass, and the plan names no signer"
        )
        return Late(site, last, question, back, because)

    def _last_call(self, step: Step, timing: Timing) -> Hold | None:
        last = self.last_back_out(step.site or "")
        signed = any(other.do.inputs.get("no_return") and self.done(other) for other in self._cutover(step.site or ""))
        if last is None or signed or self.now + timedelta(seconds=step.planned) <= last:
            return None
        return Hold(step, last, "it would pass, without a signature, the last back-out time,", timing.zone)

    def _because(self, step: Step, timing: Timing, found: Span | None) -> str:
        why = closed(timing, step.scope, self.now)
        name = f" {why.name}" if why and why.name else ""
        match why.kind if why else "":
            case "freeze":
                return f"frozen at {step.site} by{name or ' a freeze'}; may run from"
            case "date":
                return f"waits for the date that is planned for {step.stage} at {step.site},"
            case "window":
                return f"waits for window{name} of {step.site}: opens"
            case _:
                return f"what is open at {step.site} closes too soon for it; may run from"

    def ready(self, step: Step) -> bool:
        """Whether all that a step needs is done, and it is neither done nor in flight."""
        if self.done(step) or self.state.step(step.id).status not in _READY | {Status.DONE}:
            return False
        return all(self.done(self.graph.by_id[need]) for need in step.needs)

    def holds(self, until: Stage | None = None) -> tuple[Hold, ...]:
        """Every step that is ready and held, up to a stage."""
        steps = (step for step in self.graph.steps if step.site in self.graph.timings)
        wanted = (step for step in steps if until is None or step.stage.order <= until.order)
        closed_sites = {site for site in self.graph.timings if self.state.site(site).backing_out}
        held = (self.hold(step) for step in wanted if step.site not in closed_sites and self.ready(step))
        return tuple(hold for hold in held if hold)

    def next_change(self, until: Stage | None = None) -> datetime | None:
        """The next instant at which the time alone changes what may be done; None: there is none in sight."""
        opens = [hold.until for hold in self.holds(until) if hold.until]
        under_way = [site for site in self.graph.timings if self.under_way(site)]
        lasts = {site: last for site in under_way if (last := self.last_back_out(site))}
        alarms = [self._in_time(site, last) + _MOMENT for site, last in lasts.items()]
        return min((at for at in (*opens, *lasts.values(), *alarms) if at > self.now), default=None)

    def exit(self, exit: Exit, until: Stage | None = None) -> Exit:
        """The exit code, where it says no more than that something is still to be done.

        It is ``WINDOW`` when only the time stands in the way, and a refused gate when it does so for good.
        """
        if exit is not Exit.INTERRUPTED or not self.graph.timings:
            return exit
        held = self.holds(until)
        names = {hold.step.id for hold in held}
        wanted = (step for step in self.graph.steps if until is None or step.stage.order <= until.order)
        if not held or any(self.ready(step) and step.id not in names for step in wanted):
            return exit
        return Exit.WINDOW if any(hold.until for hold in held) else Exit.GATE_REFUSED

    def deciding(self) -> bool:
        """Whether a cutover under way waits for a person, and goes back by itself if nobody answers in time."""
        sites = (self.graph.cutovers.get(site, ()) for site in self.graph.timings)
        waiting = (step for steps in sites for step in steps if step.do.inputs.get("no_return"))
        return any(
            self.state.step(step.id).status is Status.WAITING
            and self.under_way(step.site or "")
            and self.last_back_out(step.site or "") is not None
            for step in waiting
        )

    def _cutover(self, site: str) -> tuple[Step, ...]:
        return self.graph.cutovers.get(site, ())
