"""What a kind is: the pure half of an extension, a model of what the user writes that yields shell text.

A kind does no I/O. What it yields becomes steps of the graph, and the executors in ``run`` carry them out.
Every kind's main value stands under the key that is its name: ``http: http://...``, ``haproxy: kinto``.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from golive.model import Duration, Model, Name
from golive.resources.interface import Resource

PACE = 16 * 1024**2
"""Bytes a second that a copy takes, unless the plan says otherwise, while the old system serves: ADR 40 says why."""


@dataclass(frozen=True)
class HostRef:
    """A host as kinds and templates see it."""

    name: str
    address: str


Peers = Mapping[str, Sequence[HostRef]]
"""The hosts of one site by role."""


class Kind(Model):
    """Base of all kinds. ``kind`` is the key in the plan."""

    kind: ClassVar[str]

    def packages(self) -> tuple[str, ...]:
        """Debian packages that its scripts need on the host; they join the baseline of that host's role."""
        return ()


class Check(Kind):
    """Tells whether something works, as seen from one host. Retried until it holds or its time is over."""

    within: Duration = Field(60.0, description="How long it may take until it holds for the first time.")

    @abstractmethod
    def probe(self, host: HostRef) -> str:
        """Shell text that exits 0 when all is well and otherwise prints why not."""

    @abstractmethod
    def sentence(self) -> str:
        """What it checks, for the guide."""


class Fence(Kind):
    """Holds the writes to the old system."""

    on: Name = Field(description="Role of the host on which it acts.")
    releases: ClassVar[bool]
    """Whether it stands in the way of the new system too, and is lifted after the switch."""
    proof: ClassVar[str]
    """How it is known that it stands, in a sentence."""

    @abstractmethod
    def close(self) -> str:
        """Shell text that raises the fence and sees to ``proof``."""

    @abstractmethod
    def open(self) -> str:
        """Shell text that lifts it. Runs also when it was never raised, or half."""


@dataclass(frozen=True)
class Register:
    """Where front doors ask which system serves: the register on the old system's host."""

    host: HostRef
    port: int
    name: str
    """Of the cutover, as it stands in file names on the hosts."""
    secret: str
    """Name of the secret that keys are derived from."""


class Mover(Kind):
    """Moves data from the old system to the new one: under the fence, or while the old system serves."""

    follows: ClassVar[bool] = False
    """Whether it keeps the copy up to date while the old system serves; one that does makes the cutover a protocol."""
    compared: ClassVar[str] = "the content is the same on both sides"
    """What ``compare`` has proven, for people."""
    alone: ClassVar[bool] = False
    """Whether there may be one host only on either side."""
    source: Name = Field(alias="from", description="Role of the host that holds the data today.")
    target: Name = Field(alias="to", description="Role of the host that gets it.")

    def moves_database(self) -> str:
        """The PostgreSQL database that it moves, whose findings are asked for before a cutover; empty: none."""
        return str(getattr(self, "database", ""))

    @property
    def ends_under_fence(self) -> bool:
        """Whether it can take part in a protocol without following: there is a last pass."""
        return False

    @property
    def comes_back(self) -> bool:
        """Whether a way back by the protocol brings what was written on the new side."""
        return False

    @property
    def compares_on(self) -> str:
        """The role on whose host ``compare`` runs."""
        return self.target

    @abstractmethod
    def copy_data(self, peers: Peers) -> str:
        """Shell text, run on the target, that copies everything, or makes it ready to take what the source sends."""

    def passes_before(self, peers: Peers) -> str:
        """Shell text, run on the source behind ``copy_data``, by a protocol while the old system serves.

        Empty: the target copies alone.
        """
        return ""

    def clear_source(self, peers: Peers) -> str:
        """Shell text, run on the source, that takes away what ``passes_before`` keeps there."""
        return ""

    @abstractmethod
    def compare(self, peers: Peers) -> str:
        """Shell text, run on a host of ``compares_on``, that exits 0 when source and target hold the same content."""

    @abstractmethod
    def discard(self, peers: Peers) -> str:
        """Shell text, run on the target, that takes the copy away again."""

    def findings(self, peers: Peers) -> str:
        """Shell text, run on the source before anything is touched, that changes nothing and exits 1 when it refuses.

        It prints a line for each finding, with what to do about it. Empty: nothing to look at.
        """
        return ""

    def last_pass(self, peers: Peers) -> str:
        """Shell text, run on the source under the fence by a protocol's critical step, that ends the copy.

        What fails lifts the fence. Empty: there is no last pass. No secret is there; what it prints is told.
        """
        return ""

    def pass_back(self, peers: Peers) -> str:
        """Shell text, run on the source under the fence of a protocol's way back, as ``last_pass``."""
        return ""

    def settle(self, peers: Peers) -> str:
        """Shell text, run on the target after the point of no return, that takes away what only the move needed."""
        return ""


class Switch(Kind):
    """Moves traffic from the old system to the new one."""

    on: Name = Field(description="Role of the host on which it acts.")

    def front_door(self) -> tuple[str, str] | None:
        """The path of HAProxy's configuration and the section there, to be looked at before a cutover; None: none."""
        return None

    @abstractmethod
    def forward(self, peers: Peers) -> str:
        """Shell text that sends the traffic to the new system."""

    @abstractmethod
    def back(self) -> str:
        """Shell text that sends it to the old one. Runs also when it was never switched, or half."""

    holds: ClassVar[bool] = False
    """Whether it can hold requests, and so follow a register."""

    def promise(self, holding: bool) -> str:
        """What users notice when it switches, in a sentence.

        Args:
            holding: whether it goes by the protocol, so that it can hold requests if it ``holds`` at all.
        """
        return "it cannot hold requests: those that are under way when it switches may fail"

    def door(self, peers: Peers, register: Register, host: HostRef) -> str:
        """Shell text that prepares it, while the old system serves, to hold requests and to follow the register."""
        raise NotImplementedError(f"{self.kind} cannot hold requests")

    def undoor(self, register: Register) -> str:
        """Shell text that takes out what ``door`` put in; traffic goes to the old system."""
        raise NotImplementedError(f"{self.kind} cannot hold requests")

    def begin_with(self, register: Register, side: str) -> str:
        """Shell text that says what it begins with after a restart: ``old``, ``new``, or ``ask`` for the register."""
        raise NotImplementedError(f"{self.kind} cannot hold requests")


class Artifact(Kind):
    """What is delivered to a host, and how it is put in place there."""

    @abstractmethod
    def install(self, component: str, depot: str, digest: str) -> tuple[Resource, ...]:
        """The resources that put it in place.

        Args:
            component: the component's name.
            depot: the directory on the host where the delivered files lie.
            digest: of all the files together, in hex.
        """
