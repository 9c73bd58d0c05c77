"""What goes out is quoted, and what comes back is believed only in its exact form."""

import subprocess
import sys
from pathlib import Path

import pytest

import golive.hosts
from golive.errors import HostError
from golive.hosts.attempts import Attempt, Claim, State
from golive.hosts.framing import PROGRAM, Place, answer_line, read_report, request
from golive.hosts.interface import Finished, Input, OnBytes
from golive.hosts.witness import Witness

GOOD = "report exited 0 1f-2e 100 101 no 0 5"
FIRST = Attempt("notes", "run-a", 1, "lyon/api", "do", "d1")


class Says:
    """A host that gives one answer, whatever it is asked."""

    name = "app-1"

    def __init__(self, stderr: bytes, stdout: bytes = b"", code: int = 0) -> None:
        self._finished = Finished(code, stdout, stderr)

    async def open(self) -> None: ...

    async def run(self, command: str, stdin: Input = b"", on_stdout: OnBytes | None = None) -> Finished:
        return self._finished

    async def close(self) -> None:
        """Nothing is open."""


def test_a_report_is_read() -> None:
    report = read_report(GOOD)
    assert report is not None
    assert (report.state, report.exit, report.started, report.ended, report.end) == (State.EXITED, 0, 100, 101, 5)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        GOOD + " 1",
        GOOD + "\n",
        GOOD.replace("exited", "done"),
        GOOD.replace("exited 0", "exited -"),
        GOOD.replace("exited 0", "running 0"),
        GOOD.replace("101", "-"),
        GOOD.replace("100", "1e3"),
        GOOD.replace("no", "maybe"),
        GOOD.replace("exited 0", "exited 0000"),
        GOOD.replace("1f-2e", "../x"),
    ],
)
def test_anything_else_is_no_report(answer: str) -> None:
    assert read_report(answer) is None


@pytest.mark.parametrize("stderr", [b"", b"golive-a\ngolive-b\n", b"golive-a\nnoise\n", b"noise\n", b" golive-a\n"])
def test_an_answer_is_one_line_and_the_last(stderr: bytes) -> None:
    assert answer_line(stderr) is None


def test_noise_of_a_login_before_the_answer_is_no_harm() -> None:
    assert answer_line(b"sudo: unable to resolve host \xff\ngolive-removed 1\n") == "removed 1"


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        (Says(b"sh: not found\n", code=127), "app-1: probe ended with exit 127 and said: sh: not found"),
        (Says(b""), "app-1: probe ended with exit 0 and said: nothing"),
        (Says(b"golive-what\n"), "app-1: answered 'what', which has no known form"),
        (Says(b"golive-refused tool flock\n"), "app-1: has no flock"),
        (
            Says(b"golive-report exited 0 1f - 9 no 0 0\n", b"Welcome!\n"),
            "app-1: sent 9 bytes of output where 0 to 0 were announced",
        ),
    ],
)
async def test_a_wrong_answer_is_an_error_of_the_host(host: Says, sentence: str) -> None:
    with pytest.raises(HostError) as raised:
        await Witness(host, Claim(1, "anna")).probe(FIRST)
    assert raised.value.message == sentence


def test_every_argument_is_quoted() -> None:
    place = Place("/x y/'z'")
    text = request(place, Claim(1, "a'b$(id)"), "p", "probe", "$(reboot)", "-n", "")
    shown = subprocess.run(
        ["sh", "-c", text.replace('eval "$bootstrap"', 'printf "%s\\n" "$@"')],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.splitlines()[2:3] == ["/x y/'z'"]
    assert shown.stdout.splitlines()[-5:] == ["1", "a'b$(id)", "$(reboot)", "-n", ""]


@pytest.mark.parametrize(
    "change",
    [
        {"project": "../x"},
        {"project": ""},
        {"run": "A"},
        {"run": "a/b"},
        {"step": "a\nb"},
        {"digest": "a b"},
        {"number": -1},
    ],
)
def test_an_attempt_with_an_unsafe_part_is_not_made(change: dict[str, str]) -> None:
    parts: dict[str, object] = {
        "project": "p", "run": "r", "number": 1, "step": "s", "action": "do", "digest": "d", **change
    }  # fmt: skip
    with pytest.raises(ValueError, match=r"form|proper"):
        Attempt(**parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(("epoch", "holder"), [(0, "a"), (1, ""), (1, "a b"), (1, "a\n"), (2**63, "a")])
def test_a_claim_that_the_host_could_misread_is_not_made(epoch: int, holder: str) -> None:
    with pytest.raises(ValueError, match=r"form|range"):
        Claim(epoch, holder)


def test_directory_names_sort_by_number() -> None:
    assert FIRST.directory == "run-a-00001"


def test_the_protocol_is_plain_ascii_and_shellcheck_has_no_complaint() -> None:
    assert PROGRAM.isascii()  # its length is counted in bytes here and could be counted in characters there
    path = Path(golive.hosts.__file__).parent / "protocol.sh"
    shellcheck = str(Path(sys.executable).parent / "shellcheck")
    checked = subprocess.run([shellcheck, "-s", "sh", str(path)], capture_output=True, text=True)
    assert checked.stdout == ""
    assert checked.returncode == 0
