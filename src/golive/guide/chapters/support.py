"""Training and end user support: who is trained for what, whom users call, and what they are told."""

from collections.abc import Iterator

from golive.guide.context import Context
from golive.guide.document import Block, Missing, Section, prose


def write(context: Context) -> tuple[Block, ...]:
    """The chapter."""
    standards = context.plan.standards
    return (
        Section("Training", tuple(prose(standards.training, "The plan does not say who is trained."))),
        Section("End user support", tuple(prose(standards.support, "The plan does not say whom users call."))),
        *context.gap(_missing(context)),
    )


def _missing(context: Context) -> Iterator[Missing]:
    if not context.plan.standards.training:
        yield Missing("training of end users and of operators", ("standards.training",), "cutover")
    if not context.plan.standards.support:
        said = "end user support: whom users call, when, and what they are told"
        yield Missing(said, ("standards.support",), "cutover")
