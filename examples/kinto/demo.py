"""Takes the example live on throw-away hosts: the old system, a client that writes all the time, then the rollout.

`scripts/demo` calls it. The acceptance tests use the same functions, step by step.
"""

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from golive.cli.context import open_run
from golive.lab import Lab, load_spec
from golive.reconcile.next import awaited

HERE = Path(__file__).parent
SITES = {"lyon": "claire", "osaka": "kenji"}
"""The sites and who takes over there."""
LEAD = "ada"
"""Who signs that there is no way back."""
NEW_HOSTS = ("app-1", "app-2", "db")
AUTH = "demo:demo"
NETWORK = "10.98"
"""How the addresses of all hosts begin, as they are written in the plan."""


@dataclass(frozen=True)
class Demo:
    """The example in a folder of its own, with its lab.

    Args:
        folder: where the plan is copied to; what lies there is replaced.
        lab: the hosts.
        sites: the sites to take live.
        network: how the addresses of all hosts begin, where another lab has the usual ones.
        rate: writes a second that the client of each site tries.
    """

    folder: Path
    lab: Lab
    sites: Sequence[str] = tuple(SITES)
    network: str = NETWORK
    rate: int = 55

    def prepare(self) -> None:
        """Copies the plan and makes the keys and secrets that people would bring."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(HERE, self.folder, ignore=shutil.ignore_patterns("keys", ".golive", "*.html", "__pycache__"))
        if self.network != NETWORK:
            for file in self.folder.rglob("*.yaml"):
                file.write_text(file.read_text().replace(f"{NETWORK}.", f"{self.network}."))
        keys = self.folder / "keys"
        keys.mkdir(mode=0o700)
        for name in ("operators", LEAD, *SITES.values()):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", keys / name], check=True)
        for name in ("db_password", "session_secret", "cutover"):
            (keys / name).write_text(secrets.token_hex(16))

    def hosts(self) -> None:
        """Boots the hosts; golive knows their keys from their owner, which is the lab."""
        self.lab.up(load_spec(self.folder / "lab.yaml"))
        for suffix in ("", ".pub"):
            shutil.copy(f"{self.lab.key}{suffix}", self.folder / f"keys/team{suffix}")
        for plan in (self.folder, self.folder / "existing"):
            self.golive("trust", "--from", str(self.lab.known_hosts), plan=plan)

    def golive(self, *words: str, plan: Path | None = None, check: bool = True) -> int:
        """Runs a golive command; its output goes where ours goes."""
        command = [sys.executable, "-m", "golive.cli.main", *words, "-p", str(plan or self.folder)]
        return subprocess.run(command, check=check).returncode

    def json(self, *words: str) -> Any:
        """What a golive command says as JSON."""
        command = [sys.executable, "-m", "golive.cli.main", *words, "--format", "json", "-p", str(self.folder)]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)

    def url(self, site: str) -> str:
        """The front door of a site."""
        return f"http://{load_spec(self.folder / 'lab.yaml').hosts[f'{site}-edge'].address}/v1"

    def _client(self, verb: str, site: str, *words: str) -> list[str]:
        return [sys.executable, str(HERE / "client.py"), verb, "--url", self.url(site), "--auth", AUTH, *words]

    def state(self, site: str) -> Path:
        """What a site's client remembers."""
        return self.folder / f"client-{site}.jsonl"

    def start_client(self, site: str) -> subprocess.Popen[bytes]:
        """Starts the users of a site: a client that writes until it is told to stop."""
        words = ["--connections", "8", "--rate", str(self.rate), "--bucket", "live", "--state", str(self.state(site))]
        return subprocess.Popen(self._client("run", site, *words), stdout=subprocess.DEVNULL)

    def cut_internet(self) -> None:
        """From now on the new hosts have no way to the internet."""
        for name in load_spec(self.folder / "lab.yaml").hosts:
            if name.partition("-")[2] in NEW_HOSTS:
                self.lab.cut(name, "internet")

    def sign(self, clients: "Clients", done: threading.Event) -> None:
        """The lead and the operators of the sites, each at a terminal of their own: they sign what waits for them."""
        while not done.wait(2.0):
            for step in self.waiting():
                site, stage, _ = step.split("/")
                if self.approve(step) == 0 and stage == "handover":
                    clients.hand_on(site)

    def approve(self, step: str) -> int:
        """Signs one step, as the person whose it is; returns golive's exit code."""
        return self.golive("approve", step, *self.signer(step), check=False)

    def signer(self, step: str) -> tuple[str, ...]:
        """Who signs a step, as options of golive."""
        site, stage, _ = step.split("/")
        who = SITES[site] if stage == "handover" else LEAD
        return "--as", who, "--key", str(self.folder / "keys" / who)

    def waiting(self) -> list[str]:
        """The steps that wait for a person. Read here: to start golive every second would take much of the machine."""
        opened = open_run(self.folder)
        return [step.id for step in awaited(opened.graph, opened.journal.state)]

    def go_live(self, clients: "Clients") -> int:
        """The rollout itself, with its users; returns golive's exit code."""
        code = self.golive("run", "--until", "baseline", check=False)
        if code:
            return code
        self.cut_internet()
        done = threading.Event()
        signer = threading.Thread(target=self.sign, args=(clients, done))
        signer.start()
        try:
            return self.golive("run", "--wait", check=False)
        finally:
            done.set()
            signer.join()

    def compare(self, site: str) -> dict[str, Any]:
        """What the client of a site remembers against what the site serves now."""
        command = self._client("compare", site, "--state", str(self.state(site)), "--json")
        return json.loads(subprocess.run(command, check=False, stdout=subprocess.PIPE).stdout)


class Clients:
    """The users of the sites: those of one site write until a while after it was handed over, then the next one's.

    One site at a time, as golive takes them live: the users of one take half of a machine with two cores.

    Args:
        demo: whose clients they are.
    """

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.to_come = list(demo.sites)
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def begin(self) -> None:
        """The users of the next site, if there is one, begin to write."""
        if self.to_come:
            site = self.to_come.pop(0)
            self.running[site] = self.demo.start_client(site)

    def hand_on(self, site: str) -> None:
        """The site was handed over: its users write into the new system for a while, those of the next one begin."""
        self.begin()
        time.sleep(3)
        self._end(site)

    def stop(self) -> None:
        """Lets each end what it is at."""
        for site in list(self.running):
            self._end(site)

    def _end(self, site: str) -> None:
        if client := self.running.pop(site, None):
            client.terminate()
            client.wait(60)


def facts(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What all clients saw together."""
    return {
        "writes acknowledged": sum(result["acknowledged"] for result in results),
        "writes lost": sum(result["lost"] for result in results),
        "longest gap": f"{max(result['longest_gap'] for result in results):.1f} s",
    }


def main() -> int:
    """The demonstration; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the hosts up")
    parser.add_argument("--folder", type=Path, default=HERE.parents[1] / "build" / "demo", help="where the plan goes")
    options = parser.parse_args()
    lab = Lab(say=lambda line: print(line, flush=True))
    demo = Demo(options.folder, lab)
    began = time.monotonic()
    _say(f"the plan is copied to {os.path.relpath(options.folder)}; old hosts of the demo are taken down")
    demo.prepare()
    spec = load_spec(options.folder / "lab.yaml")
    lab.down(spec)
    try:
        return _show(demo, began)
    finally:
        if options.keep:
            _say(f"the hosts stay up: golive lab list; golive status -p {os.path.relpath(options.folder)}")
        else:
            lab.down(spec)


def _show(demo: Demo, began: float) -> int:
    _say("booting ten hosts")
    demo.hosts()
    _say("installing the existing system at both sites, with golive itself")
    demo.golive("run", plan=demo.folder / "existing")
    _say("a client begins to write at the pilot site, through the front door; then the rollout")
    clients = Clients(demo)
    clients.begin()
    try:
        code = demo.go_live(clients)
    finally:
        clients.stop()
    _say("what the clients remember is compared with what the sites serve")
    results = [demo.compare(site) for site in demo.sites]
    for name, value in facts(results).items():
        print(f"{name}: {value}")
    print(f"guide: {os.path.relpath(demo.folder / 'guide.html')}")
    print(f"demo: {time.monotonic() - began:.0f} s")
    proven = all(result["proven"] for result in results) and facts(results)["writes acknowledged"] >= 3000
    return code or int(not proven)


def _say(text: str) -> None:
    print(f"\n=== {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
