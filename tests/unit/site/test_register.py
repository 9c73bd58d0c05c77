"""The register decides who serves: whatever happens in whatever order, never two, and no late hand changes it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.site import register as rules
from golive.site.register import Book, Clock, Refused, Register

START = Clock(1000.0, "boot-1", 50.0)


def at(seconds: float, boot: str = "boot-1", drift: float = 0.0) -> Clock:
    return Clock(1000.0 + seconds + drift, boot, 50.0 + seconds)


def test_a_commit_in_time_moves_the_serving_and_tells_the_doors_only_when_it_is_opened() -> None:
    fenced = rules.fence(Register(), 10, START)
    assert (rules.answer(fenced), fenced.serving) == ("hold", "old")
    committed = rules.commit(rules.closing(fenced, 1, at(1)), 1, at(9.9))
    assert (rules.answer(committed), committed.serving) == ("hold", "new")
    assert rules.answer(rules.carried(committed)) == "new"


@pytest.mark.parametrize("late", [at(10), at(10, "boot-2"), at(11, drift=-100), at(-500, "boot-1", 600)])
def test_a_commit_that_is_late_by_either_clock_is_refused(late: Clock) -> None:
    fenced = rules.closing(rules.fence(Register(), 10, START), 1, START)
    assert rules.over(fenced, late)
    with pytest.raises(Refused, match="time of fence 1 is over"):
        rules.commit(fenced, 1, late)
    with pytest.raises(Refused, match="time of fence 1 is over"):
        rules.closing(fenced, 1, late)


def test_nothing_is_committed_while_the_other_side_is_open() -> None:
    with pytest.raises(Refused, match="the old side was not closed"):
        rules.commit(rules.fence(Register(), 10, START), 1, START)


def test_a_fence_under_which_nothing_was_closed_is_lifted_at_once() -> None:
    lifted = rules.lift(rules.fence(Register(), 10, START), 1)
    assert rules.answer(lifted) == "old"
    assert not rules.fence(lifted, 10, START).closing


def test_a_driver_of_an_earlier_fence_is_refused() -> None:
    lifted = rules.carried(rules.lift(rules.fence(Register(), 10, START), 1))
    second = rules.fence(lifted, 10, START)
    with pytest.raises(Refused, match="fence 1 does not stand"):
        rules.commit(second, 1, START)
    with pytest.raises(Refused, match="fence 1 does not stand"):
        rules.lift(second, 1)


def test_a_fence_waits_until_the_one_before_was_carried_through() -> None:
    with pytest.raises(Refused, match="not carried through"):
        rules.fence(rules.lift(rules.closing(rules.fence(Register(), 10, START), 1, START), 1), 10, START)


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["fence", "close", "commit", "lift", "carry", "expire"]), st.integers(0, 3), st.floats(0, 8)
    )
)


@given(MOVES)
def test_serving_changes_by_a_commit_in_time_alone_and_old_orders_do_nothing(
    moves: list[tuple[str, int, float]],
) -> None:
    register, now, is_open = Register(), 0.0, {"old": True, "new": False}
    for move, number, passes in moves:
        now += passes
        before = register
        try:
            match move:
                case "fence":
                    register = rules.fence(register, 10, at(now))
                case "commit":
                    register = rules.commit(register, number, at(now))
                case "lift":
                    register = rules.lift(register, number)
                case "close":
                    register = rules.closing(register, number, at(now))
                    is_open[register.serving] = False
                case "carry" if not register.fenced:
                    is_open[register.serving] = True
                    register = rules.carried(register)
                case "carry":
                    pass
                case _:
                    register = rules.lift(register, register.number) if rules.over(register, at(now)) else register
        except Refused:
            assert register == before
        if register.serving != before.serving:
            assert move == "commit" and number == before.number and before.fenced and now < before.until - 1000.0
        assert register.number >= before.number
        if register.fenced or register.released != register.number:
            assert rules.answer(register) == "hold"
        else:
            assert rules.answer(register) == register.serving
            assert is_open[register.serving]
        assert not all(is_open.values())


def test_what_was_decided_is_read_again(tmp_path: Path) -> None:
    path = str(tmp_path / "register")
    fenced = rules.fence(Book(path).register, 10, START)
    Book(path).write(fenced)
    assert Book(path).register == fenced
