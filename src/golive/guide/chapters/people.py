"""Roles: who takes part, who does what in which stage, who stands in for whom, and who may decide."""

from collections.abc import Iterator, Sequence

from golive.graph.step import Stage, Step
from golive.guide.context import Context
from golive.guide.document import Block, Column, Missing, Row, Section, cell, dim, para, row, shown, strong, table
from golive.guide.words import PARTIES, listed, visible
from golive.pictures import raci
from golive.plan.people import Person


def write(context: Context) -> tuple[Block, ...]:
    """The chapter."""
    return (
        Section("The team", (_people(context),)),
        Section("For each site", (_sites(context),)),
        Section("Who does what", (para(_RACI), *_raci(context), _tasks(context))),
        Section("Who may decide", (_decisions(context),)),
        *context.gap(_missing(context)),
    )


_RACI = (
    "In the order of the stages. What golive does by itself is watched by those who install; who has a role, and who "
    "stands in, is told by the table of the team."
)


def _raci(context: Context) -> Iterator[Block]:
    """The matrix of the whole rollout; who has a part at one site alone stands in the table."""
    if not context.only:
        yield from shown(raci.sheets(context.plan, context.graph), "")


def _people(context: Context) -> Block:
    heads = (Column("Name", 1.1), "Roles", Column("Skills", 1.1), "Sites", Column("How to reach", 1.5), "Signs")
    return table(
        heads, (_person(context, person) for person in _here(context)), "The plan names nobody.", name="people.team"
    )


def _here(context: Context) -> Iterator[Person]:
    for person in context.plan.people.values():
        if not person.sites or set(person.sites) & set(context.sites):
            yield person


def _person(context: Context, person: Person) -> Row:
    sites = listed([context.label(site) for site in person.sites if site in context.plan.sites]) or "all"
    return row(
        cell(strong(person.name), dim(person.organisation or "")),
        listed(person.roles),
        listed(person.skills) or "–",
        sites,
        cell(person.email or "", person.phone or ""),
        "by SSH key" if person.key else "no key named",
    )


def _sites(context: Context) -> Block:
    heads = ("Site", "Representative", "Installed by", "Takes over and signs")
    return table(heads, (_site(context, site) for site in context.sites), "The plan has no sites.", name="people.sites")


def _site(context: Context, site: str) -> Row:
    contact = context.site(site).contact
    sign_off = context.plan.handover.sign_off if context.plan.handover else None
    signers = context.names(sign_off.role, site, signing=True) if sign_off else []
    named = context.plan.people[contact].name if contact else "nobody named"
    installed = PARTIES[context.method(site).installer]
    return row(context.label(site), named, installed, listed(signers) or "nobody named")


def _tasks(context: Context) -> Block:
    """Each thing that a person does, once for all sites at which it is alike."""
    heads = (Column("Stage", 0.8), Column("What", 4), Column("Role", 0.8), Column("Who", 1.8))
    found: dict[tuple[Stage, str, str], dict[str, None]] = {}
    for site in (None, *context.sites):
        for step in context.steps(site):
            if step.do.kind in ("person", "decision"):
                role = str(step.do.inputs.get("role", ""))
                names = found.setdefault((step.stage, visible(step.title), role), {})
                names |= dict.fromkeys(context.names(role, site))
    rows = [*_installing(context)]
    rows += [
        row(stage, title, role, listed([*names]) or "nobody")
        for (stage, title, role), names in sorted(found.items(), key=lambda one: one[0][0].order)
    ]
    return table(heads, rows, "The plan gives no one anything to do.", name="people.tasks")


def _installing(context: Context) -> Iterator[Row]:
    """Who runs and watches what golive does by itself."""
    for stage in Stage:
        steps = [step for site in (None, *context.sites) for step in context.steps(site, stage)]
        own = [step for step in steps if step.do.kind not in ("person", "decision")]
        if own:
            yield row(stage, f"run and watch: {kinds_of(own)}", *_installers(context))


def kinds_of(steps: Sequence[Step]) -> str:
    """What steps do, in a few words."""
    names = list(dict.fromkeys(step.id.rpartition("/")[2].partition("@")[0] for step in steps))
    return listed(names if len(names) <= 4 else [*names[:3], f"{len(names) - 3} more"])


def _installers(context: Context) -> tuple[str, str]:
    roles = [role for role in context.plan.flags.installers if context.names(role)]
    names = [name for role in roles for name in context.names(role)]
    return listed(roles) or "engineer", listed(list(dict.fromkeys(names))) or "nobody"


def _decisions(context: Context) -> Block:
    heads = (Column("Decision", 3), Column("Role", 1), Column("Who", 2))
    found: dict[tuple[str, str], dict[str, None]] = {}
    for site in context.sites:
        for step in context.steps(site):
            if step.do.kind == "decision":
                role = str(step.do.inputs.get("role", ""))
                names = found.setdefault((visible(step.title), role), {})
                names |= dict.fromkeys(context.names(role, site, signing=True))
    rows = [row(title, role, listed([*names]) or "nobody has a key") for (title, role), names in found.items()]
    back = context.plan.contingency.back_out if context.plan.contingency else None
    for name in back.authority if back else ():
        rows.append(row("To go back to the old system", "authority", context.plan.people[name].name))
    for role in context.plan.gates.waived_by if context.plan.gates else ():
        rows.append(row("To enter a stage although a rule of its gate refuses", role, listed(context.names(role))))
    return table(heads, rows, "No decision of a person is planned.", name="people.decisions")


def _missing(context: Context) -> Iterator[Missing]:
    people = context.plan.people
    if not people:
        yield Missing("who leads, who installs, who operates and who signs", ("people",))
    silent = tuple(f"people.{name}.phone" for name, person in people.items() if not person.phone)
    if silent:
        yield Missing("a phone number for each person", silent, "deploy")
    alone = tuple(f"sites.{site}.contact" for site in context.sites if not context.site(site).contact)
    if alone:
        yield Missing("a representative for each site", alone, "baseline")
    roles = list(dict.fromkeys(role for person in people.values() for role in person.roles))
    thin = [role for role in roles for site in context.sites if len(context.acting(role, site)) == 1]
    if thin:
        named = listed(list(dict.fromkeys(thin)))
        yield Missing(f"a backup for {named}: one person alone has the role", ("people",), "deploy")
