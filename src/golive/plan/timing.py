"""What the plan says of time, as the calendar takes it: the timing of a site, the hours of a person. Pure."""

from golive.calendar.presence import Hours
from golive.calendar.timing import Timing
from golive.plan.plan import Plan


def zone_of(plan: Plan, site: str) -> str:
    """The time zone of a site."""
    return plan.sites[site].timezone or plan.calendar.timezone


def regions_of(plan: Plan, site: str) -> tuple[str, ...]:
    """Whose public holidays a site has."""
    return _regions(plan.sites[site].holidays or plan.calendar.holidays)


def timing_of(plan: Plan, site: str, back_out: float = 0.0) -> Timing:
    """When steps of a site may run.

    Args:
        plan: the plan.
        site: the site's name.
        back_out: how long its back-out takes, in seconds, where the plan does not say it.
    """
    spec, zone = plan.sites[site], zone_of(plan, site)
    cutover = plan.cutover
    declared = cutover.back_out if cutover else None
    return Timing(
        zone=zone,
        windows=tuple(window.times(zone, window.scopes) for window in spec.windows),
        freezes=tuple(freeze.times(zone, freeze.scopes) for freeze in (*plan.calendar.freezes, *spec.freezes)),
        planned=tuple((stage, at.start.isoformat(timespec="minutes")) for stage, at in spec.planned.items()),
        back_out=back_out if declared is None else declared,
        margin=cutover.margin if cutover else 0.0,
    )


def hours_of(plan: Plan, person: str) -> Hours:
    """When a person works. Zone and holidays are the person's own, or those of the only site that they answer for."""
    of = plan.people[person]
    site = plan.sites.get(of.sites[0]) if len(of.sites) == 1 else None
    zone = of.timezone or (site.timezone if site else None) or plan.calendar.timezone
    region = of.holidays or (site.holidays if site else None) or plan.calendar.holidays
    return Hours(
        zone=zone,
        daily=of.hours,
        shifts=tuple(shift.times(zone) for shift in of.shifts),
        leave=tuple(leave.times(zone) for leave in of.leave),
        regions=_regions(region),
    )


def _regions(region: str | None) -> tuple[str, ...]:
    return (region,) if region else ()
