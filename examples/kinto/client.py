"""A client that writes to Kinto all the time and remembers every write that was acknowledged.

    client.py run     --url http://EDGE/v1 --auth user:pw --state writes.jsonl       # until SIGTERM
    client.py compare --state writes.jsonl --dsn "host=DB dbname=kinto user=kinto"     # PGPASSWORD in the environment

`run` keeps a journal: the intent before each request, its outcome after it. A write counts as acknowledged only when
the answer said so; a write without a certain outcome may be there or not, and its record is never touched again. Each
update and deletion names the version it builds on (If-Match), so a lost write cannot be hidden by a later one.
`compare` holds the journal against a database (or a service) and exits with 0 only if nothing acknowledged is missing.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import os
import random
import select
import signal
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

OWN_FIELDS = ("id", "last_modified", "deleted", "schema")
BACKOFF_FIRST, BACKOFF_MOST = 0.02, 0.2

Record = dict[str, Any]
Key = tuple[str, str]  # collection, record id


# ---------------------------------------------------------------------------------------------------------------- pure


@dataclass(frozen=True)
class State:
    """What a record is after one write: its content, or deleted. The version is Kinto's last_modified."""

    content: str | None
    version: int | None = None

    def same(self, other: State) -> bool:
        """Equal content, and equal versions where both are known."""
        unversioned = self.version is None or other.version is None
        return self.content == other.content and (unversioned or self.version == other.version)

    def __str__(self) -> str:
        return f"{'deleted' if self.content is None else 'present'} at version {self.version}"


@dataclass
class History:
    """The acknowledged states of one record in order, and the write (if any) whose outcome nobody knows."""

    acknowledged: list[State] = field(default_factory=list[State])
    unknown: State | None = None


@dataclass(frozen=True)
class Loss:
    """Acknowledged writes to one record that are not in the content."""

    collection: str
    record: str
    writes: int
    expected: str
    found: str


@dataclass
class Gap:
    """The longest time without any acknowledged write."""

    seconds: float = 0.0
    began: float = 0.0


@dataclass
class Journal:
    """What the journal of a run says."""

    histories: dict[Key, History] = field(default_factory=dict[Key, History])
    counts: Counter[str] = field(default_factory=Counter[str])
    bucket: str = ""
    collections: set[str] = field(default_factory=set[str])
    gap: Gap = field(default_factory=Gap)
    slowest_ms: int = 0
    seconds: float = 0.0


@dataclass
class Verdict:
    """The outcome of a comparison."""

    acknowledged: int
    lost: int
    losses: list[Loss]
    strays: list[Key]
    unknown: int
    unknown_applied: int
    gap: Gap
    slowest_ms: int

    @property
    def proven(self) -> bool:
        """Nothing lost, nothing there that nobody wrote, and there was something to lose."""
        return self.acknowledged > 0 and self.lost == 0 and not self.strays


def canonical(content: Record) -> str:
    """The content of a record without the fields that are Kinto's, in one exact form."""
    own = {name: value for name, value in content.items() if name not in OWN_FIELDS}
    return json.dumps(own, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def read_lines(lines: Iterable[str]) -> Iterator[Record]:
    """The entries of a journal. A torn line is one that a kill cut off: it was not acted upon."""
    for line in lines:
        try:
            entry: Any = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            yield cast(Record, entry)


def fold(entries: Iterable[Record]) -> Journal:
    """Replay a journal: an intent without an outcome stays unknown."""
    journal = Journal()
    open_intents: dict[str, tuple[Key, State]] = {}
    started = last = 0.0
    for entry in entries:
        kind, at = entry["kind"], float(entry["at"])
        if kind == "start":
            started = last = at
            journal.bucket = str(entry["bucket"])
            journal.collections.update(entry["collections"])
            continue
        if kind in ("ack", "stop"):
            if last and at - last > journal.gap.seconds:
                journal.gap = Gap(at - last, last)
            last = at
            journal.seconds += at - started
            started = at
        if kind != "stop":
            _fold_write(journal, open_intents, entry)
    return journal


def _fold_write(journal: Journal, open_intents: dict[str, tuple[Key, State]], entry: Record) -> None:
    kind, write = entry["kind"], str(entry["write"])
    if kind == "intent":
        key = (str(entry["collection"]), str(entry["record"]))
        wanted = State(None if entry["content"] is None else canonical(entry["content"]))
        open_intents[write] = (key, wanted)
        journal.histories.setdefault(key, History()).unknown = wanted
        return
    key, wanted = open_intents.pop(write)
    history = journal.histories[key]
    journal.counts[kind] += 1
    if kind == "ack":
        history.acknowledged.append(State(wanted.content, entry["version"]))
        journal.slowest_ms = max(journal.slowest_ms, int(entry["ms"]))
    if kind != "failed":
        history.unknown = None


def lost_writes(history: History, found: State | None) -> int:
    """How many acknowledged writes to this record are not in what was found."""
    states = history.acknowledged
    if not states or (found is not None and found.same(states[-1])):
        return 0
    if found is None:
        return len(states)
    if history.unknown is not None and found.same(history.unknown) and _is_later(found, states[-1]):
        return 0
    kept = [position for position, state in enumerate(states, 1) if state.same(found)]
    if kept:
        return len(states) - kept[-1]
    return max(1, sum(_is_later(state, found) for state in states))


def _is_later(one: State, other: State) -> bool:
    return one.version is None or other.version is None or one.version > other.version


def is_stray(history: History | None, found: State) -> bool:
    """A record that nobody tried to write, or of which nothing was acknowledged and that is not what was tried."""
    if history is None:
        return True
    if history.acknowledged:
        return False
    return history.unknown is None or not found.same(history.unknown)


def compare(journal: Journal, found: dict[Key, State]) -> Verdict:
    """Hold what was acknowledged against what is there."""
    losses: list[Loss] = []
    for key, history in sorted(journal.histories.items()):
        lost = lost_writes(history, found.get(key))
        if lost:
            losses.append(Loss(*key, lost, str(history.acknowledged[-1]), str(found.get(key) or "absent")))
    pending = {key: history.unknown for key, history in journal.histories.items() if history.unknown is not None}
    return Verdict(
        acknowledged=journal.counts["ack"],
        lost=sum(loss.writes for loss in losses),
        losses=losses,
        strays=sorted(key for key, state in found.items() if is_stray(journal.histories.get(key), state)),
        unknown=len(pending),
        unknown_applied=sum(key in found and found[key].same(state) for key, state in pending.items()),
        gap=journal.gap,
        slowest_ms=journal.slowest_ms,
    )


WORDS = (
    "Äpfel", "Brücke", "naïve", "façade", "Ωμέγα", "данные", "数据", "データ", "🚢", "harbour", "invoice", "quartz",
    "O'Brien", 'said "yes"', "back\\slash", "tab\there", "percent %s", "<b>not bold</b>", "ﬁ", "e\u0301tude",
)  # fmt: skip


def content_of(dice: random.Random, number: int) -> Record:
    """Content as it is in real life: several scripts, nesting, nulls, sometimes a long text."""
    long_text = " ".join(dice.choices(WORDS, k=dice.choice((5, 20, 20, 20, 400))))
    return {
        "number": number,
        "title": " ".join(dice.choices(WORDS, k=4)),
        "text": long_text,
        "price": dice.randrange(100_000) / 4,
        "stock": dice.choice((None, 0, dice.randrange(1000))),
        "open": dice.random() < 0.5,
        "tags": dice.sample(WORDS, k=dice.randrange(4)),
        "address": {"street": dice.choice(WORDS), "floor": None, "geo": {"lat": 45.75, "lon": -4.5, "path": [[], {}]}},
        "empty": "",
    }


# ---------------------------------------------------------------------------------------------------------------- http


class UnansweredError(Exception):
    """The request may have arrived; nobody said what became of it."""


class UnreachableError(UnansweredError):
    """No connection: the request was certainly not sent."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: Record
    next_page: str | None = None
    fenced: bool = False

    @property
    def done(self) -> bool:
        return 200 <= self.status < 300

    @property
    def certainly_refused(self) -> bool:
        """The fence's refusal is certain. Another 503, and a proxy's 502, may come after the commit."""
        return self.fenced or (400 <= self.status < 500 and self.status != 408)


class Connection:
    """One kept-alive connection to Kinto."""

    def __init__(self, url: str, auth: str, timeout: float = 30) -> None:
        parts = urlsplit(url)
        self.prefix = parts.path.rstrip("/")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.wire = kind(parts.hostname or "", parts.port, timeout=timeout)
        token = base64.b64encode(auth.encode()).decode()
        self.headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        self.connections = 0

    def request(self, method: str, path: str, body: Record | None = None, **headers: str) -> Answer:
        """One request and its answer."""
        payload = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connect()
        try:
            self.wire.request(method, self.prefix + path, payload, {**self.headers, **extra})
            response = self.wire.getresponse()
            body, heads = _json_object(response.read()), response.headers
            return Answer(response.status, body, heads.get("Next-Page"), heads.get("X-Golive") == "fence")
        except (OSError, http.client.HTTPException) as error:
            self.wire.close()
            raise UnansweredError(repr(error)) from error

    def _connect(self) -> None:
        """Notice a connection that the server closed while it was idle, before a request is risked on it."""
        if self.wire.sock is not None and select.select([self.wire.sock], [], [], 0)[0]:
            self.wire.close()
        if self.wire.sock is None:
            try:
                self.wire.connect()
            except OSError as error:
                self.wire.close()
                raise UnreachableError(repr(error)) from error
            self.connections += 1

    def ensure(self, path: str, patience: float = 30) -> None:
        """Create a bucket or collection unless it exists. Two that do so in one millisecond get 409, please retry."""
        until = time.monotonic() + patience
        while True:
            try:
                answer = self.request("PUT", path, {"data": {}}, If_None_Match="*")
                if answer.done or answer.status == 412:
                    return
                problem = f"{answer.status} {answer.body}"
            except UnansweredError as error:
                problem = str(error)
            if time.monotonic() > until or problem.startswith(("400", "401", "403", "404")):
                raise SystemExit(f"client: cannot create {path}: {problem}")
            time.sleep(BACKOFF_MOST)


def _json_object(raw: bytes) -> Record:
    try:
        value: Any = json.loads(raw)
    except ValueError:
        return {}
    return cast(Record, value) if isinstance(value, dict) else {}


# ----------------------------------------------------------------------------------------------------------------- run


class Recorder:
    """Appends to the journal; each entry has left the process before the next thing happens."""

    def __init__(self, path: Path) -> None:
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.lock = threading.Lock()
        self.last = time.time()
        self.counts: Counter[str] = Counter()
        if os.fstat(self.file).st_size:
            os.write(self.file, b"\n")

    def add(self, kind: str, **fields: Any) -> None:
        """One entry, on disk's side of a kill. Times never run backwards in the file."""
        with self.lock:
            self.last = max(self.last, time.time())
            entry = {"kind": kind, "at": round(self.last, 4), **fields}
            line = (json.dumps(entry, ensure_ascii=False) + "\n").encode()
            if os.write(self.file, line) != len(line):
                raise OSError("the journal cannot be written")
            self.counts[kind] += 1


class Writer(threading.Thread):
    """One connection and one collection: inserts, updates and deletions, paced."""

    def __init__(
        self, path: str, connection: Connection, recorder: Recorder, pace: float, stop: threading.Event
    ) -> None:
        super().__init__(name=path, daemon=True)
        self.path, self.collection = path, path.rpartition("/")[2]
        self.connection, self.recorder, self.pace, self.stop = connection, recorder, pace, stop
        self.dice = random.Random()
        self.token = uuid.uuid4().hex[:12]
        self.versions: dict[str, int] = {}
        self.number = 0

    def run(self) -> None:
        backoff = 0.0
        due = time.monotonic() + self.pace * self.dice.random()
        while not self.stop.wait(max(backoff, due - time.monotonic())):
            backoff = 0.0 if self.write() else min(BACKOFF_MOST, max(BACKOFF_FIRST, backoff * 2))
            due = max(due + self.pace, time.monotonic() - 0.2)

    def write(self) -> bool:
        """One write of a random sort. True if it was acknowledged.

        Few insert: Kinto 19 takes longer for each write the larger its collection is, deleted records included.
        """
        self.number += 1
        sort = self.dice.random()
        if len(self.versions) < 5 or sort < 0.15:
            return self._send("POST", f"{self.token}-{self.number}", content_of(self.dice, self.number), None)
        record = self.dice.choice(tuple(self.versions))
        if sort < 0.9 or len(self.versions) < 50:
            return self._send("PUT", record, content_of(self.dice, self.number), self.versions[record])
        return self._send("DELETE", record, None, self.versions[record])

    def _send(self, method: str, record: str, content: Record | None, version: int | None) -> bool:
        write = f"{self.token}.{self.number}"
        add = self.recorder.add
        add("intent", write=write, collection=self.collection, record=record, content=content)
        path = f"{self.path}/records"
        match = {} if version is None else {"If_Match": f'"{version}"'}
        began = time.monotonic()
        try:
            if method == "POST":
                answer = self.connection.request(method, path, {"data": {"id": record, **(content or {})}})
            else:
                body = None if content is None else {"data": content}
                answer = self.connection.request(method, f"{path}/{record}", body, **match)
        except UnreachableError as error:
            add("refused", write=write, why=str(error))
            return False
        except UnansweredError as error:
            self.versions.pop(record, None)
            add("failed", write=write, why=str(error))
            return False
        return self._judge(write, record, content, answer, round(1000 * (time.monotonic() - began)))

    def _judge(self, write: str, record: str, content: Record | None, answer: Answer, ms: int) -> bool:
        version = answer.body.get("data", {}).get("last_modified") if answer.done else None
        if version is not None:
            self.recorder.add("ack", write=write, version=version, ms=ms)
            self.versions.pop(record, None) if content is None else self.versions.update({record: version})
            return True
        certain = answer.certainly_refused
        if not certain or answer.status in (404, 412):
            self.versions.pop(record, None)
        self.recorder.add("refused" if certain else "failed", write=write, why=f"{answer.status}")
        return False


def run(options: argparse.Namespace) -> int:
    """Write until told to stop."""
    stop = threading.Event()

    def halt(_number: int, _frame: object) -> None:
        stop.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, halt)
    connections = [Connection(options.url, options.auth) for _ in range(options.connections)]
    recorder = Recorder(options.state)
    home = f"/buckets/{options.bucket}"
    pace = options.connections / options.rate if options.rate else 0.0
    writers = [
        Writer(f"{home}/collections/writer-{number}", each, recorder, pace, stop)
        for number, each in enumerate(connections)
    ]
    connections[0].ensure(home)
    for writer in writers:
        writer.connection.ensure(writer.path)
    recorder.add("start", bucket=options.bucket, collections=[writer.collection for writer in writers])
    began = time.monotonic()
    for writer in writers:
        writer.start()
    while not stop.wait(0.1):
        if options.seconds and time.monotonic() - began >= options.seconds:
            stop.set()
    for writer in writers:
        writer.join(35)
    recorder.add("stop")
    return _summary(options, connections)


def _summary(options: argparse.Namespace, connections: Sequence[Connection]) -> int:
    journal = load(options.state)
    used = time.process_time()
    summary = {
        "acknowledged": journal.counts["ack"],
        "refused": journal.counts["refused"],
        "failed": journal.counts["failed"],
        "seconds": round(journal.seconds, 2),
        "rate": round(journal.counts["ack"] / journal.seconds, 1) if journal.seconds else 0,
        "longest_gap": round(journal.gap.seconds, 3),
        "longest_gap_began": journal.gap.began,
        "slowest_ms": journal.slowest_ms,
        "connections_made": sum(each.connections for each in connections),
        "cpu_seconds": round(used, 2),
    }
    if options.json:
        print(json.dumps(summary))
    else:
        print("\n".join(f"{name.replace('_', ' ')}: {value}" for name, value in summary.items()))
    return 0 if journal.counts["ack"] else 1


# ------------------------------------------------------------------------------------------------------------- compare


def load(path: Path) -> Journal:
    """Read and fold a journal from its file."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        return fold(read_lines(lines))


def found_in_database(dsn: str, bucket: str) -> dict[Key, State]:
    """The client's records as PostgreSQL has them, tombstones included."""
    import psycopg

    parent = f"/buckets/{bucket}/collections/"
    query = """SELECT parent_id, id, deleted, data, as_epoch(last_modified) FROM objects
               WHERE resource_name = 'record' AND starts_with(parent_id, %s)"""
    with psycopg.connect(dsn) as database:
        rows = database.execute(query, (parent,)).fetchall()
    return {
        (owner.removeprefix(parent), record): State(None if deleted else canonical(data), int(version))
        for owner, record, deleted, data, version in rows
    }


def found_at_service(connection: Connection, bucket: str, collections: Iterable[str]) -> dict[Key, State]:
    """The client's records as a Kinto answers them, tombstones included."""
    found: dict[Key, State] = {}
    for collection in sorted(collections):
        page = f"/buckets/{bucket}/collections/{collection}/records?_since=0&_limit=1000"
        while page:
            answer = connection.request("GET", page)
            if not answer.done:
                raise SystemExit(f"client: cannot read {collection}: {answer.status} {answer.body}")
            for data in answer.body["data"]:
                content = None if data.get("deleted") else canonical(data)
                found[collection, data["id"]] = State(content, data["last_modified"])
            onward = urlsplit(answer.next_page or "")
            page = f"{onward.path.removeprefix(connection.prefix)}?{onward.query}" if onward.path else ""
    return found


def report(verdict: Verdict) -> str:
    """The verdict for a person; the first losses by name."""
    lines = [
        f"writes acknowledged: {verdict.acknowledged}",
        f"writes lost: {verdict.lost}",
        f"longest gap: {verdict.gap.seconds:.2f} s",
        f"slowest acknowledged write: {verdict.slowest_ms} ms",
        f"unknown outcomes: {verdict.unknown} ({verdict.unknown_applied} of them applied)",
        f"stray records: {len(verdict.strays)}",
    ]
    for loss in verdict.losses[:5]:
        lines.append(f"  lost {loss.writes} of {loss.collection}/{loss.record}: {loss.expected}, found {loss.found}")
    lines += [f"  stray {collection}/{record}" for collection, record in verdict.strays[:5]]
    return "\n".join(lines)


def as_json(verdict: Verdict) -> str:
    """The verdict for a program."""
    return json.dumps(
        {
            "acknowledged": verdict.acknowledged,
            "lost": verdict.lost,
            "losses": [vars(loss) for loss in verdict.losses[:20]],
            "strays": [list(key) for key in verdict.strays[:20]],
            "stray_count": len(verdict.strays),
            "unknown": verdict.unknown,
            "unknown_applied": verdict.unknown_applied,
            "longest_gap": round(verdict.gap.seconds, 3),
            "longest_gap_began": verdict.gap.began,
            "slowest_ms": verdict.slowest_ms,
            "proven": verdict.proven,
        }
    )


def compare_command(options: argparse.Namespace) -> int:
    """Compare a journal with a database or a service."""
    journal = load(options.state)
    if options.dsn:
        found = found_in_database(options.dsn, journal.bucket)
    else:
        found = found_at_service(Connection(options.url, options.auth), journal.bucket, journal.collections)
    verdict = compare(journal, found)
    print(as_json(verdict) if options.json else report(verdict))
    return 0 if verdict.proven else 1


def parser() -> argparse.ArgumentParser:
    """The command line."""
    service = argparse.ArgumentParser(add_help=False)
    service.add_argument("--url", help="where Kinto answers, with /v1")
    service.add_argument("--auth", default="client:client", help="user:password")
    state = argparse.ArgumentParser(add_help=False)
    state.add_argument("--state", type=Path, required=True, help="the journal of the writes")
    state.add_argument("--json", action="store_true")
    top = argparse.ArgumentParser(description="Writes to Kinto, remembers, compares.")
    commands = top.add_subparsers(required=True)
    running = commands.add_parser("run", parents=[service, state])
    running.add_argument("--bucket", default="live", help="a bucket of its own for each journal")
    running.add_argument("--connections", type=int, default=8)
    running.add_argument("--rate", type=float, default=80, help="writes a second over all connections; 0: no limit")
    running.add_argument("--seconds", type=float)
    running.set_defaults(command=run)
    comparing = commands.add_parser("compare", parents=[service, state])
    comparing.add_argument("--dsn", help="the new database; its password from PGPASSWORD")
    comparing.set_defaults(command=compare_command)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command."""
    options = parser().parse_args(arguments)
    if not options.url and not getattr(options, "dsn", None):
        parser().error("--url is needed")
    return int(options.command(options))


if __name__ == "__main__":
    sys.exit(main())
