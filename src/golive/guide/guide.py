"""The Deployment Guide as a document: the whole rollout, one site, or what one person does. Pure, without a clock."""

from golive.graph.graph import Graph
from golive.guide.chapters import APPENDICES, CHAPTERS, Part, as_run, control, personal
from golive.guide.context import Context
from golive.guide.document import Chapter, Document, cell, code, finished
from golive.guide.issue import History
from golive.guide.layout import laid
from golive.guide.ran import AsRun
from golive.guide.words import listed
from golive.plan.plan import Loaded

NEVER = History()


def guide(
    loaded: Loaded,
    graph: Graph,
    site: str = "",
    history: History = NEVER,
    ran: AsRun | None = None,
    person: str = "",
) -> Document:
    """The Deployment Guide of the whole rollout, of one site, or of one person.

    Args:
        loaded: the plan, with the files that it names.
        graph: the graph that was compiled from it.
        site: the site that it is for; empty: all.
        history: the issues of the guide until now.
        ran: the run that it tells of; None: it tells what will be done.
        person: the name in ``people`` of whom it is for; empty: everybody.
    """
    context = Context(loaded, graph, site, ran, person)
    chapters = [_chapter(context, part) for part in (*CHAPTERS, *APPENDICES)]
    kind = "Deployment Guide, as run" if ran else "Deployment Guide"
    told = (Chapter("as_run", "As run", as_run.write(context, ran)),) if ran else ()
    if person:
        kind = f"{kind}: {loaded.plan.people[person].name}"
        return document(context, history, kind, (*told, *personal.write(context, chapters)))
    first = Chapter("control", "Document control", control.write(context, history, chapters))
    return document(context, history, kind, (first, *told, *chapters))


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
        chapters=laid(finished(chapters)),
    )
