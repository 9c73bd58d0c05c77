"""The edits of HAProxy's configuration, with the real awk and sh; `haproxy` and `systemctl` are stubs on PATH."""

import itertools
import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.kinds.haproxy import HaproxyFence, HaproxySwitch
from golive.kinds.interface import HostRef, Register
from golive.resources.script import prologue

PEERS = {"app": [HostRef("app-1", "192.0.2.11"), HostRef("app-2", "192.0.2.12")], "none": []}
CONFIG = """\
global
    log /dev/log local0

defaults
    mode http

frontend kinto
    bind :80
    default_backend kinto

backend kinto
    balance roundrobin
    server old 192.0.2.1:80 check  # the old one

  backend other
    server mine 192.0.2.2:80
server-template t 3 192.0.2.3:80

listen stats
    bind :9000
"""
LINE = st.one_of(
    st.sampled_from(
        [
            "",
            "# golive",
            "#golive:fenced x",
            "    # server x",
            "server a b",
            "\tserver c d:1  check",
            "  mode http",
            "frontend x",
            "backend kinto2",
            "backend x # golive",
            "listen kinto",
            "  use_backend a if { path /x }",
            "    option httpchk GET /\\ x",
            "    http-request deny  # mine",
            "server-template s 2 h:1",
            "resolvers server",
        ]
    ),
    st.text(st.characters(exclude_characters="\n\0\r", exclude_categories=["Cs"]), max_size=20),
)
LINES = st.lists(LINE, max_size=6).map(lambda lines: "".join(f"{line}\n" for line in lines))


class Door:
    def __init__(self, folder: Path, config: str, refuses: bool = False) -> None:
        self.folder, self.file = folder, folder / "it's haproxy.cfg"
        self.file.write_bytes(config.encode())
        self.file.chmod(0o640)
        stubs = folder / "bin"
        stubs.mkdir()
        for name, code in (("haproxy", int(refuses)), ("systemctl", 0)):
            (stubs / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {folder}/calls\nexit {code}\n')
            (stubs / name).chmod(0o755)
        keys = {"haproxy": "kinto", "on": "door", "config": str(self.file)}
        self.fence = HaproxyFence.model_validate(keys)
        self.switch = HaproxySwitch.model_validate(
            keys | {"to": "app", "port": 8888, "options": r"check inter 1s name a\ b"}
        )
        self.scripts = {
            "close": self.fence.close(), "open": self.fence.open(),
            "forward": self.switch.forward(PEERS), "back": self.switch.back(),
        }  # fmt: skip

    def run(self, body: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": f"{self.folder}/bin:{os.environ['PATH']}", "GOLIVE_ROOT": str(self.folder)}
        text = prologue() + self.scripts.get(body, body)
        return subprocess.run(
            ["sh", "-c", text], stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment, check=False
        )

    @property
    def text(self) -> str:
        return self.file.read_bytes().decode()


def test_the_fence_denies_writes_in_its_frontend_only(tmp_path: Path):
    door = Door(tmp_path, CONFIG)
    assert door.run("close").returncode == 0
    lines = door.text.splitlines()
    at = lines.index("frontend kinto")
    assert lines[at + 1].strip().startswith("http-request deny status 503 hdr Retry-After 1 ")
    assert " unless METH_GET or METH_OPTIONS  # golive:fence" in lines[at + 1]
    del lines[at + 1]
    assert lines == CONFIG.splitlines()
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls == [f"haproxy -c -q -f {door.file}.golive-new", "systemctl reload haproxy"]
    assert door.file.stat().st_mode & 0o777 == 0o640


def test_the_switch_puts_the_old_servers_aside(tmp_path: Path):
    door = Door(tmp_path, CONFIG)
    assert door.run("forward").returncode == 0
    servers = [line.strip() for line in door.text.splitlines() if line.strip().startswith("server")]
    assert servers == [
        r"server app-1 192.0.2.11:8888 check inter 1s name a\ b  # golive:switch",
        r"server app-2 192.0.2.12:8888 check inter 1s name a\ b  # golive:switch",
        "server mine 192.0.2.2:80",
        "server-template t 3 192.0.2.3:80",
    ]
    assert "#golive:switch     server old 192.0.2.1:80 check  # the old one\n" in door.text


@pytest.mark.parametrize("indent", ["", " ", "\t", "        "])
def test_servers_are_put_aside_however_they_are_indented(tmp_path: Path, indent: str):
    door = Door(tmp_path, f"backend kinto\n{indent}server a 192.0.2.1:1\n{indent}server-template b 2 192.0.2.1:2\n")
    assert door.run("forward").returncode == 0
    assert door.text.splitlines()[-2:] == [
        f"#golive:switch {indent}server a 192.0.2.1:1",
        f"#golive:switch {indent}server-template b 2 192.0.2.1:2",
    ]
    assert door.run("back").returncode == 0
    assert "golive" not in door.text


def test_a_door_keeps_idle_connections_over_a_reload_and_goes_without_a_trace(tmp_path: Path):
    door = Door(tmp_path, CONFIG)
    (tmp_path / "etc").mkdir()
    register = Register(HostRef("old", "192.0.2.1"), 7432, "lyon", "hush")
    text = door.switch.door(PEERS, register, HostRef("edge", "192.0.2.9"))
    done = door.run("GOLIVE_SECRET_hush=x\n" + text.replace("/etc/haproxy", str(tmp_path / "etc")))
    assert done.returncode == 0, done.stdout + done.stderr
    frontend = door.text.partition("frontend kinto\n")[2].partition("\n\n")[0]
    assert "    option idle-close-on-response  # golive:door\n" in frontend
    assert frontend.index("lua.golive_lyon") < frontend.index("use_backend kinto-golive")
    undo = door.switch.undoor(register).replace("/etc/haproxy", str(tmp_path / "etc"))
    assert door.run(undo).returncode == 0
    assert door.text == CONFIG
    assert list((tmp_path / "etc").iterdir()) == []


def test_a_door_is_ready_when_the_workers_of_before_are_gone(tmp_path: Path):
    door = Door(tmp_path, CONFIG)
    (tmp_path / "etc").mkdir()
    with subprocess.Popen(["sh", "-c", "sleep 1.5; exec sleep 30"]) as master:  # the reload takes its time
        (tmp_path / "bin/systemctl").write_text(f"#!/bin/sh\n[ $1 != show ] || echo {master.pid}\n")
        register = Register(HostRef("old", "192.0.2.1"), 7432, "lyon", "hush")
        text = door.switch.door(PEERS, register, HostRef("edge", "192.0.2.9"))
        done = door.run("GOLIVE_SECRET_hush=x\n" + text.replace("/etc/haproxy", str(tmp_path / "etc")))
        left = Path(f"/proc/{master.pid}/cmdline").read_bytes()
        master.kill()
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("waiting for connections of before the reload")
    assert left.startswith(b"sleep\x0030"), "the first worker was still there"


ORDERS = [list(order) for order in itertools.permutations(["close", "forward"])]
UNDOS = [list(order) for order in itertools.permutations(["open", "back"])]


@pytest.mark.parametrize("undos", UNDOS, ids=" ".join)
@pytest.mark.parametrize("orders", ORDERS, ids=" ".join)
@pytest.mark.parametrize("times", [1, 2])
def test_in_any_order_any_number_of_times(tmp_path: Path, orders: list[str], undos: list[str], times: int):
    door = Door(tmp_path, CONFIG)
    for name in [*orders * times, *undos * times]:
        assert door.run(name).returncode == 0
    assert door.text == CONFIG


@settings(max_examples=40, deadline=None)
@given(st.tuples(LINES, LINES, LINES, LINES), st.permutations(["close", "forward"]), st.permutations(["open", "back"]))
def test_undone_byte_for_byte(parts: tuple[str, ...], orders: list[str], undos: list[str]):
    config = f"{parts[0]}frontend kinto\n{parts[1]}backend kinto\n{parts[2]}backend last\n{parts[3]}"
    if "golive:" in config.replace("#golive:fenced", ""):
        return
    with tempfile.TemporaryDirectory() as folder:
        door = Door(Path(folder), config)
        for name in orders:
            done = door.run(name)
            assert done.returncode == 0, done.stdout + done.stderr
        assert door.text != config
        for name in undos:
            assert door.run(name).returncode == 0
        assert door.text == config


@pytest.mark.parametrize("name", ["close", "forward"])
@pytest.mark.parametrize(
    "config", ["", "global\n", "frontend kinto2\nbackend kinto2\n", "# frontend kinto\n#backend kinto\n"]
)
def test_no_such_section(tmp_path: Path, name: str, config: str):
    door = Door(tmp_path, config)
    done = door.run(name)
    section = "frontend" if name == "close" else "backend"
    assert (done.returncode, done.stdout) == (1, f"no section '{section} kinto' in {door.file}\n")
    assert door.text == config
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin", door.file.name]


@pytest.mark.parametrize("name", ["close", "forward"])
def test_what_haproxy_refuses_is_not_put_in(tmp_path: Path, name: str):
    door = Door(tmp_path, CONFIG, refuses=True)
    done = door.run(name)
    assert (done.returncode, done.stdout) == (1, "haproxy refuses the new configuration; nothing was changed\n")
    assert door.text == CONFIG
    assert not list(tmp_path.glob("*.golive-new"))


@pytest.mark.parametrize("name", ["close", "open", "forward", "back"])
def test_no_configuration_at_all(tmp_path: Path, name: str):
    door = Door(tmp_path, CONFIG)
    door.file.unlink()
    assert door.run(name).returncode == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin"]
