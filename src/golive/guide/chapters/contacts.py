"""Appendix: the contact list, one page to hang on the wall."""

from golive.guide.context import Context
from golive.guide.document import Block, Column, cell, dim, row, strong, table
from golive.guide.words import listed


def write(context: Context) -> tuple[Block, ...]:
    """The appendix."""
    sites = set(context.sites)
    heads = (Column("Name", 1.4), Column("Roles", 1.4), Column("Sites", 1), Column("Phone", 1.3), Column("E-mail", 1.7))
    rows = (
        row(
            cell(strong(person.name), dim(person.organisation or "")),
            listed(person.roles),
            listed([context.label(site) for site in person.sites]) or "all",
            person.phone or "not in the plan",
            person.email or "not in the plan",
        )
        for person in context.plan.people.values()
        if not person.sites or sites & set(person.sites)
    )
    return (table(heads, rows, "The plan names nobody.", name="contacts"),)
