"""golive guide: the Deployment Guide in three formats, for the whole rollout, for a site."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from golive.cli.context import HERE, PlanPath, compiled, load_plan, one_of
from golive.errors import UsageError

if TYPE_CHECKING:
    from golive.guide.document import Document
    from golive.run.project import Project

FORMATS = ("html", "pdf", "docx")


def guide(
    plan: PlanPath = HERE,
    output: Annotated[str, typer.Option("--format", metavar="FORMAT", help="html, pdf or docx.")] = "",
    site: Annotated[str, typer.Option(help="Only this site.")] = "",
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where it goes; by default beside the plan.")
    ] = None,
    issue: Annotated[
        str, typer.Option("--issue", metavar="CHANGE", help="Issue it as the next version: what is new, in a sentence.")
    ] = "",
    author: Annotated[str, typer.Option("--as", metavar="PERSON", help="Who issues it, by the name in the plan.")] = "",
) -> None:
    """Write the Deployment Guide beside the plan: as HTML, PDF or DOCX; for the whole rollout or for one site."""
    from golive.cli.papers import history, issue_next
    from golive.guide.guide import guide as made
    from golive.run.project import Project

    kind = one_of(output or _kind_of(file), *FORMATS)
    loaded, project = load_plan(plan), Project(plan)
    graph = compiled(loaded)
    if site and site not in graph.sites:
        raise UsageError(f"there is no site {site} in the graph", f"sites: {', '.join(graph.sites)}")
    if issue:
        typer.echo(issue_next(project.folder, loaded, graph, author, issue))
    document = made(loaded, graph, site, history(project.folder, loaded))
    path = file or _beside(project, kind, site)
    _write(document, kind, path, project.folder)
    typer.echo(f"wrote {path}")


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
