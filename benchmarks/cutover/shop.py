"""The scene of the cutover's figures: an old system, a new one, a front door, users, and golive 80 ms away."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks import relay
from benchmarks.load import drive, scene
from benchmarks.load.log import Request, read
from golive.lab import Lab, LabSpec

NETWORK = "10.59"
HOSTS: Mapping[str, tuple[str, str]] = {"old": ("bookworm", "10"), "new": ("trixie", "11"), "edge": ("bookworm", "12")}
ROUND_TRIP = 0.08
_GOLIVE = Path(sys.executable).with_name("golive")
_RELAY = """set -e
command -v python3 >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get -qq -y install python3-minimal >/dev/null
cat > /usr/local/lib/relay.py <<'END_OF_RELAY'
%s
END_OF_RELAY
systemctl is-active -q far-away || systemd-run -q --unit far-away \
  sh -c 'sleep infinity | exec python3 /usr/local/lib/relay.py %s here'
"""


def address(host: str) -> str:
    """Where a host is."""
    return f"{NETWORK}.0.{HOSTS[host][1]}"


class Shop:
    """The hosts, and what is done on them outside of golive.

    Args:
        lab: a lab that nobody else uses.
        folder: for plans and logs.
    """

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab, self.folder = lab, folder

    def sh(self, host: str, script: str, seconds: float = 600) -> str:
        """What a script prints that runs as root on a host."""
        return self.lab.exec(host, ["sh", "-c", script], timeout=seconds).stdout

    def sql(self, host: str, query: str) -> str:
        """What a statement yields in the service's database, as the superuser."""
        return self.sh(host, f"cd /; runuser -u postgres -- psql -XqAt -d shop <<'END'\n{query}\nEND").strip()

    def up(self, mebibytes: float) -> None:
        """Fresh hosts, the services, and so much data in the old database; or what is up already, when it is that."""
        mark = f"/root/size-{mebibytes:g}"
        hosts = {name: {"suite": suite, "address": address(name)} for name, (suite, _) in HOSTS.items()}
        spec = {"lab": 1, "network": f"{NETWORK}.0.0/16", "hosts": hosts, "packages": scene.PACKAGES}
        if self.lab.hosts() and self.sh("old", f"ls {mark} 2>/dev/null || :").strip():
            return
        self.lab.down()
        self.lab.up(LabSpec.model_validate(spec))
        texts = {"old": scene.database("old"), "new": scene.database("new"), "edge": scene.front_door(address("old"))}
        program, away = Path(relay.__file__).read_text(encoding="utf-8"), ROUND_TRIP
        with ThreadPoolExecutor() as pool:
            work = [pool.submit(self.sh, host, text + _RELAY % (program, away)) for host, text in texts.items()]
            for one in work:
                one.result()
        self.sh("old", f"{scene.ballast(mebibytes)}\ntouch {mark}", 900)
        self.sh("edge", "until curl -fsS -m 1 http://127.0.0.1/ >/dev/null 2>&1; do sleep 0.2; done", 60)

    def plan(self, name: str, *, gentle: bool, stop_at_go: bool = False) -> "Plan":
        """A plan's folder for these hosts."""
        return Plan(self.folder / name, self, _plan(str(self.lab.key), gentle=gentle, stop_at_go=stop_at_go))

    @contextmanager
    def load(self, name: str, *options: str) -> Iterator["Users"]:
        """Users at the front door for as long as the block lasts."""
        log = self.folder / f"{name}.jsonl"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)
        with drive.load(address("edge"), log, *options):
            yield Users(log)

    def ids(self, host: str) -> Sequence[str]:
        """The ids of all writes that a database has."""
        return self.sh(host, scene.IDS).split()


class Users:
    """What the load has seen, once it has ended."""

    def __init__(self, log: Path) -> None:
        self._log = log

    @property
    def requests(self) -> Sequence[Request]:
        """All of them."""
        return read(self._log)


def _plan(key: str, *, gentle: bool, stop_at_go: bool) -> dict[str, Any]:
    roles = {"old": "legacy", "new": "app", "edge": "edge"}
    hosts = {name: {"address": address(name), "port": relay.PORT, "role": role} for name, role in roles.items()}
    cutover: dict[str, Any] = {
        "secret": "cutover",
        "writers": [{"role": "shop", "fate": "moved"}],
        "move": [{"postgresql": "shop", "from": "legacy", "to": "app", "gentle": gentle}],
        "totals": [{"name": "accounts", "sql": "SELECT sum(total), count(*) FROM public.account"}],
        "switch": [{"haproxy": "shop", "on": "edge", "to": "app", "port": scene.PORT}],
        "verify": [{"on": "edge", "check": {"http": "http://127.0.0.1/", "contains": '"new"', "within": "3 s"}}],
        "no_return": {"role": "lead"},
    }
    if stop_at_go:
        cutover["go"] = {"role": "lead"}
    return {
        "golive": 1,
        "solution": {"name": "shop", "version": "2"},
        "access": {"team": {"user": "root", "identity": key}},
        "people": {"ada": {"name": "Ada", "roles": ["lead"], "key": "keys/ada.pub"}},
        "secrets": {"cutover": {"file": "keys/cutover"}},
        "roles": {"legacy": {"existing": True}, "edge": {"existing": True}, "app": {}},
        "cutover": cutover,
        "sites": {"lyon": {"hosts": hosts}},
    }


class Plan:
    """A plan's folder, and golive in it as whole processes."""

    def __init__(self, folder: Path, shop: Shop, plan: Mapping[str, Any]) -> None:
        self._folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "keys").mkdir(parents=True)
        (folder / ".golive").mkdir()
        (folder / "golive.yaml").write_text(json.dumps(plan, indent=1), encoding="utf-8")
        (folder / "keys/cutover").write_text("measured")
        argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "keys/ada")]
        subprocess.run(argv, check=True)
        lines = [line.partition(" ") for line in shop.lab.known_hosts.read_text(encoding="utf-8").splitlines()]
        known = ((names.partition(",")[0], key) for names, _, key in lines)
        text = "".join(f"[{address(name)}]:{relay.PORT} {key}\n" for name, key in known if name in HOSTS)
        (folder / ".golive/known_hosts").write_text(text, encoding="utf-8")

    def golive(self, *words: str, ends: int = 0) -> str:
        """Runs a command and wants this exit code; returns what it printed. Raises RuntimeError."""
        done = subprocess.run(
            [_GOLIVE, *words], cwd=self._folder, env={**os.environ, "HOME": str(self._folder)}, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        if done.returncode != ends:
            raise RuntimeError(f"golive {' '.join(words)} ended with {done.returncode}, not {ends}:\n{done.stdout}")
        return done.stdout

    def decide(self, verb: str, name: str) -> None:
        """Ada signs."""
        why = ("--reason", "as measured") if verb == "refuse" else ()
        self.golive(verb, f"lyon/cutover/{name}", "--as", "ada", "--key", "keys/ada", *why)

    def times(self) -> Mapping[str, tuple[float, float]]:
        """When each ``action step`` began and ended, in UTC epoch seconds; of several attempts the last."""
        names: dict[int, str] = {}
        began: dict[int, float] = {}
        found: dict[str, tuple[float, float]] = {}
        for line in self.golive("events", "--format", "json").splitlines():
            event = json.loads(line)
            at = datetime.fromisoformat(event["at"]).timestamp()
            if event["type"] == "AttemptAllocated":
                names[event["attempt"]] = f"{event['action']} {event['step'].rpartition('/')[2].partition('@')[0]}"
            elif event["type"] == "AttemptStarted":
                began[event["attempt"]] = at
            elif event["type"] == "AttemptEnded" and event["attempt"] in began:
                found[names[event["attempt"]]] = (began[event["attempt"]], at)
        return found

    def crossing(self, number: int) -> "Crossing":
        """What the crossing with this number (1: there, 2: back) said of itself."""
        return crossings(self.golive("status", "--step", "lyon/cutover/cross@old"))[number - 1]


@dataclass(frozen=True)
class Crossing:
    """One crossing as it told it.

    ``at`` is when its fence came, in UTC epoch seconds; ``phases`` say after how many seconds each had ended.
    """

    at: float
    phases: Sequence[tuple[float, str]]


_FENCED = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}) UTC: fence ")
_PHASE = re.compile(r"\+(\d+\.\d+) s \(\d+\.\d+ s\) (.*)")


def crossings(said: str) -> Sequence[Crossing]:
    """The crossings in what the critical step printed."""
    found: list[tuple[float, list[tuple[float, str]]]] = []
    for line in said.splitlines():
        if fenced := _FENCED.search(line):
            found.append((datetime.fromisoformat(f"{fenced[1]}+00:00").timestamp(), []))
        elif found and (phase := _PHASE.search(line)):
            found[-1][1].append((float(phase[1]), phase[2].strip()))
    return [Crossing(at, tuple(phases)) for at, phases in found]


def wait(seconds: float) -> float:
    """Lets the users work for so long; returns when that ended, in UTC epoch seconds."""
    time.sleep(seconds)
    return time.time()
