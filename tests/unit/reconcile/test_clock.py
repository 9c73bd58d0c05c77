"""The run and the time of day: windows, freezes, planned dates and the last back-out time, for runs of any speed."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.calendar.times import Times
from golive.calendar.timing import Timing, is_open, next_opening
from golive.errors import Exit
from golive.graph.graph import Graph, from_json, ordered, to_json
from golive.graph.step import Action, Stage, Step
from golive.journal.events import (
    AttemptAllocated,
    AttemptEnded,
    AttemptStarted,
    BackOutEnded,
    BackOutStarted,
    CoordinatorStarted,
    DecisionAsked,
    DecisionTaken,
    Do,
    Event,
    Outcome,
    RunStarted,
)
from golive.reconcile.fold import apply
from golive.reconcile.moves import Ask, BackOut, EndBackOut, Move, Run
from golive.reconcile.next import clock_of, next_steps
from golive.reconcile.standing import past_no_return, scope_digest
from golive.reconcile.state import State, Status
from golive.reconcile.verdict import verdict

MINUTE = 60.0
SATURDAY = datetime(2026, 12, 5, 21, tzinfo=UTC)  # 22:00 in Paris
NIGHTS = Times("Europe/Paris", "2026-12-05T22:00", 4 * 3600, rule="FREQ=WEEKLY", name="nights", scopes=("cutover",))
NAMES = ("fence", "copy", "verify", "no-return", "release")


def site(name: str, signed: bool = True, host: bool = True) -> list[Step]:
    """Deploy takes 10 min; fence, copy, verify and release 5, 60, 5 and 5 min; the signature 5 min."""
    made = [_step(name, Stage.DEPLOY, "deploy", 10, (), Action("sim"))]
    for part, minutes in zip(NAMES, (5, 60, 5, 5, 5), strict=True):
        if part == "no-return" and not signed:
            continue
        inputs = {"question": "on?", "role": "lead", "valid_for": 86400, "no_return": True}
        do = Action("decision", inputs) if part == "no-return" else Action("sim")
        made.append(_step(name, Stage.CUTOVER, part, minutes, (made[-1].id,), do))
    return made


def _step(name: str, stage: Stage, part: str, minutes: int, needs: tuple[str, ...], do: Action) -> Step:
    undo = Action("sim", {"undo": True}) if do.kind == "sim" and part not in ("verify", "release") else None
    return Step(
        f"{name}/{stage}/{part}", stage, part, do, name, "h", None, needs, undo=undo, planned=minutes * MINUTE,
        no_return=part == "release",
    )  # fmt: skip


def graph(timing: Timing, signed: bool = True) -> Graph:
    return Graph("notes", "1", ordered(site("lyon", signed)), {}, timings={"lyon": timing})


LYON = Timing("Europe/Paris", windows=(NIGHTS,), back_out=20 * MINUTE, margin=10 * MINUTE)


@dataclass
class Night:
    """A run in simulated time. ``slow`` is by what each step takes longer than planned; ``answers`` after so long."""

    graph: Graph
    now: datetime
    slow: dict[str, float] = field(default_factory=dict[str, float])
    answers: timedelta | None = None
    verb: str = "approve"
    state: State = field(default_factory=State)
    began: list[tuple[str, datetime, bool]] = field(default_factory=list[tuple[str, datetime, bool]])
    """What was begun: the step or its inverse, when, and whether the site's cutover was under way."""

    def __post_init__(self) -> None:
        self.emit(RunStarted("notes-1", "p", self.graph.digest, "me", "here", "1"))
        self.emit(CoordinatorStarted(1, "me", "me", "here", 1, "1"))
        self.ends: dict[int, datetime] = {}
        self.asked_at: datetime | None = None

    def emit(self, event: Event) -> None:
        self.state = apply(self.state, event)

    @property
    def clock(self):
        return clock_of(self.graph, self.state, self.now)

    def run(self, until: datetime) -> "Night":
        """Goes on up to an instant, or to where neither the time nor anybody changes anything."""
        while self.now <= until:
            moves = next_steps(self.graph, self.state, self.now)
            for move in moves:
                self._make(move)
            if any(isinstance(move, Ask | BackOut | EndBackOut) for move in moves):
                continue
            answer = self.asked_at + self.answers if self.asked_at and self.answers is not None else None
            times = [at for at in (*self.ends.values(), self.clock.next_change(), answer) if at]
            if not times or min(times) > until:
                return self
            self.now = max(self.now, min(times))
            self._pass()
        return self

    def _make(self, move: Move) -> None:
        match move:
            case Run(step, action):
                under_way = self.clock.under_way(step.site or "")
                self.began.append((step.id if action is Do.DO else f"undo {step.id}", self.now, under_way))
                number = self.state.next_attempt
                self.emit(AttemptAllocated(number, step.id, action, 0, step.digest, 1, step.lane))
                self.emit(AttemptStarted(number))
                slow = self.slow.get(step.id.rpartition("/")[2], 1.0) if action is Do.DO else 0.1
                self.ends[number] = self.now + timedelta(seconds=step.planned * slow)
            case Ask(step):
                self.asked_at = self.now
                expires = (self.now + timedelta(days=1)).isoformat()
                digest = scope_digest(step, self.graph)
                self.emit(DecisionAsked(self.state.next_attempt, step.id, "on?", "lead", "n", expires, digest, "e"))
            case BackOut(name, because):
                self.emit(BackOutStarted(name, because))
            case EndBackOut(name, residue, kept):
                self.emit(BackOutEnded(name, residue, kept))
            case _:
                raise AssertionError(f"one coordinator over plain stages has nothing to do with {move}")

    def _pass(self) -> None:
        for number in [number for number, end in self.ends.items() if end <= self.now]:
            del self.ends[number]
            self.emit(AttemptEnded(number, Outcome.DONE))
        if self.asked_at and self.answers is not None and self.now >= self.asked_at + self.answers:
            question = next(iter(self.state.questions.values()))
            self.asked_at = None
            self.emit(DecisionTaken(question.attempt, question.step, "ann", self.verb, "", "{}", "s"))

    def when(self, part: str) -> datetime | None:
        return next((at for name, at, _ in self.began if name.endswith(part)), None)

    def exit(self) -> Exit:
        return self.clock.exit(verdict(self.graph, self.state))


def test_it_waits_for_the_window_and_says_so():
    night = Night(graph(LYON), SATURDAY - timedelta(days=2))
    night.run(night.now + timedelta(hours=1))
    assert [name for name, *_ in night.began] == ["lyon/deploy/deploy"]
    night.now = SATURDAY - timedelta(days=1)
    assert [hold.sentence() for hold in night.clock.holds()] == [
        "waits for window nights of lyon: opens Sat 2026-12-05 22:00 CET"
    ]
    assert night.exit() is Exit.WINDOW
    assert night.clock.next_change() == SATURDAY


def test_all_goes_well_in_the_night_that_has_room_for_it_and_for_a_way_back():
    # Up to the release 80 min, a back-out 20, the margin 10: from 00:10 on the next night has to be waited for.
    for minutes, begins in ((0, 0), (130, 130), (131, 7 * 24 * 60)):
        night = Night(graph(LYON), SATURDAY + timedelta(minutes=minutes - 10), answers=timedelta(minutes=5))
        night.run(SATURDAY + timedelta(days=8))
        assert night.when("fence") == SATURDAY + timedelta(minutes=begins)
        assert night.exit() is Exit.DONE


def test_a_delay_is_asked_about_early_and_goes_back_at_the_last_back_out_time():
    night = Night(graph(LYON), SATURDAY + timedelta(minutes=120), slow={"copy": 1.1}).run(SATURDAY + timedelta(hours=9))
    last = SATURDAY + timedelta(hours=4, minutes=-30)
    assert night.asked_at == SATURDAY + timedelta(minutes=120 + 10 + 5 + 60, milliseconds=1)
    assert night.when("verify") and not night.when("release")
    assert night.when("undo lyon/cutover/fence") and night.when("undo lyon/cutover/copy") == last
    assert "has come, and nobody signed" in night.state.site("lyon").because
    assert night.exit() is Exit.BACKED_OUT


def test_with_a_signature_it_goes_on_beyond_the_last_back_out_time():
    night = Night(graph(LYON), SATURDAY + timedelta(minutes=120), {"copy": 2.5}, timedelta(minutes=2))
    night.run(SATURDAY + timedelta(hours=9))
    released = night.when("release")
    assert released and released + timedelta(minutes=5) > SATURDAY + timedelta(hours=4, minutes=-30)
    assert night.exit() is Exit.DONE


def test_a_refusal_sends_the_site_back():
    night = Night(graph(LYON), SATURDAY, answers=timedelta(minutes=1), verb="refuse").run(SATURDAY + timedelta(days=1))
    assert night.exit() is Exit.BACKED_OUT and not night.when("release")


def test_where_nobody_may_sign_a_late_site_goes_back_at_once():
    night = Night(graph(LYON, signed=False), SATURDAY + timedelta(minutes=120), {"copy": 1.2})
    night.run(SATURDAY + timedelta(days=1))
    assert night.exit() is Exit.BACKED_OUT and not night.when("release")
    assert "names no signer" in night.state.site("lyon").because


def test_a_coordinator_that_comes_back_too_late_sends_the_site_back():
    night = Night(graph(LYON), SATURDAY).run(SATURDAY + timedelta(minutes=30))
    assert night.ends and night.clock.under_way("lyon")
    night.now = SATURDAY + timedelta(hours=12)
    night._pass()
    night.run(SATURDAY + timedelta(days=1))
    assert night.exit() is Exit.BACKED_OUT


def test_a_freeze_and_a_planned_date_hold_back_and_what_never_opens_is_a_refused_gate():
    frozen = Timing("Europe/Paris", freezes=(Times("Europe/Paris", "2026-12-05T00:00", 86400, name="stocktaking"),))
    night = Night(graph(frozen), SATURDAY)
    assert [hold.sentence() for hold in night.clock.holds()] == [
        "frozen at lyon by stocktaking; may run from Sun 2026-12-06 00:00 CET"
    ]
    dated = Timing("Europe/Paris", planned=(("deploy", "2026-12-07T09:00"),))
    assert [hold.sentence() for hold in Night(graph(dated), SATURDAY).clock.holds()] == [
        "waits for the date that is planned for deploy at lyon, Mon 2026-12-07 09:00 CET"
    ]
    over = Timing("Europe/Paris", windows=(Times("Europe/Paris", "2026-11-01T22:00", 3600, name="once"),))
    night = Night(graph(over), SATURDAY)
    assert night.exit() is Exit.GATE_REFUSED
    assert "nothing opens for it in 400 days" in night.clock.holds()[0].sentence()


def test_one_site_in_its_window_is_not_held_by_another():
    both = Graph("notes", "1", ordered([*site("lyon"), *site("osaka")]), {}, timings={"lyon": LYON})
    night = Night(both, SATURDAY - timedelta(days=1), answers=timedelta()).run(SATURDAY - timedelta(hours=20))
    assert past_no_return("osaka", both, night.state) and not night.clock.under_way("lyon")
    assert night.exit() is Exit.WINDOW


def test_the_timing_travels_with_the_graph_and_not_with_what_is_signed():
    some, other = graph(LYON), graph(Timing("Europe/Paris", windows=(NIGHTS,)))
    assert from_json(to_json(some)) == some
    assert from_json(to_json(some)).timings == {"lyon": LYON}
    assert some.digest != other.digest and some.digests["lyon"] == other.digests["lyon"]
    plain = Graph("notes", "1", some.steps)
    assert "timings" not in to_json(plain) and plain.digests["lyon"] == some.digests["lyon"]


SLOW = st.dictionaries(st.sampled_from(NAMES), st.floats(0.2, 3))


@settings(max_examples=120, deadline=None)
@given(st.integers(-600, 600), SLOW, st.none() | st.integers(0, 200), st.booleans(), st.integers(0, 2**30))
def test_nothing_begins_outside_and_a_fence_never_waits_for_the_next_window(
    start: int, slow: dict[str, float], answers: int | None, signed: bool, seed: int
):
    random = Random(seed)
    freezes = (Times("Europe/Paris", "2026-12-06T00:30", 1800, name="backup"),) if random.random() < 0.3 else ()
    timing = Timing("Europe/Paris", (NIGHTS,), freezes, back_out=20 * MINUTE, margin=10 * MINUTE)
    night = Night(
        graph(timing, signed), SATURDAY + timedelta(minutes=start), slow,
        None if answers is None else timedelta(minutes=answers),
    ).run(SATURDAY + timedelta(days=9))  # fmt: skip
    sign = next((step for step in night.graph.steps if step.id.endswith("no-return")), None)
    approved = sign is not None and night.state.step(sign.id).status is Status.DONE
    for name, at, under_way in night.began:
        if name.startswith("undo"):
            continue
        step = night.graph.by_id[name]
        room = step.planned if step.stage is not Stage.CUTOVER else night.graph.ahead[name] + 30 * MINUTE
        if not under_way:
            assert is_open(timing, step.scope, at, room), f"{name} began outside"
        elif not approved:
            span = next_opening(timing, step.scope, at)
            assert span and span.start <= at and at + timedelta(seconds=step.planned + 30 * MINUTE) <= span.end
    fence, end = night.when("cutover/fence"), night.exit()
    assert end in (Exit.DONE, Exit.BACKED_OUT)
    if fence and end is Exit.BACKED_OUT and not freezes:
        longest = max(slow.get(part, 1.0) * minutes for part, minutes in zip(NAMES, (5, 60, 5, 5, 5), strict=True))
        assert max(at for _, at, _ in night.began) <= fence + timedelta(hours=4, minutes=longest + 20)


def test_inverses_are_never_held():
    night = Night(graph(LYON), SATURDAY, slow={"copy": 10}).run(SATURDAY + timedelta(days=2))
    undone = [at for name, at, _ in night.began if name.startswith("undo")]
    assert undone and min(undone) > SATURDAY + timedelta(hours=10)
    assert night.exit() is Exit.BACKED_OUT


@pytest.mark.parametrize("part", NAMES)
def test_the_way_to_the_point_of_no_return(part: str):
    minutes: dict[str, int] = dict(zip(NAMES, (80, 75, 15, 10, 5), strict=True))
    assert graph(LYON).ahead[f"lyon/cutover/{part}"] == minutes[part] * MINUTE
