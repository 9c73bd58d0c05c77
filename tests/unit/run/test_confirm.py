"""What golive makes of a script that arms: when it asks the host, and what the host's answers mean."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from golive.errors import HostUnreachable, LoginRefused
from golive.hosts.interface import Finished, Input, OnBytes
from golive.journal.events import Outcome
from golive.run.executors import confirm as module
from golive.run.executors.confirm import Confirmation
from golive.run.executors.interface import Lost, Result

ARMED = b"\x1earmed\tfile x\t1\t\n\x1echanged\tfile x\t2\t\n\x1eprove\t3\n"
PROVEN = ARMED + b"\x1eproven\t3\n"
REVERTED = ARMED + b"not confirmed\n\x1ereverted\tfile x\n"


class Door:
    """A host that is asked over a new connection each time, and answers as it is told to, the last answer again."""

    name = "lyon/app-1"

    def __init__(self, *answers: str | Exception) -> None:
        self.answers, self.asked, self.closed = list(answers), list[str](), 0

    async def open(self) -> None: ...

    async def run(self, command: str, stdin: Input = b"", on_stdout: OnBytes | None = None) -> Finished:
        self.asked.append(command)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return Finished(0, answer.encode(), b"")

    async def close(self) -> None:
        self.closed += 1


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SPARE", 0.3)
    monkeypatch.setattr(module, "PAUSE", 0.02)
    monkeypatch.setattr(module, "AFTER_REFUSAL", 0.02)


def driven(door: Door, act: Callable[[Confirmation], Awaitable[Result]], seconds: float = 1.0) -> Result:
    async def drive() -> Result:
        return await act(Confirmation(lambda: door, "/root/attempts/p/r-00001", seconds))

    return asyncio.run(drive())


def ended(outcome: Outcome, output: bytes, rebooted: bool = False) -> Callable[[Confirmation], Awaitable[Result]]:
    """The script's output comes, in pieces; then it ends."""

    async def act(confirmation: Confirmation) -> Result:
        for byte in output:
            confirmation.see(bytes([byte]))
        await asyncio.sleep(0.1)
        return await confirmation.judged(Result(outcome, "as the script said", output=output), rebooted)

    return act


def test_it_confirms_once_by_a_connection_of_its_own() -> None:
    door = Door("confirmed\n")
    result = driven(door, ended(Outcome.DONE, PROVEN + PROVEN))  # as after a lost connection
    assert (result.outcome, result.note) == (Outcome.DONE, "as the script said")
    assert len(door.asked) == door.closed == 1 and "/root/attempts/p/r-00001'/switch/3" in door.asked[0]


def test_a_script_that_arms_nothing_is_left_alone() -> None:
    door = Door("confirmed\n")
    assert driven(door, ended(Outcome.DONE, b"\x1eprove\t3\n"), seconds=0).outcome is Outcome.DONE
    assert door.asked == []


def test_it_tries_again_while_there_is_time() -> None:
    door = Door(HostUnreachable("lyon/app-1", "does not answer"), "confirmed\n")
    assert driven(door, ended(Outcome.DONE, PROVEN)).outcome is Outcome.DONE
    assert len(door.asked) == door.closed == 2


def test_what_was_reverted_failed_whatever_else() -> None:
    door = Door(LoginRefused("lyon/app-1", "refuses the login"))
    result = driven(door, ended(Outcome.FAILED, REVERTED))
    assert result.outcome is Outcome.FAILED
    assert "reverted by the host itself: file x" in result.note and "refuses the login" in result.note
    assert "still cannot log in" in result.note and "golive amend" in result.note


def test_it_says_when_the_way_is_back_and_what_is_not() -> None:
    door = Door("reverting\n", "in\n")
    result = driven(door, ended(Outcome.FAILED, REVERTED + b"\x1eresidue\tservice y\n"))
    assert "golive can log in again" in result.note and "COULD NOT be taken back: service y" in result.note


def test_a_host_that_was_started_again_is_asked_what_it_did() -> None:
    door = Door("confirmed\n", "armed\n.\n", "reverting\n.\n", "reverted\n.\n")
    result = driven(door, ended(Outcome.INTERRUPTED, ARMED, rebooted=True))
    assert result.outcome is Outcome.INTERRUPTED and "took back by itself" in result.note
    assert len(door.asked) == 4


def test_after_a_refusal_it_failed_although_nobody_saw_the_end() -> None:
    door = Door(LoginRefused("lyon/app-1", "refuses the login"), "reverted\n.\n")
    result = driven(door, ended(Outcome.INTERRUPTED, ARMED, rebooted=True))
    assert result.outcome is Outcome.FAILED and "refuses the login" in result.note


def test_a_script_that_was_ended_over_its_changes_failed() -> None:
    door = Door("reverted\n.\n")
    result = driven(door, ended(Outcome.INTERRUPTED, ARMED.partition(b"\x1eprove")[0]))
    assert result.outcome is Outcome.FAILED and "reverted by the host itself: file x" in result.note


def test_residue_without_a_word_is_not_called_reverted() -> None:
    result = driven(Door("residue\n.\n"), ended(Outcome.FAILED, ARMED))
    assert result.outcome is Outcome.FAILED and "reverted by the host" not in result.note
    assert "COULD NOT be taken back: file x" in result.note


def test_the_residue_of_a_back_out_has_nothing_to_do_with_it() -> None:
    door = Door("in\n")
    result = driven(door, ended(Outcome.FAILED, b"\x1eresidue\tfile y\n"), seconds=0)
    assert result.note == "as the script said" and door.asked == []


def test_a_host_that_stays_away_is_unknown() -> None:
    door = Door(HostUnreachable("lyon/app-1", "does not answer"))
    with pytest.raises(Lost, match="unknown for now"):
        driven(door, ended(Outcome.INTERRUPTED, ARMED), seconds=0.2)
