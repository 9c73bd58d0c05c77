"""The entries of a rollout: its stages as they are expected, what people are asked, and the dates of the plan.

1. Stages are where ``golive.graph.forecast`` expects them: as late as dates can be kept, in windows, out of freezes.
2. Windows are those in which a stage begins: the window of every night would hide the one that matters.
3. Freezes, holidays, leave and shifts are told from the first to the last of all other entries.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from golive.agenda.entry import Entry, Kind
from golive.calendar.days import holiday
from golive.calendar.times import Times, occurrences
from golive.calendar.timing import all_occurrences
from golive.calendar.zone import instant, local, shown
from golive.graph.forecast import Forecast
from golive.graph.graph import Graph
from golive.graph.step import Stage, Step
from golive.graph.words import span
from golive.plan.plan import Loaded, Plan
from golive.plan.timing import hours_of, regions_of, zone_of
from golive.words import several

_DAY = timedelta(days=1)


def entries(loaded: Loaded, graph: Graph) -> tuple[Entry, ...]:
    """All entries, in order of time; none when the plan gives no date.

    Args:
        loaded: the plan.
        graph: its graph.
    """
    found = [*_stages(loaded, Forecast(graph)), *_agreed(loaded)]
    if found:
        since, until = min(entry.start for entry in found), max(entry.end for entry in found)
        found += [
            *_freezes(loaded, since, until),
            *_people(loaded, since, until),
            *_holidays(loaded.plan, since, until),
        ]
    return tuple(sorted(_once(found), key=lambda entry: (entry.start, not entry.days, entry.key)))


def _once(found: Iterable[Entry]) -> Iterable[Entry]:
    """Without the same window again, in which several stages of a site begin."""
    return {(one.site, one.title, one.start, one.end): one for one in reversed(list(found))}.values()


def _stages(loaded: Loaded, found: Forecast) -> Iterator[Entry]:
    for site in found.graph.sites if found.begin else ():
        zone, steps = zone_of(loaded.plan, site), found.graph.of_site[site]
        for stage in Stage:
            held = [step for step in steps if step.stage is stage and not step.soaked]
            if held:
                yield from _stage(loaded, found, site, zone, stage, held)
        if loaded.plan.hypercare:
            live = max(found.times.end[step.id] for step in steps if step.stage in (Stage.DEPLOY, Stage.CUTOVER))
            yield _hypercare(loaded, site, zone, _at(found, live))


def _at(found: Forecast, seconds: float) -> datetime:
    assert found.begin is not None
    return found.begin + timedelta(seconds=seconds)


def _stage(loaded: Loaded, found: Forecast, site: str, zone: str, stage: Stage, steps: list[Step]) -> Iterator[Entry]:
    done = found.working(steps)
    start, end = (_at(found, seconds) for seconds in found.extent(done))
    stuck = [step.id for step in steps if step.id in found.times.never]
    notes = [f"{several(len(steps), 'step')}, {span((end - start).total_seconds())}"]
    notes += ["on the critical path"] if not found.critical.isdisjoint(step.id for step in steps) else []
    notes += [f"no window opens for {stuck[0]}"] if stuck else []
    source = loaded.where(f"sites.{site}.planned.{stage}")
    title = f"{_name(loaded.plan, site)}: {stage}"
    yield Entry(
        f"stage/{site}/{stage}", Kind.STAGE, title, start, end, zone, site=site, notes=tuple(notes), source=source
    )
    yield from _window(loaded, found.graph, site, stage, done[0], start)
    for step in steps:
        if step.do.kind in ("person", "decision"):
            yield _asked(found, site, zone, step)


def _name(plan: Plan, site: str) -> str:
    return plan.sites[site].title or site


def _window(loaded: Loaded, graph: Graph, site: str, stage: Stage, first: Step, at: datetime) -> Iterator[Entry]:
    """The window in which the stage begins."""
    timing = graph.timings.get(site)
    if timing is None:
        return
    for kind, times, one in all_occurrences(timing, at, at + timedelta(seconds=1)):
        if kind == "window" and one.span.holds(at) and first.scope.of(times):
            title = f"{_name(loaded.plan, site)}: window {one.name or f'for {stage}'}"
            where, key = loaded.where(f"sites.{site}.windows"), f"window/{site}/{stage}"
            start, end = one.span.start, one.span.end
            yield Entry(key, Kind.WINDOW, title, start, end, timing.zone, site=site, notes=one.notes, source=where)
            return


def _asked(found: Forecast, site: str, zone: str, step: Step) -> Entry:
    start = _at(found, found.times.start[step.id])
    due = float(step.do.inputs.get("due", 0.0))
    notes = (f"golive {'do' if step.do.kind == 'person' else 'approve'} {step.id}",)
    notes += (f"to be answered by {shown(start + timedelta(seconds=due), zone)}",) if due else ()
    end = _at(found, found.times.end[step.id])
    roles = (str(step.do.inputs.get("role", "")),)
    title = f"{site}: {step.title}"
    return Entry(step.id, Kind.ASKED, title, start, end, zone, site=site, roles=roles, notes=notes, source=step.source)


def _hypercare(loaded: Loaded, site: str, zone: str, live: datetime) -> Entry:
    plan, first = loaded.plan, local(live, zone).date()
    last = local(live + timedelta(seconds=plan.hypercare.lasts if plan.hypercare else 0), zone).date()
    notes = plan.hypercare.exit if plan.hypercare else ()
    title = f"{_name(plan, site)}: hypercare"
    return _days(f"hypercare/{site}", Kind.HYPERCARE, title, first, last, zone, site, notes, loaded.where("hypercare"))


def _days(
    key: str,
    kind: Kind,
    title: str,
    first: date,
    last: date,
    zone: str,
    site: str = "",
    notes: tuple[str, ...] = (),
    source: str = "",
) -> Entry:
    start, end = (instant(datetime.combine(on, datetime.min.time()), zone) for on in (first, last + _DAY))
    return Entry(key, kind, title, start, end, zone, days=True, site=site, notes=notes, source=source)


def _agreed(loaded: Loaded) -> Iterator[Entry]:
    """The dates that people agreed: milestones and waves."""
    plan, zone = loaded.plan, loaded.plan.calendar.timezone
    for index, one in enumerate(plan.milestones):
        key, where = f"milestone/{one.name}", loaded.where(f"milestones[{index}]")
        notes = (f"takes {span(one.takes)}",) if one.takes else ()
        yield _days(key, Kind.MILESTONE, one.name, one.day, one.day, zone, one.site or "", notes, where)
    for index, wave in enumerate(plan.waves):
        if wave.planned:
            title, where = f"wave {wave.name}", loaded.where(f"waves[{index}].planned")
            start, until = wave.planned.start, wave.planned.until
            yield _days(f"wave/{wave.name}", Kind.WAVE, title, start, until, zone, notes=wave.sites, source=where)


def _freezes(loaded: Loaded, since: datetime, until: datetime) -> Iterator[Entry]:
    plan = loaded.plan
    for index, freeze in enumerate(plan.calendar.freezes):
        times, where = freeze.times(plan.calendar.timezone), loaded.where(f"calendar.freezes[{index}]")
        notes = ("by the clocks of each site",)
        yield from _times(f"freeze/{index}", Kind.FREEZE, "freeze", times, since, until, notes=notes, source=where)
    for site, spec in plan.sites.items():
        for index, freeze in enumerate(spec.freezes):
            times, where = freeze.times(zone_of(plan, site)), loaded.where(f"sites.{site}.freezes[{index}]")
            title, key = f"{_name(plan, site)}: freeze", f"freeze/{site}/{index}"
            yield from _times(key, Kind.FREEZE, title, times, since, until, site=site, source=where)


def _people(loaded: Loaded, since: datetime, until: datetime) -> Iterator[Entry]:
    for name, person in loaded.plan.people.items():
        hours = hours_of(loaded.plan, name)
        for kind, group in ((Kind.LEAVE, hours.leave), (Kind.SHIFT, hours.shifts)):
            for index, times in enumerate(group):
                where = loaded.where(f"people.{name}.{'leave' if kind is Kind.LEAVE else 'shifts'}[{index}]")
                title = f"{person.name}: {'on leave' if kind is Kind.LEAVE else 'on shift'}"
                key = f"{kind}/{name}/{index}"
                yield from _times(key, kind, title, times, since, until, person=name, source=where)


def _times(
    key: str,
    kind: Kind,
    title: str,
    times: Times,
    since: datetime,
    until: datetime,
    *,
    site: str = "",
    person: str = "",
    notes: tuple[str, ...] = (),
    source: str = "",
) -> Iterator[Entry]:
    """Each occurrence; one that lasts from midnight to midnight is about whole days."""
    for one in occurrences(times, since, until):
        start, end = local(one.span.start, times.zone), local(one.span.end, times.zone)
        days = start.time() == end.time() == datetime.min.time() and end > start
        yield Entry(
            key=f"{key}/{start.date()}" if times.rule else key,
            kind=kind,
            title=f"{title} ({one.name})" if one.name else title,
            start=one.span.start,
            end=one.span.end,
            zone=times.zone,
            days=days,
            site=site,
            person=person,
            notes=(*notes, *one.notes),
            source=source,
        )


def _holidays(plan: Plan, since: datetime, until: datetime) -> Iterator[Entry]:
    """The public holidays of sites and people."""
    regions = dict.fromkeys(region for site in plan.sites for region in regions_of(plan, site))
    regions |= dict.fromkeys(region for person in plan.people for region in hours_of(plan, person).regions)
    zone = plan.calendar.timezone
    for region in regions:
        for on in _every_day(local(since, zone).date(), local(until, zone).date()):
            if name := holiday(on, (region,)):
                entry = _days(f"holiday/{region}/{on}", Kind.HOLIDAY, name, on, on, zone)
                yield replace(entry, region=region)


def _every_day(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
