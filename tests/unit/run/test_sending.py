"""What a script reads on its host is sent there once, whole, by its digest."""

import os
import time
from pathlib import Path

import pytest

from golive.digest import digest_bytes
from golive.graph.step import Action, Stage, Step
from golive.hosts.local import LocalHost
from golive.journal.events import Do
from golive.reconcile.state import Attempt
from golive.resources.content import Content
from golive.run.executors.contents import Contents
from golive.run.executors.interface import Job

BINARY, TEXT = bytes(range(256)) * 3000, "é\n" * 40000


async def begun() -> None:
    """Nobody wants to know."""


class Sent:
    """A job with two contents, and what was said while they were sent."""

    def __init__(self) -> None:
        self.said: list[bytes] = []
        contents = [
            Content(sha256=digest_bytes(BINARY), size=len(BINARY), source="files/logo.png"),
            Content(sha256=digest_bytes(TEXT.encode()), size=len(TEXT.encode()), text=TEXT),
        ]
        inputs = {"contents": [content.model_dump(exclude_none=True) for content in contents]}
        step = Step("lyon/baseline/converge@one", Stage.BASELINE, "", Action("script", inputs))
        attempt = Attempt(number=1, step=step.id, action=Do.DO, revision=1, digest="d", epoch=1, lane="lyon/one")
        self.job = Job(attempt, step, step.do, "run", "project", begun, self.said.append)


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    (tmp_path / "plan/files").mkdir(parents=True)
    (tmp_path / "plan/files/logo.png").write_bytes(BINARY)
    return tmp_path / "plan"


async def test_what_is_there_is_not_sent_again(plan: Path, tmp_path: Path) -> None:
    there, sent, host = tmp_path / "there", Sent(), LocalHost("here")
    contents = Contents(plan, str(there))
    assert await contents.bring(host, sent.job) == ""
    held = {path.name: path.read_bytes() for path in there.iterdir()}
    assert held == {digest_bytes(raw): raw for raw in (BINARY, TEXT.encode())}
    assert len(sent.said) == 2
    os.utime(there / digest_bytes(BINARY), (0, 0))
    assert await contents.bring(host, sent.job) == ""
    assert len(sent.said) == 2
    assert time.time() - (there / digest_bytes(BINARY)).stat().st_mtime < 60  # it is in use, and will be kept
    (there / digest_bytes(BINARY)).write_bytes(BINARY[:-1])
    assert await contents.bring(host, sent.job) == ""
    assert len(sent.said) == 3 and (there / digest_bytes(BINARY)).read_bytes() == BINARY
    await host.close()


async def test_a_source_that_has_changed_is_said_and_not_sent(plan: Path, tmp_path: Path) -> None:
    sent, host = Sent(), LocalHost("here")
    (plan / "files/logo.png").write_bytes(b"other")
    said = await Contents(plan, str(tmp_path / "there")).bring(host, sent.job)
    assert said == "files/logo.png is not what it was when the run began: put it back, or golive amend"
    assert list((tmp_path / "there").iterdir()) == [] and sent.said == []
    await host.close()


async def test_what_a_sender_that_is_gone_left_behind_goes_and_that_of_one_that_sends_stays(
    plan: Path, tmp_path: Path
) -> None:
    there, sent = tmp_path / "there", Sent()
    there.mkdir()
    for number in (2**22, os.getpid()):  # no process ever has so high a number
        (there / f".incoming.{number}").write_bytes(b"a part")
    assert await Contents(plan, str(there)).bring(LocalHost("here"), sent.job) == ""
    assert [path.name for path in there.iterdir() if path.name.startswith(".")] == [f".incoming.{os.getpid()}"]
