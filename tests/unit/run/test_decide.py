"""What a signature is worth, and every way in which one is refused, with the reason."""

from dataclasses import replace
from pathlib import Path

import pytest
from office import Office, by_hand, decision, graph, person, step

from golive.errors import Exit, GateRefused, JournalError
from golive.journal.events import BackOutStarted, CoordinatorStarted, DecisionAsked, DecisionTaken, decode
from golive.run.decide import Answer, audit, sign, statement

GO = "lyon/deploy/go"
RACK = "lyon/deploy/rack"
TWO = graph(decision("lyon"), decision("oslo"))


@pytest.fixture
async def office(tmp_path: Path) -> Office:
    """A run that asks at two sites whether it may begin."""
    office = Office(tmp_path, TWO)
    assert await office.run() is Exit.WAITING
    return office


async def test_an_approval_is_taken_up_by_the_next_run(office: Office) -> None:
    office.answer(GO, "ann")
    office.answer("oslo/deploy/go", "cid")
    assert await office.run() is Exit.DONE


async def test_a_replayed_signature_names_the_question_that_it_was_for(office: Office) -> None:
    old = office.signed(GO, Answer("ann", "approve"))
    office.later(days=2)
    await office.run()
    with pytest.raises(
        GateRefused, match=r"it answers question \d+, and question \d+ is open: a signature is used once"
    ):
        office.hand_in(GO, "approve", *old)
    assert office.status(GO) == "waiting"


def test_a_signature_is_not_used_twice(office: Office) -> None:
    signed = office.signed(GO, Answer("ann", "approve"))
    office.hand_in(GO, "approve", *signed)
    with pytest.raises(GateRefused, match=r"too late: ann answered lyon/deploy/go already \(approve\)"):
        office.hand_in(GO, "approve", *signed)


def test_after_expiry_it_is_too_late(office: Office) -> None:
    signed = office.signed(GO, Answer("ann", "approve"))
    office.later(days=1)
    with pytest.raises(GateRefused, match="too late: the question of lyon/deploy/go expired"):
        office.hand_in(GO, "approve", *signed)


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("dee", "dee has not the role sponsor at lyon"),
        ("cid", "cid has not the role sponsor at lyon"),
        ("eve", "there is no person eve in the plan"),
    ],
)
def test_the_wrong_person(office: Office, who: str, said: str) -> None:
    with pytest.raises(GateRefused, match=said):
        office.hand_in(GO, "approve", *office.signed(GO, Answer(who, "approve"), key="dee"))


def test_a_person_who_signs_as_another(office: Office) -> None:
    with pytest.raises(GateRefused, match="the signature is not ann's"):
        office.hand_in(GO, "approve", *office.signed(GO, Answer("ann", "approve"), key="bob"))


def test_a_key_that_came_into_the_plan_after_the_run_began(office: Office) -> None:
    office.people = {**office.people, "new": person("New", "sponsor")}
    office.keys["new"] = office.keys["ann"]
    with pytest.raises(GateRefused, match="new may not sign in this run"):
        office.answer(GO, "new")


def test_a_refusal_is_not_shown_as_an_approval(office: Office) -> None:
    text, signature = office.signed(GO, Answer("ann", "refuse", "not tonight"))
    with pytest.raises(GateRefused, match="ann signed “refuse”, and not “approve”"):
        office.hand_in(GO, "approve", text, signature)


def test_a_refusal_whose_words_were_turned_round(office: Office) -> None:
    text, signature = office.signed(GO, Answer("ann", "refuse", "not tonight"))
    with pytest.raises(GateRefused, match="the signature is not ann's"):
        office.hand_in(GO, "approve", text.replace('"refuse"', '"approve"'), signature)


def test_a_signature_of_another_site(office: Office) -> None:
    signed = office.signed("oslo/deploy/go", Answer("ann", "approve"))
    with pytest.raises(GateRefused, match=r"signed for another step \(step oslo/deploy/go, here lyon/deploy/go\)"):
        office.hand_in(GO, "approve", *signed)


def test_a_signature_over_another_scope(office: Office) -> None:
    asked = office.journal.state.questions[GO]
    text = statement(replace(asked, scope="f" * 64), Answer("ann", "approve"), "notes-1", office.journal.head)
    with pytest.raises(GateRefused, match="signed for another scope: the site's part of the graph was another one"):
        office.hand_in(GO, "approve", text, sign(text, office.keys["ann"]))


def test_a_signature_over_other_evidence(office: Office) -> None:
    asked = office.journal.state.questions[GO]
    text = statement(replace(asked, evidence="f" * 64), Answer("ann", "approve"), "notes-1", office.journal.head)
    with pytest.raises(GateRefused, match="signed for other evidence than was asked about"):
        office.hand_in(GO, "approve", text, sign(text, office.keys["ann"]))


def test_a_signature_of_another_run(office: Office) -> None:
    with pytest.raises(GateRefused, match=r"signed for another run \(run notes-0, here notes-1\)"):
        office.hand_in(GO, "approve", *office.signed(GO, Answer("ann", "approve"), run="notes-0"))


def test_a_signature_over_another_journal(office: Office) -> None:
    text = statement(office.journal.state.questions[GO], Answer("ann", "approve"), "notes-1", "0" * 64)
    with pytest.raises(GateRefused, match="signed over a journal that is not this one"):
        office.hand_in(GO, "approve", text, sign(text, office.keys["ann"]))


@pytest.mark.parametrize("text", ["approve", "[]", "{}", '{"verb": 1}'])
def test_what_is_no_statement(office: Office, text: str) -> None:
    with pytest.raises(GateRefused, match="this is no statement that golive wrote"):
        office.hand_in(GO, "approve", text, sign(text, office.keys["ann"]))


def test_a_statement_with_something_added(office: Office) -> None:
    text, _ = office.signed(GO, Answer("ann", "approve"))
    more = text[:-1] + ',"x":1}'
    with pytest.raises(GateRefused, match="the statement is not as golive writes it"):
        office.hand_in(GO, "approve", more, sign(more, office.keys["ann"]))


async def test_an_amended_typo_at_one_site_leaves_the_other_sites_approval_valid(office: Office) -> None:
    office.answer(GO, "ann")
    waiting = office.signed("oslo/deploy/go", Answer("ann", "approve"))
    office.amend(graph(decision("lyon"), decision("oslo", version=2)))
    with pytest.raises(GateRefused, match="oslo/deploy/go was asked before the plan was amended"):
        office.hand_in("oslo/deploy/go", "approve", *waiting)
    assert await office.run() is Exit.WAITING
    assert (office.status(GO), office.status("oslo/deploy/go")) == ("done", "waiting")
    with pytest.raises(GateRefused, match="a signature is used once"):
        office.hand_in("oslo/deploy/go", "approve", *waiting)


def test_a_site_that_goes_back_takes_no_answer(office: Office) -> None:
    signed = office.signed(GO, Answer("ann", "approve"))
    office.journal.append(BackOutStarted("lyon", "the check failed"))
    with pytest.raises(GateRefused, match=r"lyon goes back to the old system \(the check failed\)"):
        office.hand_in(GO, "approve", *signed)


async def test_two_people_have_to_approve_and_they_are_two(tmp_path: Path) -> None:
    office = Office(tmp_path, graph(decision("lyon", persons=2)))
    await office.run()
    office.answer(GO, "ann")
    assert office.status(GO) == "waiting"
    assert await office.run() is Exit.WAITING
    with pytest.raises(GateRefused, match="ann has answered already: another person has to"):
        office.answer(GO, "ann")
    office.answer(GO, "bob")
    assert await office.run() is Exit.DONE


async def test_two_entries_of_the_plan_with_one_address_are_one_person(tmp_path: Path) -> None:
    twice = {
        "ann": person("Ann", "sponsor", email="ann@example.org"),
        "ann-at-home": person("Ann", "sponsor", email="Ann@example.org"),
    }
    office = Office(tmp_path, graph(decision("lyon", persons=2)), twice)
    await office.run()
    office.answer(GO, "ann")
    with pytest.raises(GateRefused, match="ann-at-home has answered already"):
        office.answer(GO, "ann-at-home")


async def test_one_of_two_who_refuses_is_enough(tmp_path: Path) -> None:
    office = Office(tmp_path, graph(decision("lyon", persons=2)))
    await office.run()
    office.answer(GO, "ann")
    office.answer(GO, "bob", "refuse", reason="no staff")
    assert office.status(GO) == "refused"


async def test_a_refusal_given_while_no_golive_ran_is_told_by_the_next_one_and_asked_again_by_the_one_after(
    office: Office,
) -> None:
    office.answer(GO, "ann", "refuse", reason="no staff")
    office.answer("oslo/deploy/go", "cid")
    assert [await office.run(), await office.run()] == [Exit.GATE_REFUSED, Exit.WAITING]
    office.answer(GO, "ann")
    assert await office.run() is Exit.DONE


async def test_a_golive_that_is_killed_has_told_nobody_of_a_refusal(office: Office) -> None:
    office.answer(GO, "ann", "refuse", reason="no staff")
    office.journal.append(CoordinatorStarted(office.journal.state.epoch + 1, "x", "me", "here", 1, "0"))
    assert await office.run() is Exit.GATE_REFUSED


async def test_a_refusal_of_another_plan_is_asked_about_at_once(tmp_path: Path) -> None:
    office = Office(tmp_path, graph(decision("lyon"), step("lyon", "api", ("lyon/deploy/go",))))
    await office.run()
    office.answer(GO, "ann", "refuse", reason="not that release")
    office.amend(graph(decision("lyon"), step("lyon", "api-2", ("lyon/deploy/go",))))
    assert await office.run() is Exit.WAITING


async def test_who_did_the_work_does_not_approve_it(tmp_path: Path) -> None:
    office = Office(tmp_path, graph(by_hand("lyon"), decision("lyon", needs=(RACK,))))
    await office.run()
    photo = office.store.save_blob(b"a photograph")
    office.answer(RACK, "bob", "do", answers={"unit": "12"}, attached={"photo": photo})
    await office.run()
    with pytest.raises(GateRefused, match="bob did lyon/deploy/rack: another person has to decide"):
        office.answer(GO, "bob")
    office.answer(GO, "ann")
    assert await office.run() is Exit.DONE


async def test_who_ran_golive_for_a_step_does_not_approve_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "ann-s-login")
    people = {"ann": person("Ann", "sponsor", login="ann-s-login"), "bob": person("Bob", "sponsor")}
    office = Office(tmp_path, graph(step("lyon", "api", ()), decision("lyon", needs=("lyon/deploy/api",))), people)
    await office.run()
    with pytest.raises(GateRefused, match="ann ran golive for lyon/deploy/api: another person has to decide"):
        office.answer(GO, "ann")
    office.answer(GO, "bob")


async def test_a_task_wants_its_evidence_and_its_answers(tmp_path: Path) -> None:
    office = Office(tmp_path, graph(by_hand("lyon")))
    await office.run()
    with pytest.raises(GateRefused, match="wants evidence: attach it with --attach photo=FILE"):
        office.answer(RACK, "bob", "do", answers={"unit": "12"})
    with pytest.raises(GateRefused, match="unit=top is no answer to “Which unit\\?”: write unit=NUMBER"):
        office.answer(RACK, "bob", "do", answers={"unit": "top"}, attached={"photo": "x"})
    with pytest.raises(GateRefused, match="“approve” is no answer to lyon/deploy/rack"):
        office.answer(RACK, "bob", "approve")


async def test_a_task_that_could_not_be_done_fails_with_the_reason_and_is_asked_again(tmp_path: Path) -> None:
    office = Office(tmp_path, graph(by_hand("lyon")))
    await office.run()
    office.answer(RACK, "bob", "cannot", reason="the rack is full")
    held = office.journal.state.step(RACK)
    assert (str(held.status), held.note) == ("failed", "bob: the rack is full")
    assert [await office.run(), await office.run()] == [Exit.FAILED, Exit.WAITING]


async def test_a_done_task_does_not_become_stale_by_a_typo_elsewhere_at_its_site(tmp_path: Path) -> None:
    office = Office(tmp_path, graph(by_hand("lyon"), step("lyon", "api", ())))
    await office.run()
    office.answer(RACK, "bob", "do", answers={"unit": "12"}, attached={"photo": "x"})
    office.amend(graph(by_hand("lyon"), step("lyon", "api-2", ())))
    assert await office.run() is Exit.DONE


def test_the_journal_is_audited_for_what_was_really_signed(office: Office) -> None:
    office.answer(GO, "ann", "refuse", reason="no")
    entries = office.store.entries("notes-1")
    audit(entries)
    forged = [
        replace(entry, event=replace(entry.event, verb="approve")) if hasattr(entry.event, "verb") else entry
        for entry in entries
    ]  # pyright: ignore
    with pytest.raises(JournalError, match=r"entry \d+ of the journal is not what ann signed: it shows verb “approve”"):
        audit(forged)
    stolen = [
        replace(entry, event=replace(entry.event, signature=sign("x", office.keys["bob"])))
        if hasattr(entry.event, "signature")
        else entry
        for entry in entries
    ]  # pyright: ignore
    with pytest.raises(JournalError, match="the signature is not ann's"):
        audit(stolen)


def test_the_events_of_this_folder_are_read_as_older_golives_wrote_them() -> None:
    asked = {
        "type": "DecisionAsked",
        "attempt": 1,
        "step": "s",
        "question": "?",
        "role": "r",
        "nonce": "n",
        "expires": "e",
        "scope": "d",
        "evidence": "v",
    }
    taken = {
        "type": "DecisionTaken",
        "attempt": 1,
        "step": "s",
        "person": "p",
        "verb": "approve",
        "reason": "",
        "statement": "{}",
        "signature": "x",
    }
    assert decode(asked) == DecisionAsked(1, "s", "?", "r", "n", "e", "d", "v")
    assert decode(taken) == DecisionTaken(1, "s", "p", "approve", "", "{}", "x")


async def test_what_an_approval_let_begin_waits_anew_when_an_amended_plan_has_voided_it(tmp_path: Path) -> None:
    api = step("lyon", "api", (GO,))
    office = Office(tmp_path, graph(decision("lyon"), api, step("lyon", "web", (api.id,), kind="later")))
    await office.run()
    office.answer(GO, "ann")
    await office.run()  # nothing here carries out web: it fails, and api is done
    assert office.status(api.id) == "done"
    office.amend(graph(decision("lyon"), api, step("lyon", "web", (api.id,))))
    assert await office.run() is Exit.FAILED
    assert (office.status(GO), office.status("lyon/deploy/web")) == ("waiting", "failed")
    office.answer(GO, "ann")
    assert await office.run() is Exit.DONE
