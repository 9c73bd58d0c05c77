"""A small service moved from one host to another by the protocol, under load, with everything that may go wrong.

Used by the tests for a sample, and by ``scripts/prove`` for the whole matrix. Beside the users at the front door, raw SQL
sessions that were opened before the fence keep trying to write on each side; both logs are compared at the end.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from ground import Ground, Host
from planfolder import PlanFolder

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.load import scene
from benchmarks.load.drive import load
from benchmarks.load.log import Verdict, judge, read
from golive.errors import GoliveError

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


class Stage:
    """The three hosts, ready for a cutover.

    Args:
        old, new, edge: the hosts.
        plan: the plan's folder.
        ground: the lab.
    """

    def __init__(self, old: Host, new: Host, edge: Host, plan: PlanFolder, ground: Ground) -> None:
        self.old, self.new, self.edge, self.plan, self.ground = old, new, edge, plan, ground
        self._log = plan.folder / "load.jsonl"
        self._heard: list[str] = []
        self._door = edge.sh("cat /etc/haproxy/haproxy.cfg")

    @property
    def hosts(self) -> tuple[Host, ...]:
        """All of them."""
        return self.old, self.new, self.edge

    def prepare(self, *changes: tuple[str, str]) -> None:
        """The plan, with parts of its text replaced, and nothing seen yet."""
        text = PLAN
        for one, other in (*changes, *DEFAULTS, *((name.upper(), host.address) for name, host in self._named())):
            text = text.replace(one, other)
        self.plan.write("golive.yaml", text)
        self._heard.clear()
        self._log.unlink(missing_ok=True)
        self.sql(self.old, "ALTER TABLE raw DROP COLUMN IF EXISTS extra")
        assert self.until_served("old", 20)[0], (
            "the front door does not find the old side: what the tests need is missing"
        )

    def _named(self) -> tuple[tuple[str, Host], ...]:
        return ("old", self.old), ("new", self.new), ("edge", self.edge)

    @contextmanager
    def load(self, *options: str) -> Iterator[None]:
        """Users at the front door for as long as the block lasts."""
        with load(self.edge.address, self._log, "--rate", "60", "--writers", "8", "--turn", "2", *options):
            yield

    def verdict(self, serving: str) -> Verdict:
        """What became of the users' writes, when this side serves at the end."""
        return judge(read(self._log), self._host(serving).sh(scene.IDS).split())

    def _host(self, side: str) -> Host:
        return self.old if side == "old" else self.new

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
        psql = "runuser -u postgres -- psql -XqAt -v ON_ERROR_STOP=1 -d shop"
        return host.sh(f"cd /; {psql} <<'END'\n{query}\nEND").strip()

    def now(self) -> float:
        """The hosts' clock, in UTC epoch seconds."""
        return float(self.old.sh("date +%s.%N"))

    def two_writers(self, since: float, serving: str) -> list[str]:
        """What is wrong with the rows that raw sessions left: sides that took turns, or a row that was left behind.

        A side that was closed and opened again writes in one span for each time; two open at once write in turns.
        """
        rows = {side: self._raw_rows(self._host(side), since) for side in ("old", "new")}
        order = [side for _, side in sorted(rows["old"] | rows["new"])]
        turns = sum(one != other for one, other in pairwise(order))
        left = rows["old" if serving == "new" else "new"] - rows[serving]
        said = [f"two writers: the sides took turns {turns} times"] if turns > 2 else []
        said += [f"{len(left)} rows of raw sessions were left behind"] if left else []
        return said + ([] if len(order) > 20 else [f"raw sessions wrote {len(order)} rows"])

    def _raw_rows(self, host: Host, since: float) -> set[tuple[float, str]]:
        there = "SELECT count(*) FROM pg_class WHERE relname = 'raw'"
        if self.sql(host, there) != "1":
            return set()  # the copy was discarded
        rows = self.sql(host, f"SELECT extract(epoch FROM at), side FROM raw WHERE at > to_timestamp({since})")
        return {(float(at), side) for at, side in (line.split("|") for line in rows.splitlines())}

    def serves(self) -> str:
        """Which side answers through the front door: ``old``, ``new``, or nothing. Asked from a host if not from here."""
        curl = ["curl", "-s", "-m", "3", f"http://{self.edge.address}/"]
        done = subprocess.run(curl, check=False, capture_output=True, text=True)
        said = done.stdout if done.returncode == 0 else self.new.sh(f"{' '.join(curl)} || :")
        return next((side for side in ("old", "new") if f'"from": "{side}"' in said), "")

    def until_served(self, sides: str, seconds: float) -> tuple[str, float]:
        """Which of these sides (``old|new``) serves first, and after how many seconds; nothing: none in time."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            side = self.serves()
            if side and side in sides.split("|"):
                return side, time.monotonic() - began
            time.sleep(0.1)
        return "", seconds

    def until_fenced(self) -> None:
        """Waits until the register says that a fence stands."""
        self.old.until(f"grep -q '\"fenced\": true' {REGISTER}", 90)

    def until_closed(self) -> None:
        """Waits until the side that serves was closed under the fence, and its sessions are ended."""
        self.old.until(f'grep -q \'"fenced": true.*"closing": true\' {REGISTER}', 90)
        time.sleep(0.5)

    def until_decided(self) -> None:
        """Waits until it is decided that the new side serves."""
        self.old.until(f'grep -q \'"serving": "new"\' {REGISTER}', 90)

    def gate(self, *, locked: bool) -> None:
        """Keeps the new database from being opened, by a lock; or lets it go."""
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'locker'"
        if not locked:
            self.new.sh(f'cd /; runuser -u postgres -- psql -Xq -c "{end}" >/dev/null 2>&1 || :')
            return
        self.new.sh(
            "systemd-run -q --collect --uid=postgres -E PGAPPNAME=locker psql -Xq -d shop -c 'BEGIN' "
            "-c 'SELECT FROM golive.gate FOR UPDATE' -c 'SELECT pg_sleep(600)'"
        )
        holds = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'locker' AND query ~ 'sleep'"
        self.new.until(f'cd /; runuser -u postgres -- psql -XqAt -c "{holds}" | grep -q 1', 20)

    def run_to_an_end(self) -> int:
        """``golive run`` until it has gone there or back, three times at the most. Returns its last exit code."""
        exit = 1
        for _ in range(3):
            done = self.plan.golive("run", seconds=280)
            self._heard.append(done.out)
            exit = done.exit
            if exit in (0, 4, 6):
                break
        return exit

    def all_said(self) -> str:
        """Everything that golive and the steps of the cutover have said."""
        names = ("copy-postgresql@new", "follow-postgresql@old", "cross@old")
        return "\n".join([*self._heard, *(self.said(f"lyon/cutover/{name}") for name in names)])

    def diary(self) -> str:
        """What was said on all sides, to find out what has happened."""
        postgresql = "tail -n 300 /var/log/postgresql/*.log"
        looks = {
            "golive": lambda: "\n".join(path.read_text() for path in sorted(self.plan.folder.glob(".out-*"))[-2:]),
            "later runs": lambda: "\n".join(self._heard),
            "steps": self.all_said,
            "cross": lambda: self.said(CROSS),
            "register": lambda: self.old.sh(f"cat {REGISTER} 2>/dev/null || :"),
            "service": lambda: self.old.sh(f"journalctl -o short-precise --no-pager -n 400 -u {SERVICE}"),
            "postgresql of old": lambda: self.old.sh(postgresql),
            "postgresql of new": lambda: self.new.sh(postgresql),
            "slots of new": lambda: self.sql(self.new, "SELECT * FROM pg_replication_slots"),
        }
        return "\n".join(f"=== {name}\n{_tried(look)}" for name, look in looks.items())

    def roll_forward(self) -> list[str]:
        """Goes on with the new system where the way back is lost; what is wrong then."""
        went = self.plan.golive("roll-forward", "lyon", "--reason", "its log is spent", seconds=280)
        self._heard.append(went.out)
        if went.exit != 6:
            return [f"to roll forward ended with {went.exit}"]
        self.sign("approve")
        done = self.plan.golive("run", seconds=280)
        self._heard.append(done.out)
        found = [] if (done.exit, self.serves()) == (0, "new") else [f"rolled forward: {done.exit}, {self.serves()}"]
        lost = self.verdict("new").lost
        return [*found, *([f"{len(lost)} writes lost"] if lost else []), *self._objects(self.new, _OBJECTS)]

    def settle_by_hand(self) -> list[str]:
        """Goes forward where the way back is lost, as docs/cutover.md says; what is wrong then."""
        graph = json.loads(self.plan.golive("graph", "--format", "json").out)
        hosts = dict(self._named())
        for step in graph["steps"]:
            if step["id"].startswith("lyon/cutover/settle-"):
                host, script = hosts[step["host"]], step["do"]["inputs"]["script"]
                host.lab.exec(host.name, ["sh", "-c", script], input="GOLIVE_SECRET_cutover='hush-hush'\n", timeout=60)
        again, door = (
            self.plan.golive("run", seconds=280),
            self.edge.sh("grep -c golive:door /etc/haproxy/haproxy.cfg || :"),
        )
        found = [] if (again.exit, self.serves(), door) == (1, "new", "0\n") else [f"by hand: {again}, {door}"]
        return found + self._objects(self.new, _OBJECTS)

    def _objects(self, host: Host, looks: Mapping[str, str]) -> list[str]:
        counts = self.sql(host, " UNION ALL ".join(looks.values())).split()
        return [f"{count} {what} left" for what, count in zip(looks, counts, strict=True) if count != "0"]

    def leftovers(self) -> list[str]:
        """What golive has left on the old system, when that serves again."""
        closed = "SELECT count(*) FROM pg_database WHERE datname = 'shop' AND datconnlimit <> -1"
        found = self._objects(self.old, {**_OBJECTS, "closed databases": closed})
        found += ["the register is left"] if self.old.has("/var/lib/golive/cutover/lyon") else []
        return found + (
            [] if self.edge.sh("cat /etc/haproxy/haproxy.cfg") == self._door else ["the front door differs"]
        )

    def leave(self) -> None:
        """Takes the hosts down."""
        self.ground.take_down(*self.hosts)

    def said(self, step: str) -> str:
        """What a step's attempts printed."""
        return self.plan.golive("status", "--step", step).out

    def sign(self, verb: str, question: str = "no-return") -> None:
        """Ada approves or refuses, by default the point of no return."""
        words = (f"lyon/cutover/{question}", "--as", "ada", "--key", "keys/ada")
        done = self.plan.golive(verb, *words, *(("--reason", "as practised") if verb == "refuse" else ()))
        assert done.exit == 0, done.out


_OBJECTS = {
    "slots": "SELECT count(*) FROM pg_replication_slots",
    "roles": "SELECT count(*) FROM pg_roles WHERE rolname = 'golive'",
    "subscriptions": "SELECT count(*) FROM pg_subscription",
    "publications": "SELECT count(*) FROM pg_publication",
    "schemas": "SELECT count(*) FROM pg_namespace WHERE nspname = 'golive'",
}
DEFAULTS = (("ANSWER", '"new"'), ("BUDGET", "1 GiB"), ("WITHIN", "60 s"))
"""Words of the plan: what the check through the front door wants, the log, and how long to come near may take."""


def stage(ground: Ground, folder: Path) -> Stage:
    """Fresh hosts with the old service, the new one and the front door, and the plan for them.

    Args:
        ground: the lab.
        folder: for the plan and the log.
    """
    (old, edge), (new,) = ground.fresh("old", "edge", suite="bookworm"), ground.fresh("new")
    texts = {old: scene.database("old"), edge: scene.front_door(old.address), new: _SMALL + scene.database("new")}
    work = [threading.Thread(target=install, args=item) for item in texts.items()]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    install(old, scene.ballast(3, 2) + _RAW_TABLE)
    plan = PlanFolder(folder / "plan", ground.home)
    plan.write("keys/cutover", "hush-hush")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", plan.folder / "keys/ada"], check=True)
    made = Stage(old, new, edge, plan, ground)
    made.prepare()
    return made


def _tried(look: Callable[[], str]) -> str:
    try:
        return look()
    except (AssertionError, OSError, subprocess.SubprocessError, RuntimeError, GoliveError) as error:
        return str(error)


_SMALL = """mkdir -p /var/lib/postgresql
mount -t tmpfs -o size=700m tmpfs /var/lib/postgresql  # a disk of its own, that can be filled
"""
_RAW_TABLE = """cd /; runuser -u shop -- psql -Xq -d shop <<'END'
CREATE TABLE raw (id bigserial PRIMARY KEY, side text NOT NULL, at timestamptz NOT NULL);
END
"""


def install(host: Host, script: str) -> None:
    """Runs a long script on a host."""
    host.lab.exec(host.name, ["sh", "-c", script], timeout=300)
