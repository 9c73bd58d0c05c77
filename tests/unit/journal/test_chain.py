"""Any change of a journal is found, with the position; a sound one is not doubted."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.digest import canonical, digest
from golive.journal.chain import GENESIS, Anchor, find_break, link
from golive.journal.events import (
    AttemptEnded,
    AttemptStarted,
    DecisionTaken,
    Event,
    FailureAnswered,
    Outcome,
    RunStarted,
)
from golive.journal.record import Record, from_line, record, to_line


def chained(events: Sequence[Event]) -> list[Record]:
    made: list[Record] = []
    for seq, event in enumerate(events, 1):
        made.append(record(link(seq, f"2026-01-01T00:00:{seq:02}+00:00", event, made[-1].hash if made else GENESIS)))
    return made


def signed(head: str, attempt: int = 3) -> DecisionTaken:
    parts = {"verb": "approve", "reason": "é", "person": "ann", "step": "s", "attempt": attempt, "head": head}
    return DecisionTaken(attempt, "s", "ann", "approve", "é", canonical(parts), "signature")


def sample(signature: bool = True) -> list[Record]:
    events: list[Event] = [RunStarted("notes-1", "p", "g", "me", "here", "1")]
    events += [event for n in (1, 2) for event in (AttemptStarted(n), AttemptEnded(n, Outcome.DONE, "fine ✓", 0))]
    head = chained(events)[3].hash
    return chained([*events, signed(head) if signature else AttemptStarted(3), AttemptEnded(3, Outcome.FAILED)])


def anew(records: Sequence[Record], seq: int) -> list[Record]:
    """What somebody makes who changes entry ``seq`` and computes all hashes from there on again."""
    made: list[Record] = []
    for kept in records:
        previous = made[-1].hash if made else GENESIS
        event = kept.event() | ({"who": "nobody", "note": "changed"} if kept.seq == seq else {})
        made.append(Record(kept.seq, kept.at, canonical(event), previous, digest([kept.seq, kept.at, event, previous])))
    return made


def test_a_sound_journal_holds_with_all_its_heads() -> None:
    records = sample()
    anchors = [Anchor("app-1", kept.hash, kept.seq) for kept in records] + [Anchor("a recap", records[-1].hash)]
    assert find_break(records, anchors) is None


@given(st.data())
def test_one_changed_byte_of_an_export_is_found_where_it_is(data: st.DataObject) -> None:
    lines = [to_line(kept) for kept in sample()]
    number = data.draw(st.integers(0, len(lines) - 1))
    raw = bytearray(lines[number].encode())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    lines[number] = raw.decode("utf-8", "surrogateescape")
    assert broken_at(lines) == number + 1


@given(st.data())
def test_one_changed_byte_in_the_store_is_found_where_it_is(data: st.DataObject) -> None:
    records = sample()
    number = data.draw(st.integers(0, len(records) - 1))
    body = bytearray(records[number].body.encode())
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    kept = records[number]
    records[number] = Record(kept.seq, kept.at, body.decode("utf-8", "surrogateescape"), kept.previous, kept.hash)
    found = find_break(records)
    assert found is not None and found.seq == number + 1


def broken_at(lines: Sequence[str]) -> int | None:
    records: list[Record] = []
    for number, line in enumerate(lines, 1):
        try:
            records.append(from_line(line))
        except ValueError:
            return number
        if found := find_break(records):
            return found.seq
    return None


@pytest.mark.parametrize("number", range(1, 7))
def test_a_removed_line_is_found(number: int) -> None:
    records = sample()
    del records[number - 1]
    found = find_break(records)
    assert found is not None and found.seq == number


@pytest.mark.parametrize("number", range(1, 7))
def test_a_swapped_pair_is_found_also_when_the_places_are_swapped_too(number: int) -> None:
    records = sample()
    one, two = records[number - 1], records[number]
    records[number - 1 : number + 1] = [two, one]
    assert (found := find_break(records)) and found.seq == number
    swapped = [Record(one.seq, two.at, two.body, two.previous, two.hash)]
    swapped += [Record(two.seq, one.at, one.body, one.previous, one.hash)]
    records[number - 1 : number + 1] = swapped
    assert (found := find_break(records)) and found.seq == number


def test_a_cut_tail_shows_by_a_head_that_is_kept_elsewhere() -> None:
    records = sample()
    assert find_break(records[:5]) is None
    found = find_break(records[:5], [Anchor("lyon/app-1", records[6].hash, 7)])
    assert found is not None and (found.seq, "lyon/app-1" in found.why) == (6, True)
    found = find_break(records[:5], [Anchor("the head that was given", records[6].hash)])
    assert found is not None and found.seq == 1  # without its place it may have been anywhere
    firm = [Anchor("the head that was given", records[6].hash), Anchor("lyon/app-1", records[3].hash, 4)]
    assert (found := find_break(records[:5], firm)) and found.seq == 5


@pytest.mark.parametrize("number", range(1, 5))
def test_a_chain_made_anew_is_found_by_what_a_person_signed(number: int) -> None:
    assert find_break(anew(sample(signature=False), number)) is None
    found = find_break(anew(sample(), number))
    assert found is not None and found.seq <= number and "made anew" in found.why


@pytest.mark.parametrize("number", range(1, 8))
def test_a_chain_made_anew_is_found_exactly_where_hosts_hold_each_head(number: int) -> None:
    records = sample(signature=False)
    anchors = [Anchor("app-1", kept.hash, kept.seq) for kept in records]
    found = find_break(anew(records, number), anchors)
    assert found is not None and found.seq == number


def test_an_answer_that_is_not_what_was_signed_is_found() -> None:
    events: list[Event] = [RunStarted("notes-1", "p", "g", "me", "here", "1")]
    taken = signed(chained(events)[0].hash)
    turned = DecisionTaken(3, "s", "ann", "refuse", "é", taken.statement, taken.signature)
    assert find_break(chained([*events, taken])) is None
    found = find_break(chained([*events, turned]))
    assert found is not None and (found.seq, found.why) == (2, "its verb is not what ann signed")


@pytest.mark.parametrize("answer", ["retry", "stop"])
def test_what_is_done_about_a_failure_is_signed_by_nobody_unless_it_is_skipped(answer: str) -> None:
    before = [RunStarted("notes-1", "p", "g", "me", "here", "1"), AttemptEnded(1, Outcome.FAILED)]
    said = FailureAnswered("s", 1, answer, "root", "here")
    assert find_break(chained([*before, said])) is None
    found = find_break(chained([*before, replace(said, answer="skip")]))
    assert found is not None and found.seq == 3


def test_a_journal_of_an_older_golive_with_fewer_fields_holds() -> None:
    event = {"type": "AttemptEnded", "attempt": 1, "outcome": "done"}
    kept = Record(1, "2026-01-01", canonical(event), GENESIS, digest([1, "2026-01-01", event, GENESIS]))
    assert find_break([kept]) is None
    assert from_line(to_line(kept)) == kept
    assert json.loads(to_line(kept))["event"] == event
