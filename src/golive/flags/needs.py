"""Key resource requirements: people, lines, hosts and licences; what is short, when, and by how much. Pure.

1. People: each step of the graph keeps one person with each skill that it needs, for its planned time, in the week of
   its stage at its site. What is there are the hours of work of those who have the skill.
2. Lines: every host gets its own copy of its artifacts over the line of its site.
3. Hosts: memory and disk that the architecture asks for, or twice what is delivered, beside what the survey found.
4. Licences: one for each host of a role, or for each site, as the plan says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from typing import Any

from golive.calendar.presence import working
from golive.calendar.zone import instant, local
from golive.flags.facts import Facts
from golive.flags.staffing import skills_of
from golive.graph.forecast import Forecast
from golive.graph.order import Schedule
from golive.graph.step import Step
from golive.plan.timing import hours_of, zone_of

NO_SKILL = "any"
"""Stands for the skill of steps that name none."""
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Hours:
    """People-hours of one skill and role at one site in one week."""

    skill: str
    role: str
    """The party that does it, or the role that decides."""
    site: str
    week: str
    """ISO week, such as ``2026-W49``; empty: the plan gives the site no date."""
    hours: float


@dataclass(frozen=True)
class Need:
    """Something that is needed, and how much of it there is."""

    what: str
    where: str
    unit: str
    needed: float
    available: float | None = None
    """None: not known."""
    when: str = ""

    @property
    def short(self) -> float:
        """How much is missing; 0: nothing, as far as is known."""
        return max(0.0, self.needed - self.available) if self.available is not None else 0.0


@dataclass(frozen=True)
class Peak:
    """The most that is expected to go on at once."""

    steps: int
    sites: int
    at: float
    """Seconds from the beginning."""
    skills: Mapping[str, int]
    """The most people of each skill who are needed at once."""


@dataclass(frozen=True)
class Requirements:
    """All of them."""

    hours: tuple[Hours, ...]
    skills: tuple[Need, ...]
    peak: Peak
    links: tuple[Need, ...]
    hosts: tuple[Need, ...]
    licences: tuple[Need, ...]

    @property
    def short(self) -> tuple[Need, ...]:
        """What there is too little of."""
        return tuple(one for one in (*self.skills, *self.links, *self.hosts, *self.licences) if one.short > 0)


def requirements(facts: Facts) -> Requirements:
    """The key resource requirements of a rollout."""
    forecast = Forecast(facts.graph, facts.plan.calendar.timezone)
    hours = tuple(_hours(facts, forecast))
    return Requirements(
        hours=hours,
        skills=tuple(_supplied(facts, hours)),
        peak=_peak(facts, forecast.times),
        links=tuple(_links(facts)),
        hosts=tuple(_hosts(facts)),
        licences=tuple(_licences(facts)),
    )


def _hours(facts: Facts, forecast: Forecast) -> Iterator[Hours]:
    found: dict[tuple[str, str, str, str], float] = {}
    weeks = _weeks(facts, forecast)
    for step in facts.graph.steps:
        site = step.site or ""
        role = str(step.do.inputs.get("role") or step.owner)
        for skill in skills_of(facts.plan, step) or (NO_SKILL,):
            key = (skill, role, site, weeks[site, step.stage])
            found[key] = found.get(key, 0.0) + step.planned / 3600
    for (skill, role, site, week), hours in sorted(found.items()):
        yield Hours(skill, role, site, week, hours)


def _weeks(facts: Facts, forecast: Forecast) -> Mapping[tuple[str, str], str]:
    """The week of each stage of each site: of its own date, or when it is expected, or when its site goes live."""
    stages: dict[tuple[str, str], list[Step]] = {}
    for step in facts.graph.steps:
        stages.setdefault((step.site or "", step.stage), []).append(step)
    found: dict[tuple[str, str], str] = {}
    for (site, stage), steps in stages.items():
        zone = zone_of(facts.plan, site) if site else facts.plan.calendar.timezone
        planned = facts.plan.sites[site].planned if site else {}
        own = next((one for name, one in planned.items() if name == stage), None)
        expected = forecast.instant(forecast.extent(forecast.working(steps))[0])
        at = expected or (facts.go_live(site) if site else None)
        found[site, stage] = _week(own.start if own else local(at, zone) if at else None)
    return found


def _week(day: date | None) -> str:
    if day is None:
        return ""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _supplied(facts: Facts, hours: tuple[Hours, ...]) -> Iterator[Need]:
    """Hours of each skill by week, beside the hours of those who have it; not known where one's hours are not."""
    needed: dict[tuple[str, str], float] = {}
    for one in hours:
        if one.skill != NO_SKILL:
            needed[one.skill, one.week] = needed.get((one.skill, one.week), 0.0) + one.hours
    works: dict[tuple[str, str], float | None] = {}
    for (skill, week), count in sorted(needed.items()):
        able = [name for name, person in facts.plan.people.items() if skill in person.skills]
        total: float | None = 0.0
        for name in able:
            if (name, week) not in works:
                works[name, week] = _works(facts, name, week)
            hours_there = works[name, week]
            total = total + hours_there if total is not None and hours_there is not None else None
        yield Need(skill, ", ".join(able) or "nobody", "h", count, total, week)


def _works(facts: Facts, person: str, week: str) -> float | None:
    """The hours that a person works in a week; None: the plan does not say."""
    hours = hours_of(facts.plan, person)
    if not week or not hours.daily:
        return None
    start = instant(datetime.combine(date.fromisoformat(f"{week}-1"), time()), hours.zone)
    return sum(span.seconds for span in working(hours, start, start + _WEEK)) / 3600


def _peak(facts: Facts, times: Schedule) -> Peak:
    changes: list[tuple[float, int, Step]] = []
    for step in facts.graph.steps:
        if step.host and step.planned:
            changes += [(times.start[step.id], 1, step), (times.end[step.id], -1, step)]
    changes.sort(key=lambda change: change[:2])
    steps, at, most = 0, 0.0, 0
    sites: dict[str, int] = {}
    busiest = 0
    skills, peaks = dict[str, int](), dict[str, int]()
    for when, sign, step in changes:
        steps += sign
        site = step.site or ""
        sites[site] = sites.get(site, 0) + sign
        if not sites[site]:
            del sites[site]
        busiest = max(busiest, len(sites))
        for skill in skills_of(facts.plan, step):
            skills[skill] = skills.get(skill, 0) + sign
            peaks[skill] = max(peaks.get(skill, 0), skills[skill])
        if steps > most:
            most, at = steps, when
    return Peak(most, busiest, at, peaks)


def _delivered(step: Step) -> int:
    """The bytes that a step sends to its host."""
    inputs: Mapping[str, Any] = step.do.inputs
    files = inputs.get("files", ()) if step.do.kind == "deliver" else ()
    return sum(int(file["size"]) for file in (*files, *inputs.get("contents", ())))


def _links(facts: Facts) -> Iterator[Need]:
    for name, site in facts.plan.sites.items():
        volume = sum(_delivered(step) for step in facts.steps_of.get(name, ()))
        if not volume:
            continue
        yield Need("volume", name, "MB", volume / 1e6)
        if site.link is None:
            continue
        hours = volume * 8 / (site.link.megabits * 1e6 * site.link.share) / 3600
        yield Need("hours of the line", name, "h", hours, _until_go_live(facts, name, site.link.hours))


def _until_go_live(facts: Facts, site: str, daily: float | None) -> float | None:
    """The hours in which the line may be used until the site goes live."""
    at = facts.go_live(site)
    if at is None or facts.now == NO_CLOCK:
        return None
    share = (daily / 86400) if daily else 1.0
    return max(0.0, (at - facts.now).total_seconds() / 3600 * share)


def _hosts(facts: Facts) -> Iterator[Need]:
    keep = 1 - facts.plan.flags.host_headroom
    for name, site in facts.plan.sites.items():
        for host, of in site.hosts.items():
            lane, role = f"{name}/{host}", facts.plan.roles[of.role]
            seen = facts.surveyed.get(lane, {})
            sent = sum(_delivered(step) for step in facts.steps_at.get(lane, ()))
            wanted = {"memory": role.hardware.memory or 0, "disk": max(role.hardware.disk or 0, 2 * sent)}
            for what, count in wanted.items():
                if count:
                    found = seen.get(what, "")
                    available = float(found) * keep / 2**20 if found.isdigit() else None
                    yield Need(what, lane, "MiB", count / 2**20, available)


def _licences(facts: Facts) -> Iterator[Need]:
    for name, licence in facts.plan.licences.items():
        sites = facts.plan.sites
        role = licence.role
        users = sum(len(site.with_role(role)) for site in sites.values()) if role else len(sites)
        yield Need(name, f"role {role}" if role else "sites", "licences", ceil(users / licence.covers), licence.held)


NO_CLOCK = datetime(1, 1, 1, tzinfo=UTC)
"""The time of facts that were gathered without a clock, as for the guide: nothing is said of how much time is left."""
