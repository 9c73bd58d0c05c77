"""Training and support: end user support, training, and the time right after the cutover (hypercare)."""

from collections.abc import Iterator
from dataclasses import dataclass

from golive.guide.context import Context, Missing
from golive.guide.words import paragraphs


@dataclass(frozen=True)
class Support:
    """Who helps users, and for how long more closely than usual."""

    users: tuple[str, ...]
    missing: tuple[Missing, ...]


def write(context: Context) -> Support:
    """The chapter."""
    return Support(paragraphs(context.plan.standards.support), tuple(_missing(context)))


def _missing(context: Context) -> Iterator[Missing]:
    if not context.plan.standards.support:
        yield Missing("end user support: whom users call, when, and what they are told", ("standards.support",))
    yield Missing("training of end users and of operators")
    yield Missing("hypercare: command centre, escalation, daily figures and exit criteria")
