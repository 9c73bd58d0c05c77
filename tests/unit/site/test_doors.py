"""Front doors are believed only when they sign, and counted as holding only when nothing is under way."""

import hashlib
import hmac

from golive.site.doors import Doors

KEY = b"0" * 64


def signed(text: str, key: bytes = KEY) -> str:
    return f"{text} {hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}"


def doors(answer: str = "hold", number: int = 3) -> Doors:
    return Doors(["edge"], KEY, lambda: (answer, number))


def test_the_answer_is_signed_over_the_nonce() -> None:
    said = doors("new", 4).hear(signed("edge/a 17 old 3 0"))
    assert said == f"new 4 {hmac.new(KEY, b'17 new 4', hashlib.sha256).hexdigest()}"


def test_a_line_with_another_key_is_not_answered_and_not_counted() -> None:
    here = doors()
    assert here.hear(signed("edge/a 1 hold 3 0", b"another")) is None
    assert here.hear("edge/a 1 hold 3 0") is None
    assert here.missing("hold", 3) == "front door edge does not ask the register"


def test_a_door_holds_when_it_says_so_twice_with_nothing_under_way() -> None:
    here = doors()
    here.hear(signed("edge/a 1 hold 3 2"))
    assert here.missing("hold", 3) == "front door edge still has 2 requests under way"
    here.hear(signed("edge/a 2 hold 3 0"))
    assert here.missing("hold", 3)
    here.hear(signed("edge/a 3 hold 3 0"))
    assert here.missing("hold", 3) == ""
    assert here.missing("hold", 4) == "front door edge says hold 3"


def test_every_worker_of_a_door_has_to_hold() -> None:
    here = doors()
    for nonce in (1, 2):
        here.hear(signed(f"edge/a {nonce} hold 3 0"))
    here.hear(signed("edge/b 1 old 2 0"))
    assert here.missing("hold", 3) == "front door edge says old 2"
