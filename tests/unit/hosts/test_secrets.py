"""Secrets with any content arrive unmangled, in either shell."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.hosts.framing import secret_lines
from golive.hosts.local import LocalHost
from golive.secret import Secret

ANYTHING = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)
NASTY = st.text(st.sampled_from("'\"\\$`!\n\r\t #*;&|<>()\x01\x1b\x7f\x81\x88é€😀"), max_size=30)
PRINT = 'eval "$(cat)"; printf "%s" "$GOLIVE_SECRET_one"; printf "|"; printf "%s" "$GOLIVE_SECRET_two"'


@pytest.mark.parametrize("argv", [("dash",), ("busybox", "sh")], ids=["dash", "busybox"])
@settings(max_examples=150, deadline=None)
@given(one=ANYTHING | NASTY, two=NASTY | ANYTHING)
def test_any_text_arrives_as_it_is(argv: tuple[str, ...], one: str, two: str) -> None:
    lines = secret_lines({"two": Secret("two", two), "one": Secret("one", one)})
    finished = asyncio.run(LocalHost("here", argv).run(PRINT, lines))
    assert finished.stdout == f"{one}|{two}".encode()
    assert finished.stderr == b""


@pytest.mark.parametrize("name", ["", "1a", "a-b", "a b", "a;id", "ä"])
def test_a_name_that_is_no_shell_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="letters, digits and _ only"):
        secret_lines({name: Secret(name, "x")})
