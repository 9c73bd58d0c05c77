"""Writes the guide as one self-contained HTML file. Pure: no clock, no files but the templates of this package."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from golive.graph.graph import Graph
from golive.guide.chapters import CHAPTERS
from golive.guide.context import Context
from golive.plan.plan import Loaded


def render(loaded: Loaded, graph: Graph) -> str:
    """The Deployment Guide of the whole rollout: equal plans and graphs give equal text.

    Args:
        loaded: the plan, with the files that it names.
        graph: the graph that was compiled from it.
    """
    context = Context(loaded, graph)
    written = [(chapter, chapter.write(context)) for chapter in CHAPTERS]
    sites = [(site, context.label(site)) for site in context.sites]
    return (
        _templates().get_template("guide.html.j2").render(chapters=written, plan=context.plan, graph=graph, sites=sites)
    )


@cache
def _templates() -> Environment:
    loader = PackageLoader("golive.guide", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
