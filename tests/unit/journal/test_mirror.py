"""What hosts keep of a journal can be put together again, from any of them; what does not fit is found."""

import lzma

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.digest import digest_bytes
from golive.journal.events import AttemptStarted, Event, RunStarted
from golive.journal.mirror import Contradiction, anchor, pack, pack_run, unpack

from .test_chain import chained

EVENTS: list[Event] = [RunStarted("notes-1", "p", "g", "me", "here", "1"), *(AttemptStarted(n) for n in range(1, 20))]
RECORDS = chained(EVENTS)
GRAPH = '{"steps":[]}'
NAME = digest_bytes(GRAPH.encode())


@given(st.data())
def test_parts_from_many_hosts_make_the_journal_up_to_the_first_gap(data: st.DataObject) -> None:
    bounds = st.tuples(st.integers(1, 20), st.integers(1, 20)).map(sorted)
    ranges = data.draw(st.lists(bounds, max_size=6))
    held = unpack(pack(RECORDS[first - 1 : last]) for first, last in ranges)
    covered = {seq for first, last in ranges for seq in range(first, last + 1)}
    whole = next(seq for seq in range(1, 22) if seq not in covered) - 1
    assert held.whole == tuple(RECORDS[:whole])


def test_graphs_and_the_plan_ride_along() -> None:
    run = pack_run({NAME: GRAPH}, {"golive.yaml": "golive: 1\n"}, NAME)
    name, body = pack(RECORDS[:3], run)
    held = unpack([(name, body), pack(RECORDS[3:])])
    assert (dict(held.graphs), dict(held.plans)) == ({NAME: GRAPH}, {NAME: {"golive.yaml": "golive: 1\n"}})
    assert held.whole == tuple(RECORDS)


def test_a_graph_that_is_not_what_its_name_says_is_no_graph() -> None:
    assert not unpack([("x", pack_run({NAME: GRAPH + " "}, {}, NAME))]).graphs


def test_parts_of_two_journals_contradict_each_other() -> None:
    other = chained([*EVENTS[:5], AttemptStarted(99), *EVENTS[6:]])
    with pytest.raises(Contradiction, match="entry 6 is not the same everywhere"):
        unpack([pack(RECORDS), pack(other)])
    plans = [("a", pack_run({}, {"golive.yaml": text}, NAME)) for text in ("one", "two")]
    with pytest.raises(Contradiction, match="documents"):
        unpack(plans)


def test_a_damaged_part_is_said() -> None:
    name, body = pack(RECORDS)
    with pytest.raises(ValueError, match="damaged"):
        unpack([(name, body[: len(body) // 2])])
    with pytest.raises(ValueError, match="no entry"):
        unpack([(name, lzma.compress(b'{"seq":1}\n'))])


def test_the_name_of_a_part_is_an_anchor() -> None:
    name, _ = pack(RECORDS[4:9])
    said = anchor("lyon/app-1", name)
    assert said is not None and (said.who, said.seq, said.hash) == ("lyon/app-1", 9, RECORDS[8].hash)
    assert anchor("lyon/app-1", "README") is None
