"""Checks against real servers on this machine, in real shells."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from golive.kinds.check import CommandCheck, Http, Tcp, until_it_holds
from golive.kinds.interface import Check, HostRef
from golive.resources.script import prologue
from golive.resources.sh import mark

HERE = HostRef("app-1", "127.0.0.1")
SHELLS = [("dash",), ("busybox", "sh")]
PAGES = {
    "/ok": (200, "all is well: 'quoted' \"ok\" $HOME * [x]\nsecond line\n"),
    "/gone": (410, "gone"),
    "/empty": (204, ""),
    "/it's?a[1]={b}&c=$HOME": (200, "odd"),
}


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, text = PAGES.get(self.path, (404, "there is no such page"))
        self.send_response(status)
        self.end_headers()
        if status != 204:
            self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture
def closed() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def tried(
    check: Check, host: HostRef = HERE, within: float = 0, stdin: str = "", shell: tuple[str, ...] = ("dash",)
) -> Any:
    script = prologue() + until_it_holds(check.probe(host), within)
    return subprocess.run([*shell, "-c", script], input=stdin, capture_output=True, text=True, timeout=60, check=False)


HTTP: list[tuple[str, dict[str, Any], str | None]] = [
    ("/ok", {}, None),
    ("/ok", {"contains": "'quoted' \"ok\" $HOME * [x]"}, None),
    ("/ok", {"contains": "[x]\nsecond"}, None),
    ("/ok", {"contains": "*second*"}, "the page lacks “*second*”"),
    ("/ok", {"contains": "200"}, "the page lacks “200”"),
    ("/ok", {"status": 204}, "expected 204, got 200 from http://127.0.0.1:PORT/ok"),
    ("/gone", {}, "expected 200, got 410 from http://127.0.0.1:PORT/gone"),
    ("/gone", {"status": 410, "contains": "gone"}, None),
    ("/empty", {"status": 204}, None),
    ("/empty", {"status": 204, "contains": "x"}, "the page lacks “x”"),
    ("/it's?a[1]={b}&c=$HOME", {"contains": "odd"}, None),
    ("/none", {"contains": "such"}, "expected 200, got 404 from http://127.0.0.1:PORT/none"),
]


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
@pytest.mark.parametrize(("path", "more", "says"), HTTP, ids=[f"{path} {more}" for path, more, _ in HTTP])
def test_http(port: int, path: str, more: dict[str, Any], says: str | None, shell: tuple[str, ...]):
    done = tried(Http.model_validate({"http": f"http://{{host}}:{port}{path}"} | more), shell=shell)
    assert done.returncode == (0 if says is None else 1), done
    assert done.stderr == ""
    if says is not None:
        assert done.stdout == f"not healthy within 0 s: {says.replace('PORT', str(port))}\n"


def test_http_where_nothing_listens(closed: int):
    done = tried(Http.model_validate({"http": f"http://{{host}}:{closed}/"}))
    assert done.returncode == 1
    assert f"port {closed}" in done.stdout


def test_http_with_a_secret(port: int):
    check = Http.model_validate({"http": f"http://{{host}}:{port}/{mark('page')}", "contains": mark("word")})
    assert "all" not in check.probe(HERE)
    assert tried(check, stdin="GOLIVE_SECRET_page=ok GOLIVE_SECRET_word='all is'\n").returncode == 0


def test_an_ipv6_address_stands_in_brackets():
    host = HostRef("app-1", "2001:db8::1")
    assert "'http://[2001:db8::1]:80/'" in Http.model_validate({"http": "http://{host}:80/"}).probe(host)
    assert "telnet://[2001:db8::1]:80" in Tcp.model_validate({"tcp": 80}).probe(host)


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_tcp(port: int, closed: int, shell: tuple[str, ...]):
    assert tried(Tcp.model_validate({"tcp": port}), shell=shell).returncode == 0
    done = tried(Tcp.model_validate({"tcp": closed}), shell=shell)
    assert (done.returncode, done.stdout) == (
        1,
        f"not healthy within 0 s: no answer on port {closed} of 127.0.0.1\n",
    )


def test_tcp_of_a_server_that_speaks_first():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            client = server.accept()[0]
            client.sendall(b"220 ready 1")
            client.close()

        threading.Thread(target=greet, daemon=True).start()
        assert tried(Tcp.model_validate({"tcp": server.getsockname()[1]})).returncode == 0


def test_tcp_that_never_answers_is_no_answer():
    """A queue that is full drops what comes, as a firewall does."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting: list[socket.socket] = []
        for _ in range(3):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
            waiting.append(client)
        done = tried(Tcp.model_validate({"tcp": port}))
        for client in waiting:
            client.close()
    assert (done.returncode, done.stdout.split(": ")[1]) == (1, f"no answer on port {port} of 127.0.0.1\n")


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        ("true", 0, ""),
        ("exit 0", 0, ""),
        ("echo it is down; false", 1, "not healthy within 0 s: it is down\n"),
        ("echo to stderr >&2; exit 3", 1, "not healthy within 0 s: to stderr\n"),
        ("false; # a comment", 1, "not healthy within 0 s: \n"),
    ],
)
def test_command(command: str, code: int, says: str, shell: tuple[str, ...]):
    done = tried(CommandCheck.model_validate({"command": command}), shell=shell)
    assert (done.returncode, done.stdout) == (code, says)


def test_it_is_tried_until_it_holds(tmp_path: Any):
    command = f"echo x >> {tmp_path}/tries; [ $(wc -l < {tmp_path}/tries) -ge 2 ]"
    assert tried(CommandCheck.model_validate({"command": command}), within=30).returncode == 0
    assert (tmp_path / "tries").read_text() == "x\nx\n"


def test_the_last_words_are_told_when_time_is_over(tmp_path: Any):
    command = f"echo x >> {tmp_path}/tries; echo try $(wc -l < {tmp_path}/tries); false"
    done = tried(CommandCheck.model_validate({"command": command}), within=1)
    tries = len((tmp_path / "tries").read_text().splitlines())
    assert (done.returncode, done.stdout) == (1, f"not healthy within 1 s: try {tries}\n")
    assert tries >= 2


def test_sentences():
    assert (
        Http.model_validate({"http": "http://x/", "contains": "y"}).sentence()
        == "http://x/ answers 200 and contains “y”"
    )
    assert Tcp.model_validate({"tcp": 80}).sentence() == "port 80 accepts connections"
    assert CommandCheck.model_validate({"command": " true\n"}).sentence() == "the command succeeds: true"
