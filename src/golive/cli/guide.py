"""golive guide: the Deployment Guide in three formats, for the whole rollout, a site or a person, before or after."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from golive.cli.context import HERE, PlanPath, compiled, load_plan, one_of
from golive.errors import UsageError

if TYPE_CHECKING:
    from golive.graph.graph import Graph
    from golive.guide.document import Document
    from golive.guide.ran import AsRun
    from golive.plan.plan import Loaded
    from golive.run.project import Project

FORMATS = ("html", "pdf", "docx")


def guide(
    plan: PlanPath = HERE,
    output: Annotated[str, typer.Option("--format", metavar="FORMAT", help="html, pdf or docx.")] = "",
    site: Annotated[str, typer.Option(help="Only this site.")] = "",
    person: Annotated[
        str, typer.Option("--person", metavar="PERSON", help="For one person: all that they do, in order.")
    ] = "",
    as_run: Annotated[
        bool, typer.Option("--as-run", help="What was done in the latest run, when, by whom, and where it differed.")
    ] = False,
    run: Annotated[str, typer.Option("--run", metavar="RUN", help="With --as-run: another run than the latest.")] = "",
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where it goes; by default beside the plan.")
    ] = None,
    issue: Annotated[
        str, typer.Option("--issue", metavar="CHANGE", help="Issue it as the next version: what is new, in a sentence.")
    ] = "",
    author: Annotated[str, typer.Option("--as", metavar="PERSON", help="Who issues it, by the name in the plan.")] = "",
) -> None:
    """Write the Deployment Guide beside the plan: as HTML, PDF or DOCX; for all, a site or a person; as run."""
    from golive.cli.papers import history, issue_next
    from golive.guide.guide import guide as made
    from golive.run.project import Project

    kind = one_of(output or _kind_of(file), *FORMATS)
    loaded, project = load_plan(plan), Project(plan)
    graph, ran = _ran(plan, run, loaded) if as_run or run else (compiled(loaded), None)
    if person and person not in loaded.plan.people:
        raise UsageError(f"there is no person {person}", f"people: {', '.join(loaded.plan.people) or 'none'}")
    if site and site not in graph.sites:
        raise UsageError(f"there is no site {site} in the graph", f"sites: {', '.join(graph.sites)}")
    if issue:
        typer.echo(issue_next(project.folder, loaded, graph, author, issue))
    document = made(loaded, graph, site, history(project.folder, loaded), ran, person)
    path = file or _beside(project, kind, "as-run" if ran else "", site, person)
    _write(document, kind, path, project.folder)
    typer.echo(f"wrote {path}")


def _ran(plan: Path, run: str, loaded: "Loaded") -> "tuple[Graph, AsRun]":
    """The graph of a run, and what became of it. Raises UsageError when the plan has lost what it is about."""
    from golive.cli.context import open_run
    from golive.guide.ran import as_run

    opened = open_run(plan, run or None)
    graph, journal = opened.graph, opened.journal
    gone = [site for site in graph.sites if site not in loaded.plan.sites]
    if gone:
        said = f"the run {journal.run} is about {', '.join(gone)}, which the plan does not have any more"
        raise UsageError(said, "name the plan as it was then: golive guide --as-run -p PATH")
    live = frozenset(loaded.plan.sites) - frozenset(graph.sites)  # before the run began
    planned = compiled(loaded, live).digest
    return graph, as_run(journal.run, graph, journal.state, opened.store.entries(journal.run), planned)


def _kind_of(file: Path | None) -> str:
    """The format that the name of the file tells; HTML where there is none."""
    return file.suffix.removeprefix(".").lower() if file and file.suffix else "html"


def _beside(project: "Project", kind: str, *parts: str) -> Path:
    name = "-".join((project.guide.stem, *(part for part in parts if part)))
    return project.guide.with_name(f"{name}.{kind}")


def _write(document: "Document", kind: str, path: Path, folder: Path) -> None:
    from golive.cli.papers import made

    body = made(document, kind, folder)
    try:
        path.write_bytes(body)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", "choose another --output") from error
