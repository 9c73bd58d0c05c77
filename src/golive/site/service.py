"""The service on the old host: keeps the register, answers the front doors, follows, and crosses when it is told to.

``python3 -m golive.site.service CONFIG`` runs it; with a VERB behind it asks the one that runs, prints what it says
and exits 0 when it did what was asked.
"""

from __future__ import annotations

import json
import os
import socket
import socketserver
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from typing import Any, Callable

from golive.site.compare import Comparison, Differs
from golive.site.crossing import ERRORS, Crossing, Limits, Names
from golive.site.doors import Doors
from golive.site.keeper import Keeper
from golive.site.pace import Pace, give_way
from golive.site.psql import SqlError, literal
from golive.site.ranges import Ranges
from golive.site.register import Book, Refused
from golive.site.shape import NOTED, SHAPE
from golive.site.sides import Side
from golive.site.tables import tables
from golive.site.watchdog import Watchdog
from golive.words import several

Tell = Callable[[str], None]
SHARE = 1 / 3
"""Of the time in which a side works at most while everything is compared gently."""
SPARE = 10.0
"""Seconds between two times that the slots of the way back are taken along."""


class Service:
    """All that one cutover has on the old host.

    Args:
        config: what the plan says, as golive wrote it.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.config, self.folder = config, config["folder"]
        self.names = Names.of(config["name"])
        os.environ["PGPASSFILE"] = os.path.join(self.folder, "pgpass")
        self.keeper = Keeper(Book(os.path.join(self.folder, "register")), self._sides())
        with open(os.path.join(self.folder, "key"), "rb") as stream:
            key = stream.read().strip()
        self.doors = Doors(config["doors"], key, self.keeper.answer)
        self.sides = self._sides()
        self._work = threading.Lock()
        self._comparison: Comparison | None = None
        self._complete = False
        self._differs: Differs | None = None
        """What a comparison in the background has found, for those who wait for it."""
        self._spared = 0.0
        self._lag = -1.0
        self._pace = Pace(self._sides()["old"], config["most"])

    def _sides(self) -> dict[str, Side]:
        return {name: Side(name, self.config["sides"][name]) for name in ("old", "new")}

    # --- threads ---

    def run(self) -> None:
        """Serves until the process ends."""
        self.keeper.begin()
        watchdog = Watchdog(self._sides(), self.names, self.config["budget"], self._lose)
        self._every(0.05, self.keeper.look)
        self._every(1.0, lambda: watchdog.look(self.keeper.register))
        self._every(0.5, self._follow_on)
        if self.config["gentle"]:
            self._every(0.1, self._hold_copy)
        doors = self.doors.server("0.0.0.0", self.config["port"])
        threading.Thread(target=doors.serve_forever, args=(0.2,), daemon=True).start()
        self._control()

    def _every(self, pause: float, do: Callable[[], object]) -> None:
        def loop() -> None:
            while True:
                try:
                    do()
                except ERRORS as error:
                    print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
                except Exception:  # noqa: BLE001  a fence must lift and the log be watched, whatever else is wrong
                    traceback.print_exc()
                time.sleep(pause)

        threading.Thread(target=loop, daemon=True).start()

    def _control(self) -> None:
        path, service = os.path.join(self.folder, "control"), self
        if os.path.exists(path):
            os.unlink(path)

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                verb = self.rfile.readline(256).decode().strip()

                def tell(line: str) -> None:
                    try:
                        self.wfile.write(f"{line}\n".encode())
                    except OSError:
                        print(line, file=sys.stderr, flush=True)  # nobody listens any more: it goes on

                tell(service.ask(verb, tell))

        class Server(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True

        mask = os.umask(0o177)
        server = Server(path, Handler)
        os.umask(mask)
        server.serve_forever()

    # --- what it can be asked ---

    def ask(self, verb: str, tell: Tell) -> str:
        """Does what it is asked; the last line says how it ended."""
        verbs: dict[str, Callable[[Tell], object]] = {
            "status": self.status,
            "follow": self.follow,
            "rehearse": self.rehearse,
            "cross": self.cross,
            "back": self.back,
            "new": lambda tell: self.settled("new", tell),
            "old": lambda tell: self.settled("old", tell),
        }
        if verb not in verbs:
            return f"= failed: nobody knows what {verb} is"
        try:
            verbs[verb](tell)
        except ERRORS as error:
            return f"= failed: {error}"
        except Exception as error:  # noqa: BLE001  who asked gets an answer; the rest is in the service's log
            traceback.print_exc()
            return f"= failed: {error!r}"
        return "= done"

    def status(self, tell: Tell) -> None:
        """Says how things stand."""
        register, compared = self.keeper.register, self._comparison
        answer, number = self.keeper.answer()
        if missing := self.doors.missing(answer, number):
            tell(missing)
        tell(f"serving {register.serving}, front doors are told {answer} {number}")
        if compared:
            what = "all compared" if self._complete else "being compared"
            tell(f"lag {self._lag:.3f} s, {several(compared.rows, 'row')} {what}, {compared.pending} changed since")
        if self.config["gentle"] and self.config["most"] and (why := self._pace.why_not):
            tell(f"this host cannot hold the copy to {self.config['most']} bytes a second: {why}")
        if self.lost:
            tell(f"the move is lost: {self.lost}")

    def _hold_copy(self) -> None:
        if self._comparison is None:  # all was copied before something is compared
            try:
                self._pace.look(self.keeper.register)
            except SqlError:
                time.sleep(1)  # a server that is away is not asked ten times a second

    @property
    def lost(self) -> str:
        """Why the move is lost; empty: it is not."""
        try:
            with open(os.path.join(self.folder, "lost"), encoding="utf-8") as stream:
                return stream.read().strip()
        except FileNotFoundError:
            return ""

    def _lose(self, why: str) -> None:
        with open(os.path.join(self.folder, "lost"), "w", encoding="utf-8") as stream:
            stream.write(why)

    def follow(self, tell: Tell) -> None:
        """Waits until everything was compared and the lag is small. Raises Refused when that takes too long."""
        with self._work:
            self._arm_streams()
        self._come_near(tell)

    def _come_near(self, tell: Tell) -> None:
        with self._work:
            self._differs = None
            if self._comparison is None:
                self._compare(tell)
        deadline, said = time.monotonic() + self.config["follow"], 0.0
        while not self._near():
            if self.lost:
                raise Refused(f"the move is lost: {self.lost}; production is untouched")
            if self._differs is not None:
                raise self._differs
            if time.monotonic() > deadline:
                raise Refused(f"after {self.config['follow']:g} s {self._how_far}")
            if time.monotonic() - said > 5:
                tell(self._how_far)
                said = time.monotonic()
            time.sleep(0.1)
        tell(f"lag {self._lag:.3f} s, {several(self._rest, 'row')} to compare under the fence")

    @property
    def _how_far(self) -> str:
        lag = (
            f"the lag is {self._lag:.3f} s" if self._lag >= 0 else "the lag is not known: a last write does not arrive"
        )
        return f"{lag}; {several(self._rest, 'row')} changed since they were compared"

    @property
    def _rest(self) -> int:
        return self._comparison.pending if self._comparison else 0

    def _near(self) -> bool:
        if self._comparison is None or self._comparison.suspects or self.lost:
            return False
        return self._complete and 0 <= self._lag < self.config["lag"] and self._rest < 5000

    def _compare(self, tell: Tell) -> None:
        """A new comparison of all that there is; what changes from now on is noted by the slot."""
        serving = self.keeper.register.serving
        other = "new" if serving == "old" else "old"
        source, target = self.sides[serving], self.sides[other]
        followed = tables(self.sides["old"], self.names.forward)
        source.drop_slot(self.names.seen)
        source.query(f"SELECT pg_catalog.pg_create_logical_replication_slot({literal(self.names.seen)}, 'pgoutput')")
        publication = self.names.forward if serving == "old" else self.names.back
        shape = source.value(NOTED if serving == "old" else SHAPE)
        made = Comparison(source, target, self.names.seen, publication, followed, shape)
        readers = self._readers()
        try:
            made.sweep(Ranges(readers[serving], readers[other], SHARE if self.config["gentle"] else 1.0), tell)
        finally:
            for side in readers.values():
                side.drop()
        self._comparison, self._complete, self._lag = made, True, -1.0

    def _readers(self) -> dict[str, Side]:
        """Both sides, with sessions in which everything is read; on this host that gives way to what users do."""
        sides = self._sides()
        if self.config["gentle"]:
            pid = sides["old"].value("SELECT pg_catalog.pg_backend_pid()")
            try:
                give_way(int(pid))
            except OSError as error:
                print(f"comparing has the priority of any session: {error}", file=sys.stderr, flush=True)
        return sides

    def _follow_on(self) -> None:
        """Keeps what was compared up to date, so that little is left for the fence."""
        with self._work:
            if self._comparison is not None and not self.keeper.register.fenced:
                try:
                    self._lag = self._comparison.settle(10)
                    self._spare_target()
                except Differs as error:
                    self._comparison, self._complete, self._differs = None, False, error
                    raise
                except SqlError:
                    self._lag = -1.0
                    raise

    def _spare_target(self) -> None:
        """The slots for the way back hold the new side's log back for nothing until it serves: they go along."""
        if self.keeper.register.serving == "old" and time.monotonic() - self._spared > SPARE:
            for slot in (self.names.back, self.names.seen):
                if self.sides["new"].has_slot(slot):
                    self.sides["new"].advance(slot)
            self._spared = time.monotonic()

    def _arm_streams(self) -> None:
        """What the way back needs is made ahead; it takes nothing yet."""
        old, back = self.sides["old"], self.names.back
        there = old.value(f"SELECT count(*) FROM pg_catalog.pg_subscription WHERE subname = {literal(back)}")
        if there == "0" and self.config["way_back"]:
            with open(os.path.join(self.folder, "reverse"), encoding="utf-8") as stream:
                where = literal(stream.read().strip())
            old.query(
                f"CREATE SUBSCRIPTION {back} CONNECTION {where} PUBLICATION {back} WITH (create_slot = false,"
                f" copy_data = false, enabled = false, slot_name = {literal(back)})"
            )
        elif there != "0":
            old.subscription(back, on=False)  # a crossing that was lifted may not have reached it

    def rehearse(self, tell: Tell) -> None:
        """Everything up to the last proof, without fence and switch, and how long the real one would stall."""
        self.follow(tell)
        crossing = self._crossing(tell)
        with self._work:
            took = crossing.rehearse(self._compared())
        tell(f"the real one would stall for about {took:.2f} s, beyond the requests under way")

    def cross(self, tell: Tell) -> None:
        """Moves the processing from the old side to the new one."""
        if self.keeper.register.serving == "new":
            self._crossing(tell).release()
            tell("the new side serves already")
            return
        self.follow(tell)
        self._cross(tell)

    def back(self, tell: Tell) -> None:
        """Moves the processing back, with what was written meanwhile. Where nothing was committed it only looks."""
        if self.keeper.register.serving == "old":
            if not self.keeper.carry(30):
                raise SqlError("the old database cannot be opened")
            tell("the old side serves")
            return
        if not self.config["way_back"]:
            raise Refused("there is no way back: the plan says so")
        self._come_near(tell)
        self._cross(tell)

    def settled(self, side: str, tell: Tell) -> None:
        """Whether this side serves, once what was decided is carried through. Raises Refused and SqlError."""
        self._crossing(tell).release()
        if self.keeper.register.serving != side:
            raise Refused(f"it is decided that the {self.keeper.register.serving} side serves")
        tell(f"the {side} side serves")

    def _crossing(self, tell: Tell) -> Crossing:
        limits = Limits(self.config["fence"], self.config["requests"], self.config["drain"])
        totals, passes = self.config["totals"], self.config["passes"]
        return Crossing(self.keeper, self.doors, self.sides, self.names, limits, totals, passes, tell)

    def _cross(self, tell: Tell) -> None:
        with self._work:
            crossing, comparison = self._crossing(tell), self._compared()
            self._comparison = crossing.cross(comparison, self.config["way_back"])
            self._tidy(tell)

    def _compared(self) -> Comparison:
        if self._comparison is None:
            raise self._differs or Refused("nothing was touched: what was compared has to be compared anew")
        return self._comparison

    def _tidy(self, tell: Tell) -> None:
        """What the way forward needed holds the log back for nothing now."""
        if self.keeper.register.serving == "new":
            for slot in (self.names.forward, self.names.seen):
                try:
                    self.sides["old"].drop_slot(slot)
                except SqlError as error:
                    tell(f"slot {slot} stays for now: {error}")


LEADS_TO = {"cross": "new", "back": "old"}


def ask(folder: str, verb: str) -> int:
    """Asks the service and prints what it says. Returns the exit code."""
    last = _asked(folder, verb)
    if not last.startswith("= ") and verb in LEADS_TO:
        print("the service ended in the middle, and began anew; what was decided?", flush=True)
        last = _asked(folder, LEADS_TO[verb])
    if not last.startswith("= "):
        print("the service ended in the middle; ask for its status")
        return 1
    return 0 if last == "= done" else 1


def _asked(folder: str, verb: str) -> str:
    """What it said last; its answer begins with ``= ``."""
    last, connection = "", socket.socket(socket.AF_UNIX)
    for _ in range(100):
        try:
            connection.connect(os.path.join(folder, "control"))
            break
        except OSError:
            time.sleep(0.1)
    with connection, connection.makefile("rw", encoding="utf-8") as stream:
        try:
            stream.write(f"{verb}\n")
            stream.flush()
            for line in stream:
                last = line.strip()
                if last != "= done":  # the line before it says what was done
                    print(last[2:] if last.startswith("= ") else last, flush=True)
        except OSError:
            return last
    return last


def main(arguments: list[str]) -> int:
    """Runs the service, or asks it."""
    with open(arguments[0], encoding="utf-8") as stream:
        config: dict[str, Any] = json.load(stream)
    if len(arguments) > 1:
        return ask(config["folder"], arguments[1])
    Service(config).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
