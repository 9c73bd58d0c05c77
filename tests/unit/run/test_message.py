"""Messages reach real receivers on the loopback, by mail and by webhook, at most once each; URLs are shown nowhere."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from office import Office, graph, message, step

from golive.errors import Exit
from golive.journal.events import AttemptAllocated, AttemptStarted, CoordinatorStarted, Do
from golive.plan.secret import SecretSource
from golive.run.executors.message import MessageExecutor
from golive.run.secrets import Vault

TELL = "lyon/deploy/tell"
PASSWORD = "s3cret-of-the-desk"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Receiver:
    """A service on the loopback; ``answers`` is what it says to a message: 250 or 200 takes it."""

    answers: int
    port: int = 0
    got: list[str] = field(default_factory=list[str])

    async def smtp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                self.got.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                writer.write(f"{self.answers} as you like\r\n".encode())
            else:
                writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            await writer.drain()
            if word == b"QUIT":
                break
        writer.close()

    async def http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.lower().splitlines() if line.startswith(b"content-length")), 0
        )
        self.got.append((await reader.readexactly(length)).decode())
        writer.write(f"HTTP/1.1 {self.answers} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def listening(kind: str, answers: int) -> AsyncGenerator[Receiver]:
    receiver = Receiver(answers)
    talk: Talk = receiver.smtp if kind == "smtp" else receiver.http

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()  # a connection that only looked whether somebody is there

    async with await asyncio.start_server(guarded, "127.0.0.1", 0) as server:
        receiver.port = server.sockets[0].getsockname()[1]
        yield receiver


def url(kind: str, port: int) -> str:
    if kind == "smtp":
        return f"mailto://127.0.0.1:{port}?smtp=127.0.0.1&mode=insecure&from=golive@example.org&to=desk@example.org"
    return f"json://desk:{PASSWORD}@127.0.0.1:{port}/hook"


def sender(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, held: str) -> MessageExecutor:
    monkeypatch.setenv("DESK", held)
    return MessageExecutor(Vault({"desk": SecretSource.model_validate({"env": "DESK"})}, tmp_path))


@pytest.mark.parametrize(("kind", "code"), [("smtp", 250), ("http", 200)])
async def test_a_message_is_taken_once(kind: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(tmp_path, graph(message("lyon"), step("lyon", "api", (TELL,))))
    async with listening(kind, code) as receiver:
        send = sender(monkeypatch, tmp_path, url(kind, receiver.port))
        assert await office.run(message=send) is Exit.DONE
        assert await office.run(message=send) is Exit.DONE
    assert len(receiver.got) == 1
    assert "It begins" in receiver.got[0]
    assert "Now." in receiver.got[0]


@pytest.mark.parametrize(("kind", "code"), [("smtp", 451), ("http", 500)])
async def test_what_a_service_does_not_confirm_asks_a_person_and_is_not_sent_again(
    kind: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path, graph(message("lyon"), step("lyon", "api", (TELL,)), step("lyon", "db", ())))
    async with listening(kind, code) as receiver:
        send = sender(monkeypatch, tmp_path, url(kind, receiver.port))
        assert await office.run(message=send) is Exit.WAITING
        assert await office.run(message=send) is Exit.WAITING
        sent = len(receiver.got)
    assert sent == 1
    assert office.journal.state.questions[TELL].question == (
        "Was the message “It begins” to desk sent? golive cannot tell."
    )
    assert (office.status("lyon/deploy/api"), office.status("lyon/deploy/db")) == ("pending", "done")
    office.answer(TELL, "ann", "sent", reason="the desk has it")
    assert await office.run(message=send) is Exit.DONE


async def test_one_that_was_not_sent_is_sent_once_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(tmp_path, graph(message("lyon")))
    async with listening("http", 500) as receiver:
        send = sender(monkeypatch, tmp_path, url("http", receiver.port))
        await office.run(message=send)
        receiver.answers = 200
        office.answer(TELL, "dee", "unsent", reason="the desk got nothing")
        assert await office.run(message=send) is Exit.DONE
    assert len(receiver.got) == 2


async def test_a_service_that_is_not_there_was_told_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(tmp_path, graph(message("lyon"), step("lyon", "db", ())))
    async with listening("http", 200) as receiver:
        port = receiver.port
    send = sender(monkeypatch, tmp_path, url("http", port))
    assert await office.run(message=send) is Exit.UNKNOWN
    assert office.journal.state.step(TELL).note.startswith(f"desk: no connection to 127.0.0.1 port {port}")
    assert office.status("lyon/deploy/db") == "done"
    async with listening("http", 200) as receiver:
        send = sender(monkeypatch, tmp_path, url("http", receiver.port))
        assert await office.run(message=send) is Exit.DONE
        assert len(receiver.got) == 1


async def test_a_golive_that_died_while_it_sent_asks_and_does_not_send(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path, graph(message("lyon")))
    office.journal.append(CoordinatorStarted(1, "h", "root", "here", 1, "1"))
    told = office.graph.by_id[TELL]
    office.journal.append(AttemptAllocated(1, TELL, Do.DO, 1, told.digest, 1))
    office.journal.append(AttemptStarted(1))
    office.store.next_epoch()
    async with listening("http", 200) as receiver:
        send = sender(monkeypatch, tmp_path, url("http", receiver.port))
        assert await office.run(message=send) is Exit.WAITING
        assert receiver.got == []
    assert office.status(TELL) == "waiting"


@pytest.mark.parametrize("held", ["nonsense://x", "", "mailto://"])
async def test_a_url_that_is_none_is_told_without_it(
    held: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path, graph(message("lyon")))
    assert await office.run(message=sender(monkeypatch, tmp_path, held)) is Exit.FAILED
    assert office.journal.state.step(TELL).note.startswith("secret desk holds no URL that Apprise knows")


async def test_the_url_and_what_stands_in_it_are_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(tmp_path, graph(message("lyon")))
    async with listening("http", 500) as receiver:
        await office.run(message=sender(monkeypatch, tmp_path, url("http", receiver.port)))
    written = b"".join(file.read_bytes() for file in tmp_path.glob("journal.db*"))
    assert b"It begins" in written, "the search looks where the run was written down"
    assert PASSWORD.encode() not in written
