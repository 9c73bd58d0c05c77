"""Front doors ask here which system serves, and say whether they hold. Every line is signed with the cutover's key.

A door sends ``NAME/WORKER NONCE STATE NUMBER REQUESTS MAC``, and is answered ``ANSWER NUMBER MAC``.
"""

from __future__ import annotations

import hashlib
import hmac
import socketserver
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from golive.words import several

FRESH = 1.0
"""Seconds after which a worker that says nothing is taken for gone."""


class Word(NamedTuple):
    """What a worker of a front door said last."""

    at: float
    state: str
    number: int
    requests: int
    times: int
    """How often in a row it said that it holds, with no request under way."""


class Doors:
    """What the front doors say.

    Args:
        names: the doors that have to hold.
        key: the cutover's key.
        answer: tells what is to be answered: a word and the number of the fence.
    """

    def __init__(self, names: Sequence[str], key: bytes, answer: Callable[[], tuple[str, int]]) -> None:
        self._names, self._key, self._answer = tuple(names), key, answer
        self._words: dict[str, Word] = {}
        self._lock = threading.Lock()

    def _mac(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def hear(self, line: str) -> str | None:
        """The answer to a door's line; None for a line that no door of ours has sent."""
        said, _, mac = line.rpartition(" ")
        if not hmac.compare_digest(mac.encode(), self._mac(said).encode()):
            return None
        worker, nonce, state, number, requests = said.split(" ")
        answer, current = self._answer()
        with self._lock:
            before = self._words.get(worker)
            still = state == "hold" and int(number) == current and requests == "0"
            times = (before.times if before and before.number == int(number) else 0) + 1 if still else 0
            self._words[worker] = Word(time.monotonic(), state, int(number), int(requests), times)
        return f"{answer} {current} {self._mac(f'{nonce} {answer} {current}')}"

    def missing(self, state: str, number: int) -> str:
        """Which door is not in this state, in a sentence; empty: all are. ``hold`` wants no request under way."""
        with self._lock:
            words = {worker: word for worker, word in self._words.items() if time.monotonic() - word.at < FRESH}
        for name in self._names:
            said = [word for worker, word in words.items() if worker.partition("/")[0] == name]
            if not said:
                return f"front door {name} does not ask the register"
            for word in said:
                if word.state != state or word.number != number:
                    return f"front door {name} says {word.state} {word.number}"
                if state == "hold" and word.times < 2:
                    return f"front door {name} still has {several(word.requests, 'request')} under way"
        return ""

    def server(self, address: str, port: int) -> socketserver.TCPServer:
        """A server for the doors; the caller runs and closes it."""
        doors = self

        class Handler(socketserver.StreamRequestHandler):
            timeout = 30

            def handle(self) -> None:
                try:
                    for line in iter(lambda: self.rfile.readline(512), b""):
                        said = doors.hear(line.decode("ascii", "replace").strip())
                        if said is None:
                            return
                        self.wfile.write(f"{said}\n".encode())
                except (OSError, ValueError):
                    return  # it comes back with a new connection

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        return Server((address, port), Handler)
