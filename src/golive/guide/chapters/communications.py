"""Communications: who is told what, when, and by which channel."""

from collections.abc import Iterator

from golive.guide.context import Context
from golive.guide.document import Block, Column, Missing, cell, prose, row, strong, table


def write(context: Context) -> tuple[Block, ...]:
    """The section."""
    heads = (Column("When", 1), Column("Message", 3.4), Column("Channel", 1.2), Column("Sites", 1))
    rows = (
        row(
            message.at,
            cell(strong(message.title), message.text.strip()),
            ", ".join(message.to),
            ", ".join(message.sites) or "all",
        )
        for message in context.plan.messages
        if not message.sites or set(message.sites) & set(context.sites)
    )
    return (
        *prose(context.plan.standards.outage, "The plan does not say how users are told."),
        table(
            heads,
            rows,
            "golive sends no messages by itself in this rollout: people tell people.",
            name="communications",
        ),
        *context.gap(_missing(context)),
    )


def _missing(context: Context) -> Iterator[Missing]:
    if not context.plan.standards.outage:
        yield Missing("who is affected, when, and how they are told", ("standards.outage",), "cutover")
