"""One contract for whatever carries attempts: the engine in this process, the queue with workers, and the simulator."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from engines import Drive, Fake, graph, in_process, over_the_queue, simulated, step

from golive.journal.events import AttemptAllocated, AttemptEnded, AttemptLost, AttemptStarted, Event, Outcome

CHAIN = graph(step("one"), step("two", "one"), step("three", "two"))
FAN = graph(step("first"), *(step(f"n{n}", "first") for n in range(6)), step("last", *(f"n{n}" for n in range(6))))
ONE_HOST = graph(*(step(f"h{n}", host="same") for n in range(5)))


@pytest.fixture(params=["in process", "queue", "simulator"])
def drive(request: pytest.FixtureRequest, tmp_path: Path) -> Drive:
    if request.param == "queue":
        return over_the_queue(request.getfixturevalue("url"))
    return in_process(tmp_path / "journal.db") if request.param == "in process" else simulated()


def order(events: Sequence[Event]) -> list[tuple[str, str]]:
    """Begin and end of each step, in the order of the journal."""
    steps = {event.attempt: event.step.rpartition("/")[2] for event in events if isinstance(event, AttemptAllocated)}
    words: dict[type[Event], str] = {AttemptStarted: "begins", AttemptEnded: "ends", AttemptLost: "is lost"}
    return [
        (steps[e.attempt], words[type(e)]) for e in events if isinstance(e, AttemptStarted | AttemptEnded | AttemptLost)
    ]


def outcomes(events: Sequence[Event], name: str) -> list[Outcome]:
    numbers = {e.attempt for e in events if isinstance(e, AttemptAllocated) and e.step.endswith(f"/{name}")}
    return [e.outcome for e in events if isinstance(e, AttemptEnded) and e.attempt in numbers]


def test_a_step_begins_when_what_it_needs_has_ended(drive: Drive) -> None:
    fake = Fake()
    seen = order(drive(CHAIN, fake))
    assert [name for name, word in seen if word == "ends"] == ["one", "two", "three"] == fake.done
    for before, after in (("one", "two"), ("two", "three")):
        begins = seen.index((after, "begins")) if (after, "begins") in seen else seen.index((after, "ends"))
        assert seen.index((before, "ends")) < begins


def test_everything_that_is_ready_is_done_once(drive: Drive) -> None:
    fake = Fake()
    events = drive(FAN, fake)
    assert sorted(fake.done) == sorted(["first", "last", *(f"n{n}" for n in range(6))])
    numbers = [event.attempt for event in events if isinstance(event, AttemptAllocated)]
    assert len(numbers) == len(set(numbers)) == 8


def test_one_attempt_at_a_time_on_a_host(drive: Drive) -> None:
    fake = Fake(seconds=0.02)
    events = drive(ONE_HOST, fake)
    assert fake.most <= 1 and len(fake.done) == 5
    open_now: set[int] = set()
    for event in events:
        if isinstance(event, AttemptAllocated):
            assert not open_now
            open_now.add(event.attempt)
        elif isinstance(event, AttemptEnded):
            open_now.discard(event.attempt)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.REFUSED, Outcome.UNREACHABLE])
def test_what_fails_is_told_and_stops_what_needs_it(drive: Drive, outcome: Outcome) -> None:
    fake = Fake({"two": (outcome,)})
    events = drive(CHAIN, fake)
    assert outcomes(events, "two") == [outcome]
    assert fake.done == ["one", "two"]


def test_what_was_interrupted_is_done_again(drive: Drive) -> None:
    fake = Fake({"two": (Outcome.INTERRUPTED, Outcome.DONE)})
    events = drive(CHAIN, fake)
    assert outcomes(events, "two") == [Outcome.INTERRUPTED, Outcome.DONE]
    assert fake.done == ["one", "two", "two", "three"]


def test_what_is_lost_is_said_and_nothing_is_presumed(drive: Drive) -> None:
    fake = Fake({"two": (None,)})
    events = drive(CHAIN, fake)
    assert ("two", "is lost") in order(events)
    assert outcomes(events, "two") == []
    assert "three" not in fake.done


def test_what_was_lost_is_asked_for_by_the_next_coordinator_and_not_done_again(drive: Drive) -> None:
    fake = Fake({"two": (None, Outcome.DONE)})
    events = drive(CHAIN, fake, coordinators=2)
    assert outcomes(events, "two") == [Outcome.DONE]
    assert (fake.done, fake.asked) == (["one", "two", "three"], ["two"])


def test_a_coordinator_that_gets_no_answer_either_says_so_and_ends(drive: Drive) -> None:
    fake = Fake({"two": (None, None)})
    events = drive(CHAIN, fake, coordinators=2)
    assert [seen for seen in order(events) if seen[1] == "is lost"] == [("two", "is lost")] * 2
    assert (fake.done, fake.asked) == (["one", "two"], ["two"])
