"""Whom an entry concerns, and who of them is not there."""

from collections.abc import Iterator

from golive.agenda.entry import Entry, Kind
from golive.calendar.presence import Presence, presence
from golive.plan.plan import Plan
from golive.plan.timing import hours_of, regions_of


def concerns(plan: Plan, entry: Entry, person: str) -> bool:
    """Whether an entry belongs into a person's calendar."""
    of = plan.people[person]
    if entry.person:
        return entry.person == person
    if entry.region:
        return entry.region in hours_of(plan, person).regions
    if entry.roles:
        return any(of.acts(role, entry.site) for role in entry.roles)
    return not entry.site or not of.sites or entry.site in of.sites


def at_site(plan: Plan, entry: Entry, site: str) -> bool:
    """Whether an entry is about a site, or about all of them."""
    if entry.region:
        return entry.region in regions_of(plan, site)
    if entry.person:
        of = plan.people[entry.person]
        return not of.sites or site in of.sites
    if entry.kind is Kind.WAVE:
        return site in entry.notes
    return entry.site in ("", site)


def absent(plan: Plan, entry: Entry) -> Iterator[str]:
    """Who is known not to work when something of theirs begins, and why."""
    if entry.kind not in (Kind.STAGE, Kind.ASKED):
        return
    for name in plan.people:
        if concerns(plan, entry, name):
            found = presence(hours_of(plan, name), entry.start)
            if found.presence not in (Presence.WORKS, Presence.UNKNOWN):
                yield f"{name}: {found.because}"
