"""A process that sends is held to a pace from outside, by the real kernel; what is looked for is asked of a stand-in."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from golive.site.pace import Pace, give_way, hold

SENDER = """import socket, struct, sys
door = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
for line in sys.stdin:
    print(struct.unpack("@L", door.getsockopt(socket.SOL_SOCKET, 47, 8))[0], flush=True)
"""

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may borrow what another process has open")


class Sender:
    """A process with one connection, which says what pace that has."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.pid = process.pid
        assert process.stdin and process.stdout
        self._asked, self._said = process.stdin, process.stdout

    @property
    def rate(self) -> int:
        self._asked.write("?\n")
        self._asked.flush()
        return int(self._said.readline())


@pytest.fixture
def sender() -> Iterator[Sender]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        argv = [sys.executable, "-c", SENDER, str(door.getsockname()[1])]
        with subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as process:
            with door.accept()[0]:
                yield Sender(process)


def pace(most: int, *pids: int) -> Pace:
    def query(_: str) -> list[list[str]]:
        return [[str(pid)] for pid in pids]

    old: Any = SimpleNamespace(query=query)
    return Pace(old, most)


def serving(side: str) -> Any:
    return SimpleNamespace(serving=side)


def test_a_process_is_held_and_others_are_not(sender: Sender) -> None:
    before = sender.rate
    assert before > 1 << 31
    hold(sender.pid, 123_456)
    assert sender.rate == 123_456


def test_all_of_them_share_the_pace_and_yield(sender: Sender) -> None:
    pace(1_000_000, sender.pid, sender.pid).look(serving("old"))
    assert (sender.rate, os.getpriority(os.PRIO_PROCESS, sender.pid)) == (500_000, 19)


def group(pid: int) -> str:
    """The nice value of a process's session; empty where the kernel does not group it by one."""
    file = Path(f"/proc/{pid}/autogroup")
    return file.read_text(encoding="ascii").rpartition(" ")[-1].strip() if file.exists() else ""


def test_one_that_sends_yields_to_other_sessions_as_well(sender: Sender) -> None:
    if not (before := group(sender.pid)):
        pytest.skip("this kernel does not group by session")
    pace(1_000_000, sender.pid).look(serving("old"))
    assert (before, group(sender.pid)) == ("0", "19")


def test_one_in_another_ones_session_yields_alone() -> None:
    argv = ["sh", "-c", "sleep 60 & echo $!; wait"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, start_new_session=True) as leader:
        assert leader.stdout
        beside, before = int(leader.stdout.readline()), group(leader.pid)
        try:
            give_way(beside)
            assert (os.getpriority(os.PRIO_PROCESS, beside), group(leader.pid)) == (19, before)
        finally:
            os.killpg(leader.pid, signal.SIGKILL)


def test_one_of_no_group_yields_alone(sender: Sender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As what descends from the machine's first process: it has no group to write to, and its file is empty."""
    (none := tmp_path / "autogroup").touch()
    monkeypatch.setattr("golive.site.pace.AUTOGROUP", str(none))
    give_way(sender.pid)
    assert (os.getpriority(os.PRIO_PROCESS, sender.pid), none.read_text()) == (19, "")


def test_one_that_has_ended_does_not_keep_the_next_from_being_held(sender: Sender) -> None:
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    pace(1_000_000, ended.pid, sender.pid).look(serving("old"))
    assert sender.rate == 500_000


def test_one_that_closed_something_while_it_was_looked_at_is_held_at_the_next_look(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []

    def closing(pid: int, rate: int) -> None:
        looked.append(rate)
        if len(looked) == 1:
            raise FileNotFoundError(2, "No such file or directory")
        hold(pid, rate)

    monkeypatch.setattr("golive.site.pace.hold", closing)
    looks = pace(1_000_000, sender.pid)
    for _ in range(3):
        looks.look(serving("old"))
    assert (sender.rate, looked) == (1_000_000, [1_000_000, 1_000_000])


def test_what_cannot_be_held_is_told_once(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(pid: int, rate: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("golive.site.pace.hold", refused)
    looks = pace(1_000_000, sender.pid)
    looks.look(serving("old"))
    looks.look(serving("old"))
    assert "not permitted" in looks.why_not
    assert capsys.readouterr().err.count("not held to its pace") == 1


@pytest.mark.parametrize(("most", "side"), [(0, "old"), (1_000_000, "new")])
def test_without_a_limit_or_when_the_new_side_serves_nobody_is_held(sender: Sender, most: int, side: str) -> None:
    before = sender.rate
    pace(most, sender.pid).look(serving(side))
    assert sender.rate == before


def test_this_host_can() -> None:
    assert pace(1).why_not == ""
