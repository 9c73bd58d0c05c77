"""The fleet: one kept connection for each host and login, and the witness that speaks over it."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from golive.errors import UsageError
from golive.graph.graph import Graph
from golive.graph.step import Place, Step
from golive.hosts.attempts import Claim
from golive.hosts.interface import Host
from golive.hosts.target import Target
from golive.hosts.witness import Witness
from golive.plan.people import Access, Login
from golive.run.mirror import ENOUGH, Mirror

Connect = Callable[[Target], Host]


def connect_by_ssh(target: Target) -> Host:
    """The real thing. asyncssh is imported here, on first use: it takes half a second."""
    from golive.hosts.ssh import SshHost

    return SshHost(target)


class Fleet:
    """All hosts of a plan.

    Args:
        access: the logins of the two parties.
        folder: the plan's folder, where paths of keys begin.
        known_hosts: the project's own file of host keys.
        connect: makes the transport to a target.
    """

    def __init__(self, access: Access, folder: Path, known_hosts: Path, connect: Connect = connect_by_ssh) -> None:
        self._access, self._folder, self._known_hosts, self._connect = access, folder, known_hosts, connect
        self._hosts: dict[tuple[str, Place], Host] = {}
        self.claim: Claim | None = None
        self.mirror: Mirror | None = None

    def target(self, name: str, place: Place, login: str | None = None) -> Target:
        """Where a host is and how a party logs in there.

        Args:
            name: the host's name in the plan.
            place: where it is.
            login: the party, if it is another one than the place says.
        """
        party = login or place.login
        spec = self._access.operators if party == "operators" else self._access.team
        if spec is None:
            raise UsageError(f"{name}: the plan has no login for {party}", "add access: operators:")
        user = place.user if party == place.login else spec.user
        return Target(
            name=name,
            address=place.address,
            port=place.port,
            user=user,
            identity=self.identity(spec),
            known_hosts=(self._known_hosts,),
            jump=place.jump,
        )

    def identity(self, login: Login) -> tuple[Path, ...]:
        """The private key of a login, ``~`` and variables filled in; none leaves it to ssh_config and the agent."""
        if login.identity is None:
            return ()
        path = self._folder / Path(os.path.expandvars(login.identity)).expanduser()
        if not path.is_file():
            raise UsageError(
                f"there is no private key {path}", f"the plan names it: access: identity: {login.identity}"
            )
        return (path,)

    def host(self, step: Step) -> Host:
        """The transport to a step's host."""
        assert step.place is not None and step.host is not None, "only steps on hosts get here"
        key = (step.host, step.place)
        if key not in self._hosts:
            self._hosts[key] = self._connect(self.target(step.lane, step.place))
        return self._hosts[key]

    def anew(self, step: Step, connect_timeout: float) -> Host:
        """A transport to a step's host along the usual way, with a connection of its own: it proves that there is one.

        Args:
            step: the step.
            connect_timeout: seconds until a connection attempt is given up.
        """
        assert step.place is not None and step.host is not None, "only steps on hosts get here"
        target = self.target(step.lane, step.place)
        return self._connect(replace(target, connect_timeout=min(connect_timeout, target.connect_timeout)))

    def witness(self, step: Step) -> Witness:
        """The witness on a step's host, on behalf of this coordinator."""
        assert self.claim is not None, "set by the coordinator before its first step"
        if self.mirror is None:
            return Witness(self.host(step), self.claim)
        name = f"{step.host} {step.place}"
        witness = Witness(self.host(step), self.claim, mirror=self.mirror.on(name))
        self.mirror.spoke(name, witness)
        return witness

    def check(self, graph: Graph) -> None:
        """Raises UsageError when a key with which the first step of a site logs in is not where the plan says."""
        for step in _first(graph).values():
            assert step.place is not None, "only steps on hosts get here"
            self.target(step.lane, step.place)

    def reach(self, graph: Graph) -> None:
        """Makes a witness on one host of each of the first sites."""
        first = _first(graph)
        for site in graph.sites[:ENOUGH]:
            if site in first:
                self.witness(first[site])

    async def close(self) -> None:
        """Closes all connections."""
        await asyncio.gather(*(host.close() for host in self._hosts.values()))
        self._hosts.clear()


def _first(graph: Graph) -> dict[str | None, Step]:
    """The first step on a host of each site."""
    return {step.site: step for step in reversed(graph.steps) if step.host}
