"""The verdict on a load, and the client against a server that holds, refuses and hangs up."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.load.client import Load
from benchmarks.load.log import Request, judge, read


def write(id: str, began: float, ended: float, status: int = 201, **more: Any) -> Request:
    return Request("write", id, began, ended, status, **more)


def test_nothing_is_lost_or_failed():
    verdict = judge([write("a", 0, 0.1), write("b", 0.1, 0.2)], ["a", "b", "older"])
    assert (verdict.acknowledged, verdict.lost, verdict.failed) == (2, [], [])
    assert round(verdict.stall, 9) == 0.1


def test_an_acknowledged_write_that_is_not_there_is_lost_and_one_that_was_refused_is_not():
    refused = write("b", 1, 2, 503)
    verdict = judge([write("a", 0, 1), refused], [])
    assert verdict.lost == ["a"]
    assert verdict.failed == [refused]


def test_a_loss_counts_also_outside_of_the_time_that_is_looked_at():
    assert judge([write("a", 0, 1), write("b", 5, 6)], ["b"], since=4).lost == ["a"]


def test_a_slow_request_stalls_only_beyond_its_own_time():
    assert judge([Request("slow", "a", 0, 3.5, 201, own=3)], ["a"]).longest == 0.5


def test_refusals_that_come_quickly_are_a_stall_too():
    waits = [write("a", 0, 0.1), *(write(f"x{n}", n, n + 0.01, 503) for n in range(1, 5)), write("b", 5, 5.1)]
    assert judge(waits, ["a", "b"]).stall == 5


async def test_the_client_logs_whatever_happens_and_tries_nothing_again(tmp_path: Path):
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers every third write, refuses every third, and hangs up on the others."""
        while head := (await reader.read(65536)).decode():
            asked.append(head)
            if head.startswith("GET"):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            elif len(asked) % 3 == 0:
                break
            else:
                status = b"201 Created" if len(asked) % 3 == 1 else b"503 No"
                writer.write(b"HTTP/1.1 %s\r\nContent-Length: 13\r\n\r\n" % status + b'{"from":"me"}')
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    log = tmp_path / "log.jsonl"
    options = {
        "host": "127.0.0.1",
        "port": port,
        "log": log,
        "rate": 200,
        "writers": 2,
        "idle": 3,
        "turn": 9,
        "slow": 0,
    }
    load: Any = Load(SimpleNamespace(**options))  # type: ignore[arg-type]
    running = asyncio.create_task(load.run())
    await asyncio.sleep(0.5)
    load.stop.set()
    await running
    server.close()
    requests = read(log)
    assert len(requests) == len(asked)
    assert {one.status for one in requests if one.kind == "write"} == {201, 503, 0}
    assert sum(one.kind == "idle" for one in requests) >= 3
    assert all(one.by == "me" for one in requests if one.kind == "write" and one.good)
    assert all(one.error for one in requests if one.status == 0)
