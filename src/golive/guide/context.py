"""What every chapter is written from: the plan, its graph and the expected schedule."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import cached_property

from golive.calendar.zone import day
from golive.graph.forecast import Forecast
from golive.graph.graph import Graph
from golive.graph.order import Schedule
from golive.graph.step import Stage, Step
from golive.guide.document import Gap, Missing
from golive.guide.ran import AsRun
from golive.guide.words import listed
from golive.method.choose import Method, choose
from golive.plan.people import Person
from golive.plan.plan import Loaded, Plan
from golive.plan.site import Site
from golive.plan.timing import zone_of

_ORDER = ("define", "baseline", "deploy", "cutover", "handover")


@dataclass(frozen=True)
class Context:
    """The plan and its graph, as chapters read them."""

    loaded: Loaded
    graph: Graph
    only: str = ""
    """The site that the guide is for; empty: all of them."""
    ran: AsRun | None = None
    """The run that it tells of; None: it tells what will be done."""
    person: str = ""
    """The person that it is for; empty: everybody."""

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.loaded.plan

    @cached_property
    def forecast(self) -> Forecast:
        """When everything is expected: the same as in pictures, in the calendar and in the run."""
        return Forecast(self.graph, self.plan.calendar.timezone)

    @property
    def times(self) -> Schedule:
        """The expected schedule of the whole."""
        return self.forecast.times

    @property
    def critical(self) -> frozenset[str]:
        """The ids of the steps on the critical path."""
        return self.forecast.critical

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """The number of each step in this guide: 0.1 to 0.n for the controller, then site by site, as ``2.14``."""
        scopes = [None, *self.all_sites]
        return {
            step.id: f"{place}.{number}"
            for place, site in enumerate(scopes)
            for number, step in enumerate(self.steps(site), 1)
        }

    @cached_property
    def all_sites(self) -> tuple[str, ...]:
        """The sites of the graph in the order of their waves; one that is live already is not in the graph."""
        return tuple(site for wave in self.plan.all_waves() for site in wave if site in self.graph.of_site)

    @cached_property
    def sites(self) -> tuple[str, ...]:
        """The sites that this guide is for."""
        own = self.plan.people[self.person].sites if self.person else ()
        held = (site for site in self.all_sites if not own or site in own)
        return tuple(site for site in held if not self.only or site == self.only)

    def site(self, name: str) -> Site:
        """What the plan says of a site."""
        return self.plan.sites[name]

    def label(self, name: str | None) -> str:
        """A site as people call it, with its name in the plan where that is another word."""
        if name is None:
            return "controller"
        title = self.site(name).title
        return f"{title} ({name})" if title and title.casefold() != name.casefold() else title or name

    def method(self, name: str) -> Method:
        """The method chosen for a site."""
        return choose(self.site(name))

    @cached_property
    def _sorted(self) -> Mapping[str | None, tuple[Step, ...]]:
        by_stage = {stage: place for place, stage in enumerate(Stage)}
        return {
            site: tuple(sorted(steps, key=lambda step: by_stage[step.stage]))
            for site, steps in self.graph.of_site.items()
        }

    def steps(self, site: str | None, *stages: Stage) -> tuple[Step, ...]:
        """The steps of a site (none: of the controller), of some stages or of all, by stage and then in order."""
        held = self._sorted.get(site, ())
        return tuple(step for step in held if step.stage in stages) if stages else held

    def start(self, step: Step) -> float:
        """The expected start of a step in seconds from the beginning of the rollout."""
        return self.times.start[step.id]

    def acting(self, role: str, site: str) -> tuple[tuple[str, Person], ...]:
        """The people with a role at a site."""
        return tuple((name, person) for name, person in self.plan.people.items() if person.acts(role, site))

    def names(self, role: str, site: str | None = None, signing: bool = False) -> list[str]:
        """The full names of the people with a role, at a site or anywhere; those who can sign, or all."""
        held = self.plan.people.values()
        return [
            person.name
            for person in held
            if (person.acts(role, site) if site else role in person.roles) and (person.key or not signing)
        ]

    def when(self, step: Step) -> datetime | None:
        """When a step is expected, in UTC; None: the plan has no date."""
        return self.forecast.instant(self.start(step))

    def zone(self, site: str | None) -> str:
        """The time zone of a site; of the rollout, for the controller."""
        return zone_of(self.plan, site) if site else self.plan.calendar.timezone

    def first_day(self, stage: str, site: str = "") -> tuple[datetime, str] | None:
        """The first date that the plan has from a stage on, at a site or anywhere, and what happens then."""
        found: list[tuple[datetime, str]] = []
        later = _ORDER[_ORDER.index(stage) :]
        for name in (site,) if site else self.sites:
            planned = {str(key): of.start for key, of in self.site(name).planned.items()}
            dated = [(planned[key], f"{key} at {self.label(name)}") for key in later if key in planned]
            waves = [wave for wave in self.plan.waves if name in wave.sites and not dated]
            days = [(datetime.combine(of.planned.start, time()), f"wave {of.name}") for of in waves if of.planned]
            found += dated[:1] or days
        return min(found, default=None)

    def gap(self, items: Iterable[Missing]) -> tuple[Gap, ...]:
        """What is missing, with who owes it and by when; nothing where nothing is."""
        held = tuple(self.owed(item) for item in items)
        return (Gap(held),) if held else ()

    def owed(self, item: Missing) -> Missing:
        """With who owes it, and by when."""
        contact = self.site(item.site).contact if item.site else None
        lead = self.names("lead") or ["the lead (the plan gives nobody this role)"]
        owner = self.plan.people[contact].name if contact else listed(lead)
        known = self.first_day(item.stage, item.site)
        due = f"before {day(known[0])}, {known[1]}" if known else f"before {item.stage} (no date)"
        return replace(item, owner=owner, due=due)
