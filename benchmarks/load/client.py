"""A load through the front door: ``python -m benchmarks.load.client --host EDGE --log log.jsonl`` until stdin ends.

Writers on kept connections share a rate; idle connections are opened at the beginning, and asked again when their turn
comes and at the end; slow requests follow each other, so that one is always in flight. Nothing is ever tried again:
each request is one line of the log, with what became of it.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import time
import uuid
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from benchmarks.load.log import Request

PATIENCE = 30.0
"""Seconds after which a request counts as failed: what users and their proxies bear."""


class Connection:
    """One connection to the front door, opened when it is needed."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """One request and its answer. Raises OSError, EOFError or TimeoutError when there is none."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._ask(method, path, b"" if body is None else json.dumps(body).encode())
        except (OSError, EOFError, TimeoutError, asyncio.CancelledError):
            self.close()
            raise

    def close(self) -> None:
        """Closes it; the next request opens it anew."""
        if self._streams:
            self._streams[1].close()
        self._streams = None

    async def _ask(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        if self._streams is not None and self._streams[0].at_eof():
            self.close()  # closed by the server while it was idle: no request was lost by that
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
        parts = [line.partition(": ") for line in lines[1:] if line]
        heads = {name: value for name, _, value in parts}
        answer = await reader.readexactly(int(heads.get("content-length", 0)))
        if heads.get("connection") == "close":
            self.close()
        return int(lines[0].split()[1]), _decoded(answer)


def _decoded(answer: bytes) -> dict[str, Any]:
    try:
        return json.loads(answer)
    except ValueError:
        return {}  # a page of the front door's own


class Load:
    """All connections, until ``stop`` is set."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options, self._token, self._number = options, uuid.uuid4().hex[:8], 0
        self._log = os.open(options.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.stop = asyncio.Event()

    async def run(self) -> None:
        """Everything at the same time."""
        pace = self._options.writers / self._options.rate
        work: list[Awaitable[None]] = [self._writes(pace) for _ in range(self._options.writers)]
        work += [self._idles(number) for number in range(self._options.idle)]
        if self._options.slow:
            work.append(self._slow(self._options.slow))
        await asyncio.gather(*work)

    async def _writes(self, pace: float) -> None:
        connection = self._connection()
        due = time.monotonic() + pace * random.random()
        while await self._wait(due - time.monotonic()):
            await self._write(connection, "write")
            due = max(due + pace, time.monotonic())
        connection.close()

    async def _slow(self, seconds: float) -> None:
        connection = self._connection()
        while await self._wait(0.01):
            await self._write(connection, "slow", seconds=seconds)
        connection.close()

    async def _idles(self, number: int) -> None:
        """Opened within the first seconds; asked once a turn, all turns spread evenly, and at the end."""
        connection = self._connection()
        await self._wait(2 * number / self._options.idle)
        await self._note("idle", "", connection.ask("GET", "/"))
        while await self._wait(self._options.turn * (0.5 + random.random())):
            await self._note("idle", "", connection.ask("GET", "/"))
        await self._note("idle", "", connection.ask("GET", "/"))
        connection.close()

    async def _write(self, connection: Connection, kind: str, **more: Any) -> None:
        self._number += 1
        id = f"{self._token}-{self._number}"
        body = {"id": id, "account": random.randint(1, 100), **more}
        await self._note(kind, id, connection.ask("POST", f"/{kind}", body), more.get("seconds", 0.0))

    async def _note(self, kind: str, id: str, asking: Awaitable[tuple[int, dict[str, Any]]], own: float = 0.0) -> None:
        began, status, answer, error = time.time(), 0, dict[str, Any](), ""
        try:
            status, answer = await asking
            error = str(answer.get("error", ""))
        except (OSError, EOFError, TimeoutError) as wrong:
            error = repr(wrong)
        done = Request(kind, id, began, time.time(), status, str(answer.get("from", "")), own, error)
        os.write(self._log, f"{done.as_json()}\n".encode())
        if not done.good:
            await self._wait(0.05)  # as a person would, it takes a breath

    def _connection(self) -> Connection:
        return Connection(self._options.host, self._options.port)

    async def _wait(self, seconds: float) -> bool:
        """Whether to go on after so long."""
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await self.stop.wait()
        except TimeoutError:
            pass  # the time that was waited for is over
        return not self.stop.is_set()


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--host", required=True, help="the front door")
    made.add_argument("--port", type=int, default=80)
    made.add_argument("--log", type=Path, required=True, help="one line of JSON for each request")
    made.add_argument("--rate", type=float, default=120, help="writes a second over all writers")
    made.add_argument("--writers", type=int, default=16, help="connections that write")
    made.add_argument("--idle", type=int, default=200, help="kept connections besides")
    made.add_argument("--turn", type=float, default=60, help="seconds after which an idle connection is asked again")
    made.add_argument("--slow", type=float, default=3, help="seconds of the slow request; 0: none")
    return made


async def main() -> None:
    """Loads until stdin ends."""
    load = Load(parser().parse_args())
    running = asyncio.create_task(load.run())
    await asyncio.to_thread(sys.stdin.read)
    load.stop.set()
    await running


if __name__ == "__main__":
    asyncio.run(main())
