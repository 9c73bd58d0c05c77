"""Deployment checklist: every step of a site with a box to tick, to be printed."""

from collections.abc import Iterator

from golive.guide.context import Context
from golive.guide.document import Block, Cell, Column, Section, items, para, row, table
from golive.guide.rows import checklist
from golive.guide.words import listed


def write(context: Context) -> tuple[Block, ...]:
    """The appendix."""
    first = tuple(checklist(context, None))
    return (
        para(
            "To be printed. golive keeps its own journal of every step; this list is for people who follow along, and "
            "for a rollout by hand."
        ),
        *((Section("Before any site", first, "checklist-controller"),) if first else ()),
        *(
            Section(context.label(site), tuple(_site(context, site)), f"checklist-{site}", place > 0)
            for place, site in enumerate(context.sites)
        ),
    )


def _site(context: Context, site: str) -> Iterator[Block]:
    yield Section("Before the first step", (items(_before(context), boxes=True),))
    yield from checklist(context, site)
    heads = (Column("For", 1), Column("Name", 1.4), Column("Date", 0.9), Column("Signature", 1.8))
    rows = (row(what, name, Cell(), Cell()) for what, name in _signatures(context, site))
    yield Section("Signatures", (table(heads, rows, "", kind="sign", name="checklist.signatures"),))


def _before(context: Context) -> Iterator[str]:
    plan = context.plan
    yield "This guide's graph digest is that of the run that is started."
    yield "The people named in this guide are available and can be reached."
    yield "The host keys of all hosts were compared and trusted (golive trust)."
    if plan.standards.outage:
        yield "Users were told, as the outage plan says."
    if plan.standards.contingency:
        yield "The contingency is prepared, as the chapter Outage and contingency says."
    if plan.secrets:
        yield f"Secrets are at hand: {listed(list(plan.secrets))}."


def _signatures(context: Context, site: str) -> tuple[tuple[str, str], ...]:
    contact = context.site(site).contact
    sign_off = context.plan.handover.sign_off if context.plan.handover else None
    signers = context.names(sign_off.role, site, signing=True) if sign_off else []
    return (
        ("Lead", listed(context.names("lead", site))),
        ("Site representative", context.plan.people[contact].name if contact else ""),
        ("Taken over by", listed(signers)),
    )
