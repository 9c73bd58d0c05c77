"""What may go wrong in a cutover by the protocol, as cells: a moment, a fault, who serves meanwhile, who in the end.

The fault is done when the moment is seen. Then the promise is looked at while the fault lasts, the fault is mended,
golive runs to its end, and all is judged: nothing lost, never two writers. At last the site goes back with its data,
and nothing of golive may be left on the old system; so one set of hosts serves for many cells.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from crossing import CROSS, SERVICE, Stage
from planfolder import Running, reached

COPY, FOLLOW = "lyon/cutover/copy-postgresql@new", "lyon/cutover/follow-postgresql@old"
VERIFY, SETTLE = "lyon/cutover/verify-1@edge", "lyon/cutover/settle-new@new"
SLOWLY = ("totals:", "totals:\n    - {name: slowly, sql: SELECT pg_sleep(1)}")
"""The proof takes two seconds, so that something can happen in it."""

Fault = Callable[[Stage], None]
Change = tuple[str, str]
"""A text of the plan, and what stands there instead."""


# --- faults ---


def cut(one: str, other: str) -> Fault:
    """Two hosts, or one and the machine of the controller, do not reach each other."""

    def do(shop: Stage) -> None:
        host = getattr(shop, one)
        host.lab.cut(host.name, "here" if other == "controller" else getattr(shop, other).name)

    return do


def stop_postgresql(side: str) -> Fault:
    """PostgreSQL of a side dies and does not come back by itself."""

    def do(shop: Stage) -> None:
        getattr(shop, side).sh("systemctl kill -s KILL 'postgresql@*'; systemctl stop 'postgresql@*'")

    return do


def reboot(side: str) -> Fault:
    """A host loses its power for a moment."""

    def do(shop: Stage) -> None:
        host = getattr(shop, side)
        host.lab.reboot(host.name)

    return do


def kill_service(shop: Stage) -> None:
    """The register's service dies."""
    shop.old.sh(f"systemctl kill -s KILL {SERVICE}")


def nothing(_: Stage) -> None:
    """What is wrong stands in the plan, or the death of the controller is all."""


def one_row(shop: Stage) -> None:
    """Somebody changes a row on the new side, past its guard."""
    shop.sql(shop.new, "SET session_replication_role = replica; UPDATE ballast_1 SET name = 'other' WHERE id = 7")


def extra_row(shop: Stage) -> None:
    """A row too much on the new side, which no stream knows."""
    row = "INSERT INTO write (id, number, account) VALUES ('too much', -1, 1)"
    shop.sql(shop.new, f"SET session_replication_role = replica; {row}")


def last_row(shop: Stage) -> None:
    """The same with a row that has just been written: under the fence it is compared."""
    latest = "(SELECT max(number) FROM write)"
    shop.sql(shop.new, f"SET session_replication_role = replica; UPDATE write SET account = -1 WHERE number = {latest}")


def new_column(shop: Stage) -> None:
    """Somebody changes a table on the old side."""
    shop.sql(shop.old, "ALTER TABLE raw ADD COLUMN extra int")


def fill_disk(shop: Stage) -> None:
    """Nothing more can be written by the new database."""
    shop.new.sh("fallocate -l $(df -k --output=avail /var/lib/postgresql | tail -1)K /var/lib/postgresql/full || :")


def narrow(shop: Stage) -> None:
    """The line to the new host carries less than what users write."""
    shop.new.lab.limit(shop.new.name, "40kbit")


def much_log(side: str) -> Fault:
    """A server that somebody follows writes more log than it may keep for it, while the other side is away for good."""

    def do(shop: Stage) -> None:
        other = "new" if side == "old" else "old"
        stop_postgresql(other)(shop)
        if other == "old":
            shop.old.sh(f"systemctl stop {SERVICE}")  # the watchdog, too
        host = getattr(shop, side)
        writes = "SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000000)) FROM generate_series(1, 8)"
        for _ in range(24):
            shop.sql(host, f"SELECT count(*) FROM ({writes}) w")
        shop.sql(host, "CHECKPOINT")
        held = "SELECT count(*) FROM pg_replication_slots WHERE restart_lsn IS NOT NULL AND wal_status <> 'lost'"
        deadline = time.monotonic() + 30
        while shop.sql(host, held) != "0":
            assert time.monotonic() < deadline, f"the log of {side} is still kept"
            time.sleep(0.5)

    return do


def mend(shop: Stage) -> None:
    """Takes the fault away, whichever it was."""
    shop.gate(locked=False)
    for host in shop.hosts:
        host.lab.restore(host.name)
    shop.new.lab.limit(shop.new.name, None)
    shop.new.sh("rm -f /var/lib/postgresql/full")
    for host in (shop.old, shop.new):
        host.sh("systemctl reset-failed 'postgresql@*' 2>/dev/null || :; systemctl start postgresql")
    shop.old.sh(f"! systemctl -q is-enabled {SERVICE} 2>/dev/null || systemctl start {SERVICE}")


# --- moments ---


@dataclass(frozen=True)
class Moment:
    """When the fault comes; ``kind`` says how it is seen, ``step`` in which step."""

    kind: str
    step: str = CROSS


COPIED = Moment("started", "lyon/cutover/ask-first@edge")
IN_COPY, IN_FOLLOW = Moment("started", COPY), Moment("started", FOLLOW)
IN_HOLD, IN_PROOF, DECIDED = Moment("hold"), Moment("proof"), Moment("decided")
SERVING, IN_SETTLE = Moment("serving"), Moment("started", SETTLE)
GOING_BACK, BACK_IN_PROOF = Moment("back"), Moment("back in proof")


def come_to(shop: Stage, moment: Moment) -> Running:
    """Runs golive until the moment; it has ended when that is the one at which the new side serves."""
    running = shop.plan.start("run", "--new")
    if moment.kind == "started" and moment.step != SETTLE:
        assert shop.plan.until(reached("AttemptStarted", moment.step), running, 240), running.said
        return running
    if moment.kind in ("hold", "proof", "decided"):
        if moment.kind == "decided":
            assert shop.plan.until(reached("AttemptStarted", FOLLOW), running, 240), running.said
            shop.gate(locked=True)
        assert shop.plan.until(reached("AttemptStarted", CROSS), running, 240), running.said
        seen = {"hold": shop.until_fenced, "proof": shop.until_closed, "decided": shop.until_decided}
        seen[moment.kind]()
        return running
    done = running.wait(280)
    if moment.kind == "serving":
        return running
    assert done.exit == 6, done.out
    shop.sign("approve" if moment.step == SETTLE else "refuse")
    running = shop.plan.start("run")
    if moment.step == SETTLE:
        assert shop.plan.until(reached("AttemptStarted", SETTLE), running, 120), running.said
    else:
        shop.until_fenced() if moment == GOING_BACK else shop.until_closed()
    return running


PATIENCE = 12.0
"""Seconds for which a fault lasts where golive goes on, unless the cell says otherwise."""


# --- cells ---


@dataclass(frozen=True)
class Cell:
    """One fault at one moment."""

    name: str
    at: Moment
    fault: Fault
    meanwhile: str
    """Which side serves while the fault lasts; empty: nobody can."""
    ends: str
    """Which side serves when golive has come to an end."""
    within: float = 15.0
    """Seconds until ``meanwhile`` serves, or ``ends`` after the fault was mended."""
    controller: bool = True
    """False: the controller is killed as well, and begins again when the fault was mended."""
    plan: tuple[Change, ...] = ()
    says: str = ""
    """What golive has to say of it, somewhere."""
    way_back: bool = True
    """False: there is none any more, and golive has to say so."""
    by_hand: bool = False
    """Whether it is then settled by hand, as docs/cutover.md says, and not rolled forward."""
    lasts: float = PATIENCE
    """Seconds for which the fault lasts where golive goes on."""


CUT_OLD_NEW, CUT_OLD_EDGE = cut("old", "new"), cut("old", "edge")
SMALL_BUDGET = ("BUDGET", "64 MiB")

CELLS: tuple[Cell, ...] = (
    Cell("nothing goes wrong", SERVING, nothing, "new", "new"),
    Cell("controller killed in copy", IN_COPY, nothing, "old", "new", controller=False),
    Cell("controller killed in follow", IN_FOLLOW, nothing, "old", "new", controller=False),
    Cell("controller killed in hold", IN_HOLD, nothing, "new", "new", controller=False),
    Cell("controller killed in proof", IN_PROOF, nothing, "new", "new", controller=False, plan=(SLOWLY,)),
    Cell("controller killed while it goes back", GOING_BACK, nothing, "old", "old", controller=False),
    Cell("controller cut from old in follow", IN_FOLLOW, cut("old", "controller"), "old", "new"),
    Cell("controller cut from old in hold", IN_HOLD, cut("old", "controller"), "new", "new"),
    Cell("controller cut from new in copy", IN_COPY, cut("new", "controller"), "old", "new"),
    Cell("controller cut from edge in hold", IN_HOLD, cut("edge", "controller"), "new", "new"),
    Cell("old cut from new in copy", IN_COPY, CUT_OLD_NEW, "old", "new|old"),
    Cell("old cut from new in follow", IN_FOLLOW, CUT_OLD_NEW, "old", "new|old"),
    Cell("old cut from new in hold", IN_HOLD, CUT_OLD_NEW, "old", "old"),
    Cell("old cut from new in proof", IN_PROOF, CUT_OLD_NEW, "old", "old", plan=(SLOWLY,)),
    Cell("old cut from new when it is decided", DECIDED, CUT_OLD_NEW, "", "new"),
    Cell("old cut from new while new serves", SERVING, CUT_OLD_NEW, "new", "new"),
    Cell("old cut from new while it goes back", GOING_BACK, CUT_OLD_NEW, "new", "old"),
    Cell("old cut from new in the proof of going back", BACK_IN_PROOF, CUT_OLD_NEW, "", "old|new", plan=(SLOWLY,)),
    Cell("postgresql of new dies while it goes back", GOING_BACK, stop_postgresql("new"), "", "old|new"),
    Cell("postgresql of old dies while it goes back", GOING_BACK, stop_postgresql("old"), "new", "old|new"),
    Cell("old cut from edge in copy", IN_COPY, CUT_OLD_EDGE, "", "new|old"),
    Cell("old cut from edge in hold", IN_HOLD, CUT_OLD_EDGE, "", "old", 30),
    Cell("old cut from edge in proof", IN_PROOF, CUT_OLD_EDGE, "", "new|old", 30, plan=(SLOWLY,)),
    Cell("old cut from edge while new serves", SERVING, CUT_OLD_EDGE, "new", "new"),
    Cell("postgresql of old dies in copy", IN_COPY, stop_postgresql("old"), "", "new|old"),
    Cell("postgresql of old dies in proof", IN_PROOF, stop_postgresql("old"), "", "old", 30, plan=(SLOWLY,)),
    Cell("postgresql of old dies while new serves", SERVING, stop_postgresql("old"), "new", "new"),
    Cell("postgresql of new dies in copy", IN_COPY, stop_postgresql("new"), "old", "new|old"),
    Cell("postgresql of new dies in proof", IN_PROOF, stop_postgresql("new"), "old", "old", plan=(SLOWLY,)),
    Cell("postgresql of new dies when it is decided", DECIDED, stop_postgresql("new"), "", "new"),
    Cell("postgresql of new dies while it serves", SERVING, stop_postgresql("new"), "", "new"),
    Cell("old rebooted in hold", IN_HOLD, reboot("old"), "old|new", "new", 30),
    Cell("old rebooted in proof", IN_PROOF, reboot("old"), "old|new", "new", 30, plan=(SLOWLY,)),
    Cell("old rebooted when it is decided", DECIDED, reboot("old"), "", "new", 30),
    Cell("old rebooted while new serves", SERVING, reboot("old"), "new", "new"),
    Cell("service killed in hold", IN_HOLD, kill_service, "old", "old"),
    Cell("service killed in proof", IN_PROOF, kill_service, "old", "old", plan=(SLOWLY,)),
    Cell("service killed when it is decided", DECIDED, kill_service, "", "new"),
    Cell("disk of new full in copy", IN_COPY, fill_disk, "old", "new|old"),
    Cell("disk of new full in proof", IN_PROOF, fill_disk, "old", "old", plan=(SLOWLY,)),
    Cell("a lag that never ends", COPIED, narrow, "old", "old", plan=(("WITHIN", "8 s"),), says="the lag is", lasts=120),
    Cell("one row differs in follow", COPIED, one_row, "old", "old", says="differs, and nobody changes it"),
    Cell("a row differs under the fence", IN_HOLD, last_row, "old", "old", says="row differs, among them public.write"),
    Cell("a total differs under the fence", IN_HOLD, extra_row, "old", "old", says="writes: old says"),
    Cell("a column is added in follow", IN_FOLLOW, new_column, "old", "old", says="was made, changed or dropped"),
    Cell("a column is added in hold", IN_HOLD, new_column, "old", "old", says="was made, changed or dropped"),
    Cell("a check through the front door fails", SERVING, nothing, "old", "old", plan=(("ANSWER", "other"),)),
    Cell(
        "controller gone until the log is spent", COPIED, much_log("old"), "old", "old", controller=False,
        plan=(SMALL_BUDGET,), says="is lost",
    ),
    Cell(
        "old gone until the log of new is spent", SERVING, much_log("new"), "new", "new", plan=(SMALL_BUDGET,),
        way_back=False,
    ),
    Cell(
        "old gone until the log of new is spent, settled by hand", SERVING, much_log("new"), "new", "new",
        plan=(SMALL_BUDGET,), way_back=False, by_hand=True,
    ),
    Cell("controller killed in settle", IN_SETTLE, nothing, "new", "new", controller=False, way_back=False),
)  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """What became of a cell."""

    cell: Cell
    problems: tuple[str, ...]
    seconds: float
    served: str = ""
    """Who served meanwhile, after how many seconds."""
    stall: float = 0.0
    failed: int = 0

    @property
    def reusable(self) -> bool:
        """Whether the hosts are as they were before."""
        return self.cell.way_back


def trial(shop: Stage, cell: Cell) -> Judged:
    """Does a cell; after one with problems the hosts are not fit for another."""
    began = time.monotonic()
    shop.prepare(*cell.plan)
    since = shop.now()
    # The slow request makes the fence stand for a while.
    with shop.load("--idle", "5", "--slow", "3"), shop.raw_writers():
        problems, served, side = suffer(shop, cell)
    verdict = shop.verdict(side)
    problems += [f"{len(verdict.lost)} writes lost"] if verdict.lost else []
    problems += [f"nothing written ({verdict.acknowledged})"] if verdict.acknowledged < 20 else []
    problems += shop.two_writers(since, side)
    if not problems and cell.at != IN_SETTLE:
        problems += go_back(shop, cell, side)
    return Judged(cell, tuple(problems), time.monotonic() - began, served, verdict.stall, len(verdict.failed))


def suffer(shop: Stage, cell: Cell) -> tuple[list[str], str, str]:
    """The fault, the promise while it lasts, the mending, golive to its end; problems, who served, who does now."""
    problems: list[str] = []
    running = come_to(shop, cell.at)
    if not cell.controller:
        running.kill()
    cell.fault(shop)
    served = ""
    if cell.meanwhile:
        side, took = shop.until_served(cell.meanwhile, cell.within)
        served = f"{side} after {took:.1f} s"
        problems += [] if side else [f"{cell.meanwhile} does not serve within {cell.within:g} s"]
    else:
        time.sleep(4)
        served = shop.serves() or "nobody"
    until = time.monotonic() + cell.lasts
    while running.process.poll() is None and time.monotonic() < until:
        time.sleep(0.2)
    mend(shop)
    if not cell.meanwhile:
        side, took = shop.until_served("old|new", cell.within)
        served += f", then {side} after {took:.1f} s"
        problems += [] if side else [f"nobody serves within {cell.within:g} s after it was mended"]
    exit = running.wait(200).exit
    if exit not in (0, 4, 6):
        exit = shop.run_to_an_end()
    problems += [] if exit in (0, 4, 6) else [f"golive ends with {exit}"]
    side = shop.serves()
    problems += [] if side and side in cell.ends.split("|") else [f"in the end {side or 'nobody'} serves"]
    if cell.says and cell.says not in shop.all_said():
        problems.append(f"golive never says {cell.says!r}")
    return problems, served, side or cell.ends.partition("|")[0]


def go_back(shop: Stage, cell: Cell, side: str) -> list[str]:
    """Back to the old side with the data, and nothing of golive is left there."""
    if side == "new":
        shop.sign("refuse")
        exit = shop.run_to_an_end()
        if not cell.way_back:
            went = exit == 4 or shop.serves() != "new"
            if went:
                return [f"went back without a way: {exit}, {shop.serves()}"]
            return shop.settle_by_hand() if cell.by_hand else shop.roll_forward()
        if exit != 4 or shop.serves() != "old":
            return [f"the way back ended with {exit}, and {shop.serves() or 'nobody'} serves"]
    lost = shop.verdict("old").lost
    return [*([f"{len(lost)} writes lost on the way back"] if lost else []), *shop.leftovers()]
