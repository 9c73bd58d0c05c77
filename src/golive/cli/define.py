"""Commands before a run: init, check, schema, gather, trust, graph."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from golive.cli.context import HERE, Format, PlanPath, compiled, installed_kinds, load_plan, one_of, open_run
from golive.cli.guide import guide
from golive.errors import UsageError
from golive.words import several

if TYPE_CHECKING:
    from golive.graph.graph import Graph


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    for command in (init, check, schema, gather, trust, guide, graph):
        app.command()(command)


def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write it.")]) -> None:
    """Write a small commented plan that passes `golive check`."""
    from importlib.resources import files

    file = folder / "golive.yaml"
    if file.exists():
        raise UsageError(f"{file} is there already", "choose another folder")
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(files("golive.plan").joinpath("starter.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    typer.echo(f"wrote {file}\nnext: edit it, then: golive check -p {folder}")


def check(plan: PlanPath = HERE) -> None:
    """Check the plan: all mistakes at once, each with file, line, column and what to do."""
    loaded = load_plan(plan)
    steps = compiled(loaded)
    from golive.method.choose import choose

    typer.echo(f"{loaded.plan.solution.name} {loaded.plan.solution.version}: the plan is sound")
    for name, site in loaded.plan.sites.items():
        method = choose(site)
        typer.echo(f"  {name}: {method.route}; installed by the {method.installer}")
        for reason in method.reasons:
            typer.echo(f"    - {reason}")
    typer.echo(f"{several(len(steps.steps), 'step')} at {several(len(steps.sites), 'site')}, graph {steps.digest[:12]}")


def schema() -> None:
    """Print the JSON Schema of the plan, for editors."""
    import json

    from golive.plan.schema import json_schema

    typer.echo(json.dumps(json_schema(installed_kinds()), indent=2))


def gather(plan: PlanPath = HERE) -> None:
    """Resolve and download the wheels that the plan names, and write artifacts.lock."""
    from golive.artifacts.lock import gather_all
    from golive.plan.load import load
    from golive.run.project import Project

    project = Project(plan)
    loaded = load(plan, installed_kinds(), locked=False)
    for line in asyncio.run(gather_all(loaded.plan, project.folder, project.artifacts)):
        typer.echo(line)


def trust(
    plan: PlanPath = HERE,
    site: Annotated[str | None, typer.Option(help="Only this site.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Trust the keys that are shown without asking.")] = False,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Take keys from a known_hosts file that you trust.")
    ] = None,
) -> None:
    """Show the SSH host keys of hosts that are not known yet, and trust them once you have compared them."""
    from golive.cli.trust import take_from, trust_hosts

    if source:
        typer.echo(take_from(source, plan))
        return
    asyncio.run(trust_hosts(load_plan(plan), plan, site, yes))


def graph(
    plan: PlanPath = HERE,
    output: Format = "text",
    site: Annotated[str | None, typer.Option(help="Only this site.")] = None,
    stage: Annotated[str | None, typer.Option(help="Only this stage.")] = None,
) -> None:
    """Show the graph of steps as text, JSON, SVG or Mermaid; with how each step stands when there is a run."""
    from golive.cli.drawn import DRAWN

    one_of(output, *DRAWN)
    steps = compiled(load_plan(plan))
    status = _status(plan, steps)
    shown = [step for step in steps.steps if (not site or step.site == site) and (not stage or step.stage == stage)]
    if not shown:
        raise UsageError("no step is left to show", f"sites: {', '.join(steps.sites)}")
    typer.echo(DRAWN[output](steps, shown, status))


def _status(plan: Path, steps: "Graph") -> dict[str, str]:
    from golive.run.project import Project

    if not Project(plan).exists:
        return {step.id: "pending" for step in steps.steps}
    try:
        state = open_run(plan).journal.state
    except UsageError:
        return {step.id: "pending" for step in steps.steps}
    return {step.id: str(state.step(step.id).status) for step in steps.steps}
