"""The Deployment Guide as a document: the whole rollout, one site, or what one person does. Pure, without a clock."""

from golive.graph.graph import Graph
from golive.guide.chapters import APPENDICES, CHAPTERS, Part, control
from golive.guide.context import Context
from golive.guide.document import Chapter, Document, cell, code, finished
from golive.guide.issue import History
from golive.guide.words import listed
from golive.plan.plan import Loaded

NEVER = History()


def guide(loaded: Loaded, graph: Graph, site: str = "", history: History = NEVER) -> Document:
    """The Deployment Guide of the whole rollout, or of one site.

    Args:
        loaded: the plan, with the files that it names.
        graph: the graph that was compiled from it.
        site: the site that it is for; empty: all.
        history: the issues of the guide until now.
    """
    context = Context(loaded, graph, site)
    chapters = [_chapter(context, part) for part in (*CHAPTERS, *APPENDICES)]
    first = Chapter("control", "Document control", control.write(context, history, chapters))
    return document(context, history, "Deployment Guide", (first, *chapters))


def _chapter(context: Context, part: Part) -> Chapter:
    title = f"Appendix {part.number}: {part.title}" if part.number.isalpha() else part.title
    return Chapter(part.name, title, part.write(context), part.number)


def document(context: Context, history: History, kind: str, chapters: tuple[Chapter, ...]) -> Document:
    """Chapters as a document about the context's plan."""
    plan = context.plan
    shown = [context.label(site) for site in context.sites]
    sites = shown if len(shown) <= 12 else [*shown[:10], f"{len(shown) - 10} more"]
    return Document(
        kind=kind,
        title=plan.solution.name,
        version=plan.solution.version,
        lead=plan.solution.summary or "",
        facts=(
            ("Sites" if len(shown) != 1 else "Site", cell(listed(sites))),
            ("Version of the guide", cell(history.version)),
            ("Graph", cell(code(context.graph.digest))),
        ),
        chapters=finished(chapters),
    )
