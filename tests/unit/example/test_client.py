"""The comparison of the Kinto client: what was acknowledged against what is there."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.kinto import client
from examples.kinto.client import History, Journal, Key, State

KEY: Key = ("writer-0", "a-1")


def start(at: float = 0) -> dict[str, Any]:
    return {"kind": "start", "at": at, "bucket": "live", "collections": ["writer-0"]}


def intent(write: str, content: dict[str, Any] | None, at: float = 0, record: str = "a-1") -> dict[str, Any]:
    return {
        "kind": "intent", "at": at, "write": write, "collection": "writer-0", "record": record, "content": content,
    }  # fmt: skip


def ack(write: str, version: int, at: float = 0) -> dict[str, Any]:
    return {"kind": "ack", "at": at, "write": write, "version": version, "ms": 3}


def state(content: dict[str, Any] | None, version: int | None = None) -> State:
    return State(None if content is None else client.canonical(content), version)


def journal(*entries: dict[str, Any]) -> Journal:
    return client.fold([start(), *entries])


def test_everything_there_is_proven():
    verdict = client.compare(journal(intent("1", {"n": 1}), ack("1", 10)), {KEY: state({"n": 1}, 10)})
    assert verdict.proven
    assert (verdict.acknowledged, verdict.lost) == (1, 0)


def test_a_missing_record_loses_all_of_its_writes():
    entries = [intent("1", {"n": 1}), ack("1", 10), intent("2", {"n": 2}), ack("2", 11)]
    verdict = client.compare(journal(*entries), {})
    assert verdict.lost == 2
    assert not verdict.proven
    assert "a-1" in client.report(verdict)
    assert json.loads(client.as_json(verdict))["losses"][0]["record"] == "a-1"


def test_an_older_state_loses_the_writes_after_it():
    entries = [
        intent("1", {"n": 1}),
        ack("1", 10),
        intent("2", {"n": 2}),
        ack("2", 11),
        intent("3", None),
        ack("3", 12),
    ]
    assert client.compare(journal(*entries), {KEY: state({"n": 1}, 10)}).lost == 2


def test_equal_content_of_another_version_is_a_loss():
    assert client.compare(journal(intent("1", {"n": 1}), ack("1", 10)), {KEY: state({"n": 1}, 9)}).lost == 1


def test_altered_content_is_a_loss():
    assert client.compare(journal(intent("1", {"n": 1}), ack("1", 10)), {KEY: state({"n": True}, 10)}).lost == 1


def test_a_deletion_needs_its_tombstone():
    history = journal(intent("1", {"n": 1}), ack("1", 10), intent("2", None), ack("2", 11))
    assert client.compare(history, {KEY: state(None, 11)}).proven
    assert client.compare(history, {}).lost == 2
    assert client.compare(history, {KEY: state({"n": 1}, 10)}).lost == 1


@pytest.mark.parametrize("found", [{KEY: state({"n": 1}, 10)}, {KEY: state({"n": 2}, 11)}])
@pytest.mark.parametrize("outcome", [[], [{"kind": "failed", "at": 1, "write": "2", "why": "reset"}]])
def test_an_unknown_write_may_be_there_or_not(found: dict[Key, State], outcome: list[dict[str, Any]]):
    verdict = client.compare(journal(intent("1", {"n": 1}), ack("1", 10), intent("2", {"n": 2}), *outcome), found)
    assert verdict.proven
    assert verdict.unknown == 1
    assert verdict.unknown_applied == (found[KEY].version == 11)


def test_an_unknown_write_excuses_no_older_state():
    entries = [intent("1", {"n": 1}), ack("1", 10), intent("2", {"n": 2}), ack("2", 11), intent("3", {"n": 3})]
    assert client.compare(journal(*entries), {KEY: state({"n": 1}, 10)}).lost == 1
    assert client.compare(journal(*entries), {KEY: state({"n": 3}, 9)}).lost == 2
    assert client.compare(journal(*entries), {}).lost == 2


def test_a_refused_write_must_not_be_there():
    refused = {"kind": "refused", "at": 1, "write": "2", "why": "503"}
    entries = [intent("1", {"n": 1}), ack("1", 10), intent("2", {"n": 2}), refused]
    assert client.compare(journal(*entries), {KEY: state({"n": 1}, 10)}).proven
    assert client.compare(journal(*entries), {KEY: state({"n": 2}, 11)}).lost == 1
    only = journal(intent("2", {"n": 2}), refused)
    assert client.compare(only, {KEY: state({"n": 2}, 11)}).strays == [KEY]


def test_a_record_that_nobody_wrote_is_a_stray():
    stray: Key = ("writer-0", "who")
    verdict = client.compare(
        journal(intent("1", {"n": 1}), ack("1", 10)), {KEY: state({"n": 1}, 10), stray: state({}, 5)}
    )
    assert verdict.strays == [stray]
    assert not verdict.proven


def test_no_writes_prove_nothing():
    assert not client.compare(journal(), {}).proven


def test_the_longest_gap_spans_all_connections_and_not_a_pause_between_runs():
    entries = [intent("1", {}, 1), ack("1", 10, 1), intent("2", {}, 4, "a-2"), ack("2", 10, 4.5)]
    stop = {"kind": "stop", "at": 5}
    later = [start(100), intent("3", {}, 101, "a-3"), ack("3", 10, 101), {"kind": "stop", "at": 102}]
    gap = client.fold([start(), *entries, stop, *later]).gap
    assert (gap.seconds, gap.began) == (3.5, 1)


def test_silence_until_the_end_is_a_gap():
    assert journal(intent("1", {}, 1), ack("1", 10, 1), {"kind": "stop", "at": 9}).gap.seconds == 8


def test_a_journal_cut_off_by_a_kill_is_read(tmp_path: Path):
    whole = [json.dumps(each) for each in (start(), intent("1", {"n": "ä"}), ack("1", 10), intent("2", {"n": 2}))]
    file = tmp_path / "writes.jsonl"
    file.write_bytes("\n".join(whole).encode()[:-10])
    assert client.compare(client.load(file), {KEY: state({"n": "ä"}, 10)}).proven


def test_a_fence_refuses_for_certain_and_kinto_does_not():
    assert client.Answer(503, {}, fenced=True).certainly_refused
    assert client.Answer(412, {"errno": 114}).certainly_refused
    assert not client.Answer(503, {"code": 503, "errno": 201}).certainly_refused
    assert not client.Answer(503, {}).certainly_refused
    assert not client.Answer(502, {}).certainly_refused


CONTENTS = st.one_of(st.none(), st.dictionaries(st.text(max_size=3), st.none() | st.booleans() | st.text(max_size=5)))


@st.composite
def histories(draw: st.DrawFn) -> History:
    contents = draw(st.lists(CONTENTS, min_size=1, max_size=6))
    states = [state(content, 100 + number) for number, content in enumerate(contents)]
    unknown = draw(st.one_of(st.none(), CONTENTS.map(state)))
    return History(states, unknown)


@given(histories())
def test_the_last_state_loses_nothing(history: History):
    assert client.lost_writes(history, history.acknowledged[-1]) == 0


@given(histories(), st.data())
def test_an_earlier_state_loses_what_came_after_it(history: History, data: st.DataObject):
    kept = data.draw(st.integers(0, len(history.acknowledged) - 1))
    found = history.acknowledged[kept - 1] if kept else None
    assert client.lost_writes(history, found) == len(history.acknowledged) - kept


@given(histories(), CONTENTS)
def test_anything_else_is_a_loss_unless_it_is_the_unknown_write(history: History, content: dict[str, Any] | None):
    found = state(content, 1000)
    applied = history.unknown is not None and history.unknown.content == found.content
    assert client.lost_writes(history, found) == (0 if applied else 1)


@given(st.integers(0, 10_000))
def test_content_survives_json(number: int):
    content = client.content_of(client.random.Random(number), number)
    again = json.loads(json.dumps(content, ensure_ascii=False))
    assert client.canonical(again) == client.canonical({**content, "id": "x", "last_modified": 5})
