"""The cutover by the protocol: a copy that follows, one critical step on the old host, a way back until a person signs.

1. Nothing is fenced before ``cross``; what comes before it leaves the old system serving, and has an inverse.
2. ``cross`` is decided by the register on the old host. Its inverse is the way back, with the data written meanwhile.
3. ``no-return`` asks a person. Approved: what the way back needed is removed. Refused: the site goes back.
"""

from collections.abc import Callable, Iterator

from golive.graph.copying import copying, named
from golive.graph.line import STAGE, Line
from golive.graph.site import SiteScope, script
from golive.graph.step import Action, Step, Witness
from golive.kinds import register as service
from golive.kinds.interface import HostRef, Register, Switch
from golive.kinds.postgresql_stream import PostgresqlStream
from golive.plan.cutover import NoReturn


def protocol(line: Line, prepare: Callable[[Line], None], verify: Callable[[Line], None]) -> None:
    """All steps of one site.

    Args:
        line: where they are added.
        prepare: adds the tasks of ``then``, with the checks of all components.
        verify: adds the checks through the front door.
    """
    made = _Protocol(line)
    made.findings()
    made.register_and_doors()
    made.copy()
    prepare(line)
    made.follow()
    made.decision("go", made.cutover.go)
    if not made.way_back:
        made.decision("no-return", made.cutover.no_return)
    made.cross()
    verify(line)
    if made.way_back:
        made.decision("no-return", made.cutover.no_return)
    made.settle()


def rehearsal(site: SiteScope) -> Iterator[Step]:
    """Asks the register of a site whose copy follows to do all but fence and switch, and to say how long that took."""
    if site.plan.cutover and site.plan.cutover.follows:
        made = _Protocol(Line(site, ()))
        do = script(service.ask(made.register, "rehearse"))
        yield site.step(STAGE, "rehearse", made.old[0], do, path=made.at, title="rehearse the cutover", verify="")


class _Protocol:
    """What the steps of one site share."""

    def __init__(self, line: Line) -> None:
        self.line, self.site = line, line.site
        cutover = line.site.plan.cutover
        assert cutover is not None and cutover.secret is not None, "held by the cross-checks"
        self.cutover = cutover
        self.way_back, self.apart = cutover.way_back, tuple(cutover.differ)
        renderer = line.site.renderer()
        movers = [renderer.model(spec, f"cutover.move[{index}]") for index, spec in enumerate(cutover.move)]
        self.movers = movers
        [(self.at, self.mover)] = [
            (f"cutover.move[{index}]", mover)
            for index, mover in enumerate(movers)
            if isinstance(mover, PostgresqlStream)
        ]
        self.others = [(name, path, mover) for name, path, mover in named(line.site) if not mover.follows]
        self.switches: list[tuple[str, Switch]] = [
            (f"cutover.switch[{index}]", renderer.model(spec, f"cutover.switch[{index}]"))
            for index, spec in enumerate(cutover.switch)
        ]
        self.old, self.new = self._hosts(self.mover.source), self._hosts(self.mover.target)
        self.register = Register(self.old[0], cutover.port, line.site.name.replace("-", "_"), cutover.secret)

    def _hosts(self, role: str) -> tuple[HostRef, ...]:
        """The one host of a role that holds the database."""
        return self.site.hosts(role)[:1]

    def findings(self) -> None:
        """Can it work at all?"""
        for index, mover in enumerate(self.movers):
            if text := mover.findings(self.site.peers):
                self.line.add(
                    f"findings-{mover.kind}",
                    self._hosts(mover.source),
                    do=lambda _, text=text: script(text),
                    path=f"cutover.move[{index}]",
                    title=f"look whether {mover.kind} can be moved at all; nothing is touched",
                    verify="no finding refuses it",
                    planned=10,
                )

    def register_and_doors(self) -> None:
        peers, register = self.site.peers, self.register
        self.line.add(
            "register",
            self.old,
            do=lambda _: script(
                self.mover.ready_source(peers, register, self.apart)
                + service.install(register, self._config(), self.mover.target_port)
            ),
            undo=lambda _: script(service.remove(register) + self.mover.unready_source(peers, register)),
            path=self.at,
            skippable=False,
            title="keep the register on the old host, and publish what is to be followed",
            verify="the register's service answers",
            planned=20,
        )
        for path, switch in self.switches:
            self.line.add(
                "front-door",
                self.site.hosts(switch.on),
                do=lambda host, switch=switch: script(switch.door(peers, register, host)),
                undo=lambda _, switch=switch: script(switch.undoor(register)),
                path=path,
                skippable=False,
                title="prepare the front door to hold requests and to follow the register",
                verify="the front door took the configuration, and no worker of before is left",
                planned=10,
            )

    def _config(self) -> dict[str, object]:
        cutover = self.cutover
        return {
            **self.mover.config(self.site.peers),
            "name": self.register.name,
            "port": self.register.port,
            "doors": [host.name for _, switch in self.switches for host in self.site.hosts(switch.on)],
            "fence": cutover.fence_for,
            "requests": cutover.requests,
            "drain": cutover.drain,
            "totals": {total.name: total.sql for total in cutover.totals},
            "passes": {
                "old": [text for mover in self.movers if (text := mover.last_pass(self.site.peers))],
                "new": [text for mover in self.movers if (text := mover.pass_back(self.site.peers))],
            },
            "way_back": cutover.way_back,
        }

    def copy(self) -> None:
        peers, register = self.site.peers, self.register
        self.line.add(
            f"copy-{self.mover.kind}",
            self.new,
            do=lambda _: script(self.mover.follow(peers, register, self.apart)),
            undo=lambda _: script(self.mover.discard_stream(peers, register)),
            path=self.at,
            skippable=False,
            title=f"copy {self.mover.database} to {self.mover.target} while the old system serves",
            verify="every table was copied and follows",
            planned=self.cutover.planned,
        )
        for name, path, mover in self.others:
            copying(self.line, name, path, mover, self.cutover.planned)

    def follow(self) -> None:
        for path, switch in self.switches:
            self.line.add(
                "ask-first",
                self.site.hosts(switch.on),
                do=lambda _, switch=switch: script(switch.begin_with(self.register, "ask")),
                undo=lambda _, switch=switch: script(switch.begin_with(self.register, "old")),
                path=path,
                skippable=False,
                title="a front door that restarts asks the register before it serves",
                verify="it is written",
                planned=1,
            )
        self.line.add(
            f"follow-{self.mover.kind}",
            self.old,
            do=lambda _: script(service.ask(self.register, "follow")),
            path=self.at,
            skippable=False,
            title="follow until the lag is small and everything was compared",
            verify="every range of rows is equal on both sides, or its rows are compared again",
            planned=self.cutover.planned,
        )

    def cross(self) -> None:
        self.line.add(
            "cross",
            self.old,
            do=lambda _: script(service.ask(self.register, "cross")),
            undo=lambda _: script(service.ask(self.register, "back")),
            path=self.at,
            skippable=False,
            title="hold, fence, drain, prove, arm the way back, switch, release"
            + ("" if self.way_back else " (point of no return)"),
            verify="what changed last is equal on both sides, totals agree, the register says that the new one serves",
            planned=3,
            serves=True,
            no_return=not self.way_back,
        )

    def decision(self, name: str, asked: NoReturn | None) -> None:
        """A person's signature, where the plan wants one."""
        if asked is None:
            return
        inputs = {"role": asked.role, "question": asked.question, "valid_for": asked.valid_for}
        step = self.site.step(
            STAGE,
            name,
            None,
            Action("decision", inputs),
            path=f"cutover.{name.replace('-', '_')}",
            title=asked.question,
            verify=f"a person with the role {asked.role} signs",
            planned=60,
            needs=self.line.last,
            witness=Witness.NONE,
        )
        self.line.extend([step])

    def settle(self) -> None:
        peers, register = self.site.peers, self.register
        self._settle_front_doors()
        self.line.add(
            "settle-old",
            self.old,
            do=lambda _: script(service.remove(register) + self.mover.settle_source(peers, register)),
            path=self.at,
            title="take the stream off the old host; its database stays fenced",
            verify="no slot, subscription or publication is left",
            planned=5,
        )
        self._settle_others()
        self.line.add(
            "settle-new",
            self.new,
            do=lambda _: script(self.mover.settle_target(peers, register)),
            path=self.at,
            title="take the stream and the guard off the new database, and analyse it",
            verify="no slot, subscription or publication is left",
            planned=5,
        )

    def _settle_front_doors(self) -> None:
        peers, register = self.site.peers, self.register
        for path, switch in self.switches:
            self.line.add(
                "settle-front-door",
                self.site.hosts(switch.on),
                do=lambda _, switch=switch: script(
                    switch.begin_with(register, "new") + f"(\n{switch.forward(peers)})\n(\n{switch.undoor(register)})\n"
                ),
                path=path,
                skippable=False,
                title="make the switch permanent" + (" (point of no return)" if self.way_back else ""),
                verify="the front door took the new configuration",
                planned=5,
                no_return=self.way_back,
            )

    def _settle_others(self) -> None:
        peers = self.site.peers
        for name, path, mover in self.others:
            for role, text in ((mover.source, mover.clear_source(peers)), (mover.target, mover.settle(peers))):
                if text:
                    self.line.add(
                        f"settle-{name}",
                        self.site.hosts(role),
                        do=lambda _, text=text: script(text),
                        path=path,
                        title=f"take away what only the move of {mover.kind} needed",
                        verify="the command succeeded",
                        planned=3,
                    )
