"""What may go wrong in a cutover by the protocol, as cells: a moment, a fault, and who serves afterwards.

A moment is a line that the critical step prints, or a step that has begun. The fault is done once it was seen; then golive
runs until it has an end, the fault is mended, and the end is judged: who serves, nothing lost, never two writers.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crossing import CROSS, SERVICE, Stage, stage
from ground import Ground
from planfolder import Running, reached

Fault = Callable[[Stage, Running], None]


def _cut(one: str, other: str) -> Fault:
    def do(shop: Stage, _: Running) -> None:
        a, b = getattr(shop, one), getattr(shop, other)
        a.lab.cut(a.name, b.name)

    return do


def kill_controller(shop: Stage, running: Running) -> None:
    """kill -9 of golive itself."""
    running.kill()


def stop_postgresql(side: str) -> Fault:
    """PostgreSQL of a side dies and does not come back by itself."""

    def do(shop: Stage, _: Running) -> None:
        getattr(shop, side).sh("systemctl kill -s KILL 'postgresql@*'; systemctl stop 'postgresql@*'")

    return do


def reboot_old(shop: Stage, _: Running) -> None:
    """The old host loses its power for a moment."""
    shop.old.lab.reboot(shop.old.name)


def kill_service(shop: Stage, _: Running) -> None:
    """The register's service dies."""
    shop.old.sh(f"systemctl kill -s KILL {SERVICE}")


def one_row(shop: Stage, _: Running) -> None:
    """Somebody changes a row on the new side, past its guard."""
    change = "SET session_replication_role = replica; UPDATE account SET total = total + 1 WHERE id = 7"
    shop.sql(shop.new, change)


def new_column(shop: Stage, _: Running) -> None:
    """Somebody changes a table on the old side."""
    shop.sql(shop.old, "ALTER TABLE account ADD COLUMN extra int")


@dataclass(frozen=True)
class Cell:
    """One fault at one moment."""

    name: str
    step: str
    fault: Fault
    serves: str
    """Which side serves in the end."""
    within: float = 30.0
    """Seconds after the fault was mended until somebody serves again."""


COPY, FOLLOW = "lyon/cutover/copy-postgresql@new", "lyon/cutover/follow-postgresql@old"
VERIFY = "lyon/cutover/verify-1@edge"

CELLS: tuple[Cell, ...] = (
    Cell("controller killed in copy", COPY, kill_controller, "new"),
    Cell("controller killed in follow", FOLLOW, kill_controller, "new"),
    Cell("controller killed in cross", CROSS, kill_controller, "new"),
    Cell("old cut from new in copy", COPY, _cut("old", "new"), "new"),
    Cell("old cut from new in cross", CROSS, _cut("old", "new"), "old"),
    Cell("old cut from edge in cross", CROSS, _cut("old", "edge"), "old"),
    Cell("postgresql of new dies in cross", CROSS, stop_postgresql("new"), "old"),
    Cell("old host rebooted in cross", CROSS, reboot_old, "new"),  # interrupted, and done again by itself
    Cell("service killed in cross", CROSS, kill_service, "old"),
    Cell("one row differs in follow", FOLLOW, one_row, "old"),
    Cell("a column is added in follow", FOLLOW, new_column, "old"),
)


@dataclass(frozen=True)
class Judged:
    """What became of a cell."""

    cell: Cell
    problems: tuple[str, ...]
    seconds: float


def mend(shop: Stage) -> None:
    """Takes the fault away, whichever it was."""
    for host in shop.hosts:
        host.lab.restore(host.name)
        host.sh("[ ! -d /etc/postgresql ] || systemctl start postgresql", check=False)


def trial(ground: Ground, folder: Path, cell: Cell) -> Judged:
    """Does a cell on fresh hosts."""
    began, shop = time.monotonic(), stage(ground, folder)
    try:
        return Judged(cell, tuple(suffer(shop, cell)), time.monotonic() - began)
    finally:
        shop.leave()


def suffer(shop: Stage, cell: Cell) -> list[str]:
    """The fault, golive until it has an end, the mending, golive again, and what is wrong then."""
    with shop.load("--idle", "5", "--slow", "3"):  # the fence stands for as long as a slow request
        with shop.raw_writers():
            running = shop.plan.start("run")
            seen = shop.plan.until(reached("AttemptStarted", cell.step), running, 240)
            if cell.step == CROSS:
                shop.until_fenced()
            cell.fault(shop, running)
            if running.process.poll() is None:
                running.wait(120)
            mend(shop)
            for _ in range(3):
                if shop.plan.golive("run", seconds=240).exit in (4, 6):
                    break
            shop.until_served_by(cell.serves, cell.within)
    verdict = shop.verdict(shop.old if cell.serves == "old" else shop.new)
    problems = [] if seen else [f"{cell.step} never began"]
    problems += [f"{len(verdict.lost)} writes lost"] if verdict.lost else []
    problems += [f"nothing written ({verdict.acknowledged})"] if verdict.acknowledged < 20 else []
    if both := shop.two_writers():
        problems.append(f"two writers: {both}")
    return problems
