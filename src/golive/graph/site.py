"""What all stages of one site share while they are compiled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from golive.graph.policy import policy
from golive.graph.render import Renderer, peers
from golive.graph.step import Action, Place, Stage, Step
from golive.kinds.interface import HostRef
from golive.method.choose import choose
from golive.plan.plan import Loaded, Plan
from golive.plan.site import Party, Site
from golive.resources.interface import Resource
from golive.resources.script import converge, prologue, secrets_of
from golive.resources.switch import Guard


def script(body: str, resources: Iterable[Resource] = ()) -> Action:
    """The action that runs this body on the step's host, where first the resources' contents are brought."""
    secrets = secrets_of(body)
    inputs: dict[str, Any] = {"script": f"{prologue(bool(secrets))}\n{body}", "secrets": list(secrets)}
    if contents := {content.sha256: content for resource in resources for content in resource.contents()}:
        inputs["contents"] = [content.model_dump(exclude_none=True) for content in contents.values()]
    return Action("script", inputs)


@dataclass(frozen=True)
class SiteScope:
    """One site under compilation."""

    loaded: Loaded
    name: str
    without: frozenset[str] = frozenset()
    """Sites that are live already and so have no steps."""

    @property
    def plan(self) -> Plan:
        """The whole plan."""
        return self.loaded.plan

    @property
    def spec(self) -> Site:
        """What the plan says of this site."""
        return self.plan.sites[self.name]

    @cached_property
    def peers(self) -> Mapping[str, tuple[HostRef, ...]]:
        """The hosts by role."""
        return peers(self.loaded, self.name)

    def hosts(self, role: str) -> tuple[HostRef, ...]:
        """The hosts of a role, in order of declaration."""
        return self.peers.get(role, ())

    @cached_property
    def _renderers(self) -> dict[HostRef | None, Renderer]:
        return {}

    def renderer(self, host: HostRef | None = None) -> Renderer:
        """Fills in texts for a host, or for the site; asked for with every step."""
        if host not in self._renderers:
            self._renderers[host] = Renderer(self.loaded, self.name, host)
        return self._renderers[host]

    def converging(self, host: HostRef, resources: Sequence[Resource], keep: str = "", after: str = "") -> Action:
        """The action that brings a host to a desired state; what can lock golive out is armed, and to be confirmed.

        Args:
            host: the host.
            resources: the desired state.
            keep: under which scope the former state is kept; empty: it is not.
            after: what the script does behind that.
        """
        guard = Guard(self.plan.access.confirm, self.place(host).user or "")
        action = script(converge(resources, keep, guard) + after, resources)
        if not guard.among(list(enumerate(resources, 1))):
            return action
        return Action(action.kind, {**action.inputs, "confirm": guard.seconds})

    def id(self, stage: Stage, name: str, host: str | None = None) -> str:
        """The id of a step of this site."""
        return f"{self.name}/{stage}/{name}" + (f"@{host}" if host else "")

    def step(
        self, stage: Stage, name: str, host: HostRef | None, do: Action, *, path: str, login: str = "", **more: Any
    ) -> Step:
        """A step of this site.

        Args:
            stage: its stage.
            name: what it is about, as it stands in its id.
            host: where it runs; none is the controller.
            do: what it does.
            path: where the plan asks for it, as a dotted path.
            login: the party whose login is used; by default the installer's.
            more: further fields of ``Step``.
        """
        return Step(
            id=self.id(stage, name, host.name if host else None),
            stage=stage,
            do=do,
            site=self.name,
            host=host.name if host else None,
            place=self.place(host, login) if host else None,
            owner=str(self.installer),
            on_failure=policy(self.plan, stage, path),
            source=self.loaded.where(path),
            **more,
        )

    @cached_property
    def installer(self) -> Party:
        """Who installs at this site, and so whose login golive uses there."""
        return choose(self.spec).installer

    @cached_property
    def _places(self) -> dict[tuple[str, str], Place]:
        return {}

    def place(self, host: HostRef, login: str = "") -> Place:
        """Where a host is, and with whose login golive gets there; by default the installer's."""
        if (host.name, login) not in self._places:
            self._places[host.name, login] = self._place(host, login)
        return self._places[host.name, login]

    def _place(self, host: HostRef, login: str) -> Place:
        of, access, login = self.spec.hosts[host.name], self.plan.access, login or str(self.installer)
        operators = access.operators.user if access.operators else None
        user = operators if login == "operators" else of.user or self._team_user()
        return Place(of.address, of.port, user, self.spec.jump, login)

    def _team_user(self) -> str | None:
        return self.plan.access.team.user if "user" in self.plan.access.team.model_fields_set else None


def chain(steps: Iterable[Step]) -> tuple[str, ...]:
    """The ids of steps."""
    return tuple(step.id for step in steps)
