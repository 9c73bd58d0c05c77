"""What every chapter is written from: the plan, its graph and the expected schedule."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from golive.graph.graph import Graph
from golive.graph.order import Schedule, schedule
from golive.graph.step import Stage, Step
from golive.method.choose import Method, choose
from golive.plan.people import Person
from golive.plan.plan import Loaded, Plan
from golive.plan.site import Site


@dataclass(frozen=True)
class Missing:
    """Something that a guide should say and the plan does not: what it is, and the keys of the plan that add it."""

    what: str
    keys: tuple[str, ...] = ()
    """Dotted paths of keys; none: this version of the plan has no key for it."""


@dataclass(frozen=True)
class Context:
    """The plan and its graph, as chapters read them."""

    loaded: Loaded
    graph: Graph

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.loaded.plan

    @cached_property
    def times(self) -> Schedule:
        """The expected schedule of the whole."""
        return schedule(self.graph)

    @cached_property
    def critical(self) -> frozenset[str]:
        """The ids of the steps on the critical path."""
        return frozenset(self.times.critical)

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """The number of each step in this guide: 1 to n for the controller, then site by site, as ``2.14``."""
        scopes = [None, *self.sites]
        return {
            step.id: f"{place}.{number}"
            for place, site in enumerate(scopes)
            for number, step in enumerate(self.steps(site), 1)
        }

    @cached_property
    def sites(self) -> tuple[str, ...]:
        """The sites of the graph in the order of their waves; one that is live already is not in the graph."""
        return tuple(site for wave in self.plan.all_waves() for site in wave if site in self.graph.sites)

    def site(self, name: str) -> Site:
        """What the plan says of a site."""
        return self.plan.sites[name]

    def label(self, name: str) -> str:
        """A site as people call it, with its name in the plan."""
        title = self.site(name).title
        return f"{title} ({name})" if title else name

    def method(self, name: str) -> Method:
        """The method chosen for a site."""
        return choose(self.site(name))

    def steps(self, site: str | None, *stages: Stage) -> tuple[Step, ...]:
        """The steps of a site (none: of the controller), of some stages or of all, by stage and then in order."""
        held = [step for step in self.graph.steps if step.site == site and (not stages or step.stage in stages)]
        return tuple(sorted(held, key=lambda step: step.stage.order))

    def start(self, step: Step) -> float:
        """The expected start of a step in seconds from the beginning of the rollout."""
        return self.times.start[step.id]

    def acting(self, role: str, site: str) -> tuple[tuple[str, Person], ...]:
        """The people with a role at a site."""
        return tuple((name, person) for name, person in self.plan.people.items() if person.acts(role, site))
