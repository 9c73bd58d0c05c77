"""PostgreSQL by logical replication: the new database follows the old one until it takes its place."""

from typing import Any, ClassVar

from pydantic import Field

from golive.kinds import stream
from golive.kinds.interface import PACE, Mover, Peers, Register
from golive.model import Duration, Size, Unix


class PostgresqlStream(Mover):
    """Logical replication: the copy follows while the old system serves; the stall does not grow with the data."""

    kind: ClassVar[str] = "postgresql"
    follows: ClassVar[bool] = True
    alone: ClassVar[bool] = True
    database: Unix = Field(alias="postgresql", description="Name of the database, on both sides.")
    port: int = Field(5432, ge=1, le=65535, description="Port of the old cluster.")
    target_port: int = Field(5432, ge=1, le=65535, description="Port of the new cluster.")
    wal_budget: Size = Field(
        4 * 1024**3,
        ge=16 * 1024**2,
        description="Log that a server may keep for the other; beyond that the move, or the way back, is given up.",
    )
    gentle: bool = Field(True, description="Copying and comparing give way to what users do.")
    most: Size = Field(
        PACE, description="Bytes a second that a gentle copy takes from the old server at most; 0: no limit."
    )
    lag: Duration = Field(1.0, gt=0, description="How far behind the new side may be when the fence goes up.")
    within: Duration = Field(3600.0, gt=0, description="How long it may take to come that near.")

    def _source(self, peers: Peers, register: Register) -> str:
        old, new = peers[self.source][0], peers[self.target][0]
        name = f"golive_{register.name}"
        return stream.head(self.database, name, self.port, new.address, self.target_port, old.address, register.secret)

    def _target(self, peers: Peers, register: Register) -> str:
        old, new = peers[self.source][0], peers[self.target][0]
        name = f"golive_{register.name}"
        return stream.head(self.database, name, self.target_port, old.address, self.port, new.address, register.secret)

    def config(self, peers: Peers) -> dict[str, Any]:
        """What the register's service has to know of it, as JSON values."""
        new = peers[self.target][0]
        more = "connect_timeout=4 keepalives_idle=2 keepalives_interval=1 keepalives_count=3 tcp_user_timeout=5000"
        sides = {"old": ("127.0.0.1", self.port), "new": (new.address, self.target_port)}
        where = {
            side: f"host={host} port={port} dbname={self.database} user=golive {more}"
            for side, (host, port) in sides.items()
        }
        return {
            "sides": where,
            "budget": self.wal_budget,
            "gentle": self.gentle,
            "most": self.most,
            "lag": self.lag,
            "follow": self.within,
        }

    def ready_source(self, peers: Peers, register: Register, apart: tuple[str, ...]) -> str:
        """Shell text for the source: what is followed, and who may log in for it."""
        return self._source(peers, register) + stream.source(apart)

    def unready_source(self, peers: Peers, register: Register) -> str:
        """Shell text for the source that takes this away again."""
        return self._source(peers, register) + stream.DROPS + stream.UNSOURCE

    def settle_source(self, peers: Peers, register: Register) -> str:
        """Shell text for the source after the point of no return: as ``unready_source``, but it stays fenced."""
        return self._source(peers, register) + stream.DROPS + stream.UNSOURCE_FENCED

    def follow(self, peers: Peers, register: Register, apart: tuple[str, ...]) -> str:
        """Shell text for the target: schema, guard, copy, and what a way back needs."""
        return self._target(peers, register) + stream.target(apart, self.wal_budget, gentle=self.gentle)

    def discard_stream(self, peers: Peers, register: Register) -> str:
        """Shell text for the target that takes all of it away again; an empty database stays."""
        return self._target(peers, register) + stream.DROPS + stream.DISCARD

    def settle_target(self, peers: Peers, register: Register) -> str:
        """Shell text for the target after the point of no return."""
        return self._target(peers, register) + stream.DROPS + stream.SETTLE

    def copy_data(self, peers: Peers) -> str:
        raise NotImplementedError(_ONLY)

    def compare(self, peers: Peers) -> str:
        raise NotImplementedError(_ONLY)

    def discard(self, peers: Peers) -> str:
        raise NotImplementedError(_ONLY)


_ONLY = "it is moved by the protocol only"
