"""A small service moved from one host to another by the protocol, under load, with everything that may go wrong.

Used by the tests for a sample, and by ``scripts/prove`` for the whole matrix. Beside the users at the front door, raw SQL
sessions that were opened before the fence keep trying to write on each side; both logs are compared at the end.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ground import Ground, Host
from planfolder import PlanFolder

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.load import scene
from benchmarks.load.drive import load
from benchmarks.load.log import Verdict, judge, read

PLAN = """\
golive: 1
solution: {name: shop, version: "2"}
roles:
  legacy: {existing: true}
  edge: {existing: true}
  app: {}
people:
  ada: {name: Ada, roles: [lead], key: keys/ada.pub}
secrets:
  cutover: {file: keys/cutover}
cutover:
  secret: cutover
  writers:
    - {role: shop, fate: refused, about: the service and what writes beside it}
  fence_for: 6 s
  requests: 4 s
  drain: 4 s
  move:
    - {postgresql: shop, from: legacy, to: app, within: WITHIN, wal_budget: BUDGET}
  totals:
    - {name: writes, sql: SELECT count(*) FROM public.write}
  switch:
    - {haproxy: shop, on: edge, to: app, port: 8000}
  verify:
    - {on: edge, check: {http: "http://127.0.0.1/", contains: 'ANSWER', within: 3 s}}
  no_return: {role: lead}
sites:
  lyon:
    hosts:
      old: {address: OLD, role: legacy}
      new: {address: NEW, role: app}
      edge: {address: EDGE, role: edge}
"""

SERVICE = "golive-cutover-lyon.service"
REGISTER = "/var/lib/golive/cutover/lyon/register"
CROSS = "lyon/cutover/cross@old"
_RAW = """cd /; : > /run/raw; while [ -e /run/raw ]; do
  while [ -e /run/raw ]; do
    echo "INSERT INTO raw (side, at) VALUES ('%s', clock_timestamp());"
    sleep 0.1
  done | runuser -u shop -- psql -Xq -d shop >/dev/null 2>&1
done"""
"""A session that writes as long as it lives, and the next one at once when it was ended."""


@dataclass(frozen=True)
class Stage:
    """The three hosts, ready for a cutover."""

    old: Host
    new: Host
    edge: Host
    plan: PlanFolder
    folder: Path
    ground: Ground

    @property
    def hosts(self) -> tuple[Host, ...]:
        """All of them."""
        return self.old, self.new, self.edge

    @contextmanager
    def load(self, *options: str) -> Iterator[None]:
        """Users at the front door for as long as the block lasts."""
        with load(self.edge.address, self.folder / "load.jsonl", "--rate", "60", "--writers", "8", *options):
            yield

    def verdict(self, serving: Host) -> Verdict:
        """What became of the users' writes, when this host serves at the end."""
        return judge(read(self.folder / "load.jsonl"), serving.sh(scene.IDS).split())

    @contextmanager
    def raw_writers(self) -> Iterator[None]:
        """Sessions of the application's role on both sides, which write as long as they live."""
        threads = [threading.Thread(target=self._raw, args=(host, side)) for host, side in self._sides()]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            for host, _ in self._sides():
                host.sh("rm -f /run/raw")
            for thread in threads:
                thread.join(20)

    def _sides(self) -> tuple[tuple[Host, str], ...]:
        return (self.old, "old"), (self.new, "new")

    def _raw(self, host: Host, side: str) -> None:
        argv = host.lab.exec_argv(host.name, ["sh", "-c", _RAW % side])
        subprocess.run(argv, check=False, capture_output=True)

    def sql(self, host: Host, query: str) -> str:
        """What a statement yields on a host, as the superuser."""
        return host.sh(f"cd /; runuser -u postgres -- psql -XqAt -d shop <<'END'\n{query}\nEND").strip()

    def two_writers(self) -> str:
        """What two sides wrote at the same time, from the rows that raw sessions left; empty: never."""
        spans = "SELECT side, min(at), max(at), count(*) FROM raw GROUP BY side ORDER BY 2"
        rows = [line.split("|") for line in self.sql(self.new, spans).splitlines()]
        here = [line.split("|") for line in self.sql(self.old, spans).splitlines()]
        by_side = {row[0]: row for row in (*here, *rows)}
        if len(by_side) < 2:
            return ""
        old, new = by_side["old"], by_side["new"]
        return "" if old[2] <= new[1] else f"old wrote until {old[2]}, new from {new[1]}"

    def serves(self) -> str:
        """Which side answers through the front door: ``old``, ``new``, or nothing."""
        said = subprocess.run(
            ["curl", "-s", "-m", "3", f"http://{self.edge.address}/"], check=False, capture_output=True, text=True
        ).stdout
        return next((side for side in ("old", "new") if f'"from": "{side}"' in said), "")

    def until_served_by(self, side: str, seconds: float) -> float:
        """How long it takes until this side serves."""
        began = time.monotonic()
        while self.serves() != side:
            assert time.monotonic() - began < seconds, f"{side} does not serve within {seconds} s"
            time.sleep(0.1)
        return time.monotonic() - began

    def until_fenced(self) -> None:
        """Waits until the register says that a fence stands."""
        self.old.until(f"grep -q '\"fenced\": true' {REGISTER}", 90)

    def leave(self) -> None:
        """Takes the hosts down."""
        self.ground.take_down(*self.hosts)

    def said(self, step: str) -> str:
        """What a step's attempts printed."""
        return self.plan.golive("status", "--step", step).out

    def sign(self, verb: str) -> None:
        """Ada approves or refuses the point of no return."""
        words = ("lyon/cutover/no-return", "--as", "ada", "--key", "keys/ada")
        done = self.plan.golive(verb, *words, *(("--reason", "as practised") if verb == "refuse" else ()))
        assert done.exit == 0, done.out


def stage(ground: Ground, folder: Path, answer: str = '"new"', budget: str = "1 GiB", within: str = "60 s") -> Stage:
    """Fresh hosts with the old service, the new one and the front door, and the plan for them.

    Args:
        ground: the lab.
        folder: for the plan and the log.
        answer: what the check through the front door wants to read.
        budget: of write-ahead log.
        within: how long it may take to follow closely.
    """
    (old, edge), (new,) = ground.fresh("old", "edge", suite="bookworm"), ground.fresh("new")
    texts = {old: scene.database("old"), edge: scene.front_door(old.address), new: scene.database("new")}
    work = [threading.Thread(target=install, args=item) for item in texts.items()]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    install(old, scene.ballast(3, 2))
    install(old, _RAW_TABLE)
    plan = PlanFolder(folder / "plan", ground.home)
    text = PLAN.replace("ANSWER", answer).replace("BUDGET", budget).replace("WITHIN", within)
    for word, host in (("OLD", old), ("NEW", new), ("EDGE", edge)):
        text = text.replace(word, host.address)
    plan.write("golive.yaml", text)
    plan.write("keys/cutover", "hush-hush")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", plan.folder / "keys/ada"], check=True)
    return Stage(old, new, edge, plan, folder, ground)


_RAW_TABLE = """cd /; runuser -u shop -- psql -Xq -d shop <<'END'
CREATE TABLE raw (id bigserial PRIMARY KEY, side text NOT NULL, at timestamptz NOT NULL);
END
"""


def install(host: Host, script: str) -> None:
    """Runs a long script on a host."""
    host.lab.exec(host.name, ["sh", "-c", script], timeout=300)
