"""Document control: what this guide is about, its issues and what changed, who approved it, and what is missing."""

from collections.abc import Iterable, Iterator

from golive import __version__
from golive.guide.context import Context
from golive.guide.document import (
    Block,
    Cell,
    Chapter,
    Column,
    Gap,
    Row,
    Section,
    cell,
    code,
    facts,
    items,
    line,
    link,
    para,
    row,
    table,
    walk,
)
from golive.guide.issue import History


def write(context: Context, history: History, chapters: Iterable[Chapter]) -> tuple[Block, ...]:
    """The chapter.

    Args:
        context: the plan and its graph.
        history: the issues of the guide until now, and what changed since the last one.
        chapters: the others, of which it tells what is missing.
    """
    return (
        para(
            "This guide shows one graph of steps, compiled from the deployment plan. What is rehearsed and run is that "
            "same graph: if the digest below is not that of the run, this guide is not about it."
        ),
        _identity(context, history),
        Section("Issues", (_issues(history),)),
        Section("Changes since the last issue", tuple(_changes(history))),
        Section("Approvals", tuple(_approvals(context, history))),
        Section("What is still missing", tuple(_missing(chapters))),
    )


def _identity(context: Context, history: History) -> Block:
    graph, plan = context.graph, context.plan
    plugins = [f"{name} {version}" for name, version in sorted(graph.plugins.items())]
    sites = [line(f"{context.label(site)}: ", code(graph.digests[site])) for site in context.sites]
    return facts(
        ("Solution", f"{plan.solution.name} {plan.solution.version}"),
        ("Version of the guide", history.version),
        ("Graph digest", code(graph.digest)),
        ("Digest of each site", cell(*sites)),
        ("Steps", str(len(graph.steps))),
        ("Written by", f"golive {__version__}" + (f", with {', '.join(plugins)}" if plugins else "")),
    )


def _issues(history: History) -> Block:
    heads = (
        Column("Version", 0.6),
        Column("Date", 1.2),
        Column("Author", 1.1),
        Column("Change", 2.4),
        Column("Graph", 1),
    )
    rows = (row(str(one.number), one.at, one.author, one.note, code(one.graph[:12])) for one in history.issues)
    return table(
        heads, rows, "It was never issued: this is a draft. golive guide --issue issues it.", name="control.issues"
    )


def _changes(history: History) -> Iterator[Block]:
    if not history.issues:
        yield para("There is no earlier issue to compare with.", tone="dim")
    elif not history.changes:
        yield para(f"None: the plan is that of issue {history.issues[-1].number}.", tone="dim")
    else:
        yield items(history.changes)


def _approvals(context: Context, history: History) -> Iterator[Block]:
    heads = (Column("Name", 1.2), Column("Role", 1.2), Column("Date", 0.8), Column("Signature", 2))
    yield table(
        heads,
        _approvers(context, history),
        "The plan names nobody who could approve it.",
        kind="sign",
        name="control.approvals",
    )
    if history.issues:
        yield para(
            "An approval is an SSH signature over the issue, which golive verifies with the key in the plan; on paper "
            "it is a signature on the line."
        )


def _approvers(context: Context, history: History) -> Iterator[Row]:
    for name, person in context.plan.people.items():
        if not person.sites or set(person.sites) & set(context.sites):
            said = history.approved.get(name, "")
            yield row(person.name, ", ".join(person.roles), Cell(), said or Cell())


def _missing(chapters: Iterable[Chapter]) -> Iterator[Block]:
    heads = (Column("Chapter", 1.4), Column("What", 2.9), Column("Owed by", 0.8), Column("When", 1.6))
    rows: list[Row] = []
    for chapter in chapters:
        gaps = [item for block in walk(chapter.blocks) if isinstance(block, Gap) for item in block.items]
        seen = dict.fromkeys((item.what, item.owner, item.due) for item in gaps)
        rows += [row(line(link(chapter.title, chapter.name)), what, owner, due) for what, owner, due in seen]
    yield table(heads, rows, "Nothing: every chapter says what it should.", name="control.missing")
