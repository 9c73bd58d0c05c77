"""Cross-checks of dates: windows that never open, planned dates that cannot hold, waves that begin too early. Pure."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from golive.calendar.days import holiday
from golive.calendar.span import minus
from golive.calendar.times import first_of, spans
from golive.calendar.timing import FAR, Scope, Timing, closed, next_opening
from golive.calendar.zone import day, instant, shown
from golive.plan.calendar import Planned, SiteStage
from golive.plan.plan import Plan
from golive.plan.positions import Loc
from golive.plan.timing import regions_of, timing_of

Found = Iterator[tuple[Loc, str, str]]
_STAGES: tuple[SiteStage, ...] = ("baseline", "deploy", "cutover", "handover")
_IN_WAVES = _STAGES[1:]
"""The stages that wait for the wave before."""


def dates(plan: Plan) -> Found:
    """Every mistake in the dates of a plan: where, what, and what to do."""
    yield from _waves(plan)
    yield from _sites_of_waves(plan)
    for site in plan.sites:
        timing = timing_of(plan, site)
        yield from _windows(plan, site, timing)
        yield from _planned(plan, site, timing)


def _windows(plan: Plan, site: str, timing: Timing) -> Found:
    freezes = [times for times in timing.freezes if not times.scopes]
    for index, times in enumerate(timing.windows):
        loc: Loc = ("sites", site, "windows", index)
        first = first_of(times)
        if first is None:
            yield loc, "it never occurs: every date is left out", "take one out of except:"
            continue
        until = first.span.start + FAR
        opened = spans([times], first.span.start, until)
        if not minus(opened, spans(freezes, first.span.start, until)):
            yield loc, f"each of its dates up to {until:%Y-%m-%d} lies in a freeze", "move it, or take the freeze out"


def _planned(plan: Plan, site: str, timing: Timing) -> Found:
    regions = regions_of(plan, site)
    before: tuple[str, Planned] | None = None
    for stage in _STAGES:
        planned = plan.sites[site].planned.get(stage)
        if planned is None:
            continue
        loc: Loc = ("sites", site, "planned", stage)
        if before and planned.start < before[1].start:
            said = f"{stage} is planned before {before[0]}, which begins on {day(before[1].start)}"
            yield loc, said, "stages follow each other"
        before = stage, planned
        if (name := holiday(planned.start.date(), regions)) and not planned.on_holidays:
            hint = "choose another day, or say on_holidays: true"
            yield loc, f"{day(planned.start)} is a public holiday at {site}: {name}", hint
        yield from _open_then(site, stage, planned, timing, loc)


def _open_then(site: str, stage: str, planned: Planned, timing: Timing, loc: Loc) -> Found:
    """Whether work is allowed at a planned time; of a date alone: at any time of that day."""
    scope, at = Scope(stage, f"{stage}/*"), instant(planned.start, timing.zone)
    end = at + (timedelta(days=1) if planned.start.time() == time() else timedelta(seconds=1))
    found = next_opening(timing, scope, at)
    if found and found.start < end:
        return
    why = closed(timing, scope, at)
    opens = f"the next is from {shown(found.start, timing.zone)}" if found else "add a window, or shorten the freeze"
    if why and why.kind == "freeze":
        yield loc, f"{day(planned.start)} lies in the freeze {why.name or 'of ' + site}", f"move one of them; {opens}"
    else:
        yield loc, f"no window of {site} for {stage} is open on {day(planned.start)}", opens


def _waves(plan: Plan) -> Found:
    before: tuple[str, datetime] | None = None
    for index, wave in enumerate(plan.waves):
        if wave.planned is None:
            continue
        loc: Loc = ("waves", index, "planned")
        start, until = (datetime.combine(on, time()) for on in (wave.planned.start, wave.planned.until))
        if until < start:
            yield loc, f"the wave ends on {day(until)}, before it begins on {day(start)}", "mend one of the dates"
        if before and start <= before[1]:
            said = f"{wave.name} begins on {day(start)}, and {before[0]} ends only on {day(before[1])}"
            yield loc, said, "a wave waits for the one before: move it"
        before = wave.name, until


def _sites_of_waves(plan: Plan) -> Found:
    earlier: tuple[str, datetime] | None = None
    for sites in plan.all_waves():
        latest = earlier
        for site in (site for site in sites if site in plan.sites):
            for stage, at in _moments(plan, site):
                loc: Loc = ("sites", site, "planned", stage)
                yield from _in_wave(plan, site, stage, loc)
                if earlier and at < earlier[1] and stage in _IN_WAVES:
                    when = shown(earlier[1], timing_of(plan, site).zone)
                    said = f"{stage} is planned before {earlier[0]}, which is in the wave before ({when})"
                    yield loc, said, "a wave waits for the one before: move it"
                if latest is None or at > latest[1]:
                    latest = f"{stage} at {site}", at
        earlier = latest


def _moments(plan: Plan, site: str) -> Iterator[tuple[SiteStage, datetime]]:
    zone, held = timing_of(plan, site).zone, plan.sites[site].planned
    for stage in _STAGES:
        if planned := held.get(stage):
            yield stage, instant(planned.start, zone)


def _in_wave(plan: Plan, site: str, stage: SiteStage, loc: Loc) -> Found:
    wave = next((wave for wave in plan.waves if site in wave.sites and wave.planned), None)
    if wave is None or wave.planned is None or stage not in _IN_WAVES:
        return
    at = plan.sites[site].planned[stage].start
    if not wave.planned.start <= at.date() <= wave.planned.until:
        said = f"{day(at)} is not within the wave {wave.name} ({wave.planned.start} to {wave.planned.until})"
        yield loc, said, "move the date, or the wave's"
