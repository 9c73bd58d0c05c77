"""A step: a node of the graph, with all that is needed to do it, to verify it, to undo it and to explain it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from golive.calendar.timing import Scope
from golive.digest import digest
from golive.graph.policy import NOTHING_SAID, OnFailure, Then


class Stage(StrEnum):
    """The stages of a rollout, in order."""

    DEFINE = "define"
    BASELINE = "baseline"
    DEPLOY = "deploy"
    CUTOVER = "cutover"
    HANDOVER = "handover"

    @cached_property
    def order(self) -> int:
        """Position among the stages, from 0; asked for thousands of times after each event."""
        return list(Stage).index(self)


class Rerun(StrEnum):
    """How a step may be run again after an attempt whose effect is not known to be whole."""

    CONVERGES = "converges"
    """Running it again leads to the same end."""
    NEVER = "never"
    """A person must say what became of it."""


class Witness(StrEnum):
    """Who can tell what became of an attempt when the controller cannot."""

    HOST = "host"
    """The host keeps the attempt's output and exit status."""
    NONE = "none"
    """Nobody: the effect is looked at again by running the step."""


@dataclass(frozen=True)
class Action:
    """What an executor does. ``kind`` is the executor's name, ``inputs`` its arguments, as JSON values."""

    kind: str
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Place:
    """Where a step runs, as golive gets there."""

    address: str
    port: int | None = None
    user: str | None = None
    jump: str | None = None
    login: str = "team"


@dataclass(frozen=True)
class Step:
    """One step. Its id means something to a person: ``lyon/deploy/api@app-1``."""

    id: str
    stage: Stage
    title: str
    do: Action
    site: str | None = None
    host: str | None = None
    place: Place | None = None
    needs: tuple[str, ...] = ()
    verify: str = ""
    """How it is known that it worked, in a sentence."""
    undo: Action | None = None
    kept: str = ""
    """What stays on the host after a back-out when there is no ``undo``, in a sentence; empty: nothing."""
    owner: str = "team"
    planned: float = 10.0
    """Expected duration in seconds."""
    rerun: Rerun = Rerun.CONVERGES
    witness: Witness = Witness.HOST
    no_return: bool = False
    """Whether it is the point of no return: once it has begun, the site is not backed out by itself."""
    undo_after: tuple[str, ...] = ()
    """Steps whose inverse must have succeeded before this one's may run, because it lets writes in again."""
    serves: bool = False
    """Whether the new system serves and takes writes once it is done: until its inverse has succeeded, nothing that
    it stands on is taken back."""
    unit: str = ""
    """The unit of components that go together at the site, or nothing of it stays."""
    soaked: bool = False
    """Whether it waits until its wave has run live for as long as the plan wants: it is an exit criterion."""
    on_failure: OnFailure = NOTHING_SAID
    """What happens by itself when it fails; part of the whole graph's digest only."""
    skippable: bool = True
    """Whether a person may have it skipped: not where what comes later would then lose data."""
    source: str = ""
    """Where the plan asks for it, as file:line; not part of the digest."""

    @cached_property
    def digest(self) -> str:
        """Covers the step's inputs and how it is undone and rerun, not its neighbours and not the words about it."""
        undo = [self.undo.kind, self.undo.inputs] if self.undo else None
        place = vars(self.place) if self.place else None
        parts = [self.id, self.stage, self.site, self.host, place, [self.do.kind, self.do.inputs], undo]
        more = [word for word, said in (("soaked", self.soaked), ("serves", self.serves)) if said]
        return digest([*parts, self.rerun, self.witness, self.no_return, list(self.undo_after), *more])

    @property
    def scope(self) -> Scope:
        """The step as windows and freezes name it."""
        return Scope(self.stage, self.id.removeprefix(f"{self.site}/"))

    @property
    def then(self) -> Then:
        """What its site does when it has failed for good."""
        by_default = Then.BACK_OUT if self.stage is Stage.CUTOVER else Then.STOP
        return Then(self.on_failure.then) if self.on_failure.then else by_default

    @property
    def lane(self) -> str:
        """Where it happens, for people: the host's name with its site, or the controller."""
        return f"{self.site}/{self.host}" if self.host else "controller"

    @property
    def link(self) -> str:
        """The link that it loads: the jump host's, or the site's; empty when what it sends is small."""
        if self.do.kind != "deliver":
            return ""
        return (self.place.jump if self.place else None) or self.site or ""
