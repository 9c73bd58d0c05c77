"""What the service says of a crossing that it did not see to its end, with a keeper that is told what to answer."""

import itertools
from types import SimpleNamespace
from typing import Any

import pytest

from golive.site import crossing
from golive.site.service import Service

CONFIG: dict[str, Any] = {"fence": 6, "requests": 4, "drain": 4, "totals": {}, "passes": {"old": [], "new": []}}


def service(serving: str, *opens: bool) -> Service:
    """One whose database can be opened when the answers say so; the last of them stays."""
    answers = itertools.chain(opens, itertools.repeat(opens[-1]))

    def carry(seconds: float) -> bool:
        return next(answers) if seconds else False

    made: Any = object.__new__(Service)
    made.config, made.doors, made.names = CONFIG, None, None
    made.sides = {side: SimpleNamespace(name=side) for side in ("old", "new")}
    made.keeper = SimpleNamespace(register=SimpleNamespace(serving=serving), carry=carry)
    return made


@pytest.mark.parametrize("verb", ["cross", "new"])
def test_it_serves_when_it_was_opened_and_not_when_it_was_decided(verb: str):
    said: list[str] = []
    assert service("new", False, False, True).ask(verb, said.append) == "= done"
    nobody = ["nobody serves: it is decided that new does" in line for line in said]
    assert nobody[:3] == [True, True, False]
    assert said[-1].startswith("the new side serves")


@pytest.mark.parametrize("verb", ["cross", "new"])
def test_a_side_that_cannot_be_opened_does_not_serve(verb: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(crossing, "RELEASE", 15)
    said: list[str] = []
    assert "new cannot be opened" in service("new", False).ask(verb, said.append)
    assert not [line for line in said if "side serves" in line]


def test_the_other_side_serves():
    said: list[str] = []
    assert service("old", True).ask("new", said.append) == "= failed: it is decided that the old side serves"
