"""People and roles: who does what, for which sites, how to reach them, and who may decide."""

from collections.abc import Iterator
from dataclasses import dataclass

from golive.guide.context import Context, Missing
from golive.guide.words import PARTIES, listed
from golive.plan.people import Person


@dataclass(frozen=True)
class PersonRow:
    """One person."""

    name: str
    roles: str
    organisation: str
    sites: str
    email: str
    phone: str
    signs: bool


@dataclass(frozen=True)
class SiteRow:
    """Who stands for one site."""

    site: str
    contact: str
    installer: str
    signers: str


@dataclass(frozen=True)
class People:
    """Everyone who takes part."""

    people: tuple[PersonRow, ...]
    sites: tuple[SiteRow, ...]
    missing: tuple[Missing, ...]


def write(context: Context) -> People:
    """The chapter."""
    rows = tuple(_person(person) for person in context.plan.people.values())
    return People(rows, tuple(_site(context, site) for site in context.sites), tuple(_missing(context)))


def _person(person: Person) -> PersonRow:
    sites, key = listed(person.sites) or "all", bool(person.key)
    roles = listed(person.roles)
    return PersonRow(person.name, roles, person.organisation or "", sites, person.email or "", person.phone or "", key)


def _site(context: Context, site: str) -> SiteRow:
    contact = context.site(site).contact
    sign_off = context.plan.handover.sign_off if context.plan.handover else None
    signers = [person.name for _, person in context.acting(sign_off.role, site) if person.key] if sign_off else []
    named = context.plan.people[contact].name if contact else ""
    return SiteRow(context.label(site), named, PARTIES[context.method(site).installer], listed(signers))


def _missing(context: Context) -> Iterator[Missing]:
    people = context.plan.people
    if not people:
        yield Missing("who leads, who installs, who operates and who signs", ("people",))
    silent = tuple(f"people.{name}.phone" for name, person in people.items() if not person.phone)
    if silent:
        yield Missing("a phone number for each person", silent)
    alone = tuple(f"sites.{site}.contact" for site in context.sites if not context.site(site).contact)
    if alone:
        yield Missing("a representative for each site", alone)
    roles = list(dict.fromkeys(role for person in people.values() for role in person.roles))
    thin = [role for role in roles for site in context.sites if len(context.acting(role, site)) == 1]
    if thin:
        yield Missing(f"a backup for {listed(list(dict.fromkeys(thin)))}: one person alone has the role", ("people",))
