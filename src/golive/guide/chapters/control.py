"""Document control: what this guide is about, which graph it shows, and who approved it."""

from dataclasses import dataclass

from golive import __version__
from golive.guide.context import Context


@dataclass(frozen=True)
class Control:
    """What identifies the document."""

    solution: str
    version: str
    digest: str
    golive: str
    plugins: tuple[str, ...]
    sites: tuple[tuple[str, str], ...]
    """Each site with the digest of its part of the graph."""
    steps: int
    approvers: tuple[tuple[str, str], ...]
    """Name and roles of each person of the plan."""


def write(context: Context) -> Control:
    """The chapter."""
    graph, plan = context.graph, context.plan
    return Control(
        solution=plan.solution.name,
        version=plan.solution.version,
        digest=graph.digest,
        golive=__version__,
        plugins=tuple(f"{name} {version}" for name, version in sorted(graph.plugins.items())),
        sites=tuple((context.label(site), graph.digests[site]) for site in context.sites),
        steps=len(graph.steps),
        approvers=tuple((person.name, ", ".join(person.roles)) for person in plan.people.values()),
    )
