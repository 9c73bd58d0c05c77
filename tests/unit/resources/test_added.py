"""How a file that is not there differs is told as ``diff -u`` tells it, whatever it is to hold; users are asked once."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.resources.script import TELL, converge
from golive.resources.sh import quote

from .shells import SHELLS, resource, run

LINES = st.lists(st.binary(max_size=8).map(lambda raw: raw.replace(b"\0", b"")), max_size=6).map(b"\n".join)


@pytest.mark.parametrize("which", SHELLS)
def test_it_is_what_diff_says(which: str, tmp_path: Path):
    @settings(max_examples=30, deadline=None)
    @given(st.lists(LINES, min_size=20, max_size=20))
    def holds(texts: list[bytes]) -> None:
        words = [quote(text.decode("utf-8", "surrogateescape")) for text in texts]
        body = "".join(f"text={word}\ncontent() {{ printf %s \"$text\"; }}\nadded '/a b'\necho =\n" for word in words)
        script = (TELL + "export LC_ALL=C\n" + body).encode("utf-8", "surrogateescape")
        (tmp_path / "script").write_bytes(script)
        said = subprocess.run([*SHELLS[which], tmp_path / "script"], capture_output=True, check=True).stdout
        assert said == b"".join(_diff(text) + b"=\n" for text in texts)

    holds()


@pytest.mark.parametrize("which", SHELLS)
def test_long_ones_too(which: str, tmp_path: Path):
    text = "a line of some length, and its number\n" * 110
    body = f"text={quote(text)}\ncontent() {{ printf %s \"$text\"; }}\nadded '/a b'\n"
    (tmp_path / "script").write_text(TELL + body)
    said = subprocess.run([*SHELLS[which], tmp_path / "script"], capture_output=True, check=True).stdout
    assert len(text) > 4096 and said == _diff(text.encode())


def _diff(text: bytes) -> bytes:
    words = ["diff", "-a", "-u", "-L", "/a b", "-L", "/a b (as planned)", "/dev/null", "-"]
    return subprocess.run(words, input=text, capture_output=True, check=False).stdout


GETENT = """#!/bin/sh
echo "$@" >> "$T/asked"
file=$T/$1
shift
for name; do grep "^$name:" "$file"; done
"""
USERADD = """#!/bin/sh
echo "$@" >> "$T/added"
for name; do shell=$before before=$name; done
echo "$name:x:1:1::/:$shell" >> "$T/passwd"
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="scripts run as root")
@pytest.mark.parametrize("which", SHELLS)
def test_users_are_asked_about_together(which: str, tmp_path: Path):
    here, bin = tmp_path / "t", tmp_path / "bin"
    here.mkdir()
    bin.mkdir()
    (here / "passwd").write_text("bb:x:1:1::/:/usr/sbin/nologin\nbbb:x:1:1::/:/bin/sh\n")
    (here / "group").write_text("cc:x:5:\n")
    usermod = '#!/bin/sh\necho "$@" >> "$T/changed"\nsed -i "s|^$3:.*|$3:x:1:1::/:$2|" "$T/passwd"\n'
    for name, text in (("getent", GETENT), ("useradd", USERADD), ("usermod", usermod)):
        (bin / name).write_text(text)
        (bin / name).chmod(0o755)
    wanted = [resource({"user": name}) for name in ("aa", "bb", "bbb", "cc", "b")]
    done = run(converge(wanted), tmp_path, SHELLS[which], path=str(bin))
    assert (done.code, done.errors) == (0, "")
    assert sorted(done.reports) == ["changed user aa", "changed user b", "changed user bbb", "changed user cc", "ok user bb"]  # fmt: skip
    tail = "--no-create-home --shell /usr/sbin/nologin"
    assert (here / "added").read_text().splitlines() == [
        f"--system --user-group {tail} aa",
        f"--system --gid cc {tail} cc",
        f"--system --user-group {tail} b",
    ]
    assert (here / "changed").read_text() == "--shell /usr/sbin/nologin bbb\n"
    asked = (here / "asked").read_text().splitlines()
    assert asked == [
        "passwd aa bb bbb cc b",
        "group aa bb bbb cc b",
        *["passwd aa bb bbb cc b"] * 2,
    ]  # glance and proof
    again = run(converge(wanted), tmp_path, SHELLS[which], path=str(bin))
    assert again.reports == [f"ok {user.title}" for user in wanted]
