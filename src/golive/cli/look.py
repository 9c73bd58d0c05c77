"""Commands that look at the hosts and change nothing there: survey, diff, drift."""

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from golive.cli.context import HERE, Format, PlanPath, load_plan, one_of
from golive.errors import Exit, UsageError

if TYPE_CHECKING:
    from golive.graph.site import SiteScope
    from golive.graph.step import Step
    from golive.plan.plan import Loaded
    from golive.run.look import Look

Site = Annotated[str | None, typer.Option(help="Only this site.")]
Host = Annotated[str | None, typer.Option(help="Only this host.")]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="Exit with 1 when anything is found.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    for command in (survey, diff, drift):
        app.command()(command)


def survey(plan: PlanPath = HERE, site: Site = None, host: Host = None, output: Format = "text") -> None:
    """Survey the hosts: what the architecture requires and what is found, what else is there, how twins differ."""
    from golive.cli.surveyed import as_json, short, tell
    from golive.graph.baseline import surveys

    one_of(output, "text", "json")
    loaded = load_plan(plan)
    looks = _look(plan, loaded, site, host, surveys)
    if output == "json":
        typer.echo(json.dumps(as_json(loaded, looks), indent=2))
    else:
        tell(loaded, looks)
    _end(looks, Exit.GATE_REFUSED if short(loaded, looks) else Exit.DONE)


def diff(
    plan: PlanPath = HERE,
    site: Site = None,
    host: Host = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="Only resources with this tag.")] = None,
    output: Format = "text",
    exit_code: ExitCode = False,
) -> None:
    """Show what the baseline would change on the hosts, as unified diffs. Changes nothing."""
    from golive.cli.looked import as_json, sum_up, tell
    from golive.graph.baseline import looks as steps

    one_of(output, "text", "json")
    looks = _look(plan, load_plan(plan), site, host, lambda scope: steps(scope, frozenset(tag or ())))
    if output == "json":
        typer.echo(json.dumps([as_json(one) for one in looks], indent=2))
    else:
        for one in looks:
            tell(one)
        typer.echo(f"{sum_up(looks, 'would be changed')}; nothing was changed")
    _end(looks, Exit.FAILED if exit_code and any(one.changes() for one in looks) else Exit.DONE)


def drift(
    plan: PlanPath = HERE, site: Site = None, host: Host = None, output: Format = "text", exit_code: ExitCode = False
) -> None:
    """Show what has changed on the hosts since the run brought them to their baseline."""
    from golive.cli.drifted import since_baseline
    from golive.cli.looked import as_json, sum_up, tell
    from golive.graph.baseline import looks as steps

    one_of(output, "text", "json")
    frozen = since_baseline(plan)
    looks = _look(plan, load_plan(plan), site, host, lambda scope: steps(scope, inventory=True))
    found = [frozen(one) for one in looks]
    if output == "json":
        typer.echo(json.dumps([as_json(one) | {"drift": words} for one, words in zip(looks, found, strict=True)]))
    else:
        for one, words in zip(looks, found, strict=True):
            tell(one)
            typer.echo("".join(f"  ! {line}\n" for line in words), nl=False)
        facts = sum(len(words) for words in found)
        typer.echo(f"{sum_up(looks, 'have drifted')}, and {facts} other facts; nothing was changed")
    drifted = any(one.changes() for one in looks) or any(found)
    _end(looks, Exit.FAILED if exit_code and drifted else Exit.DONE)


def _look(
    plan: Path, loaded: "Loaded", site: str | None, host: str | None, steps: "Callable[[SiteScope], Iterable[Step]]"
) -> "Sequence[Look]":
    from golive.graph.site import SiteScope
    from golive.run.fleet import Fleet
    from golive.run.look import look
    from golive.run.project import Project
    from golive.run.secrets import Vault

    names = [name for name in loaded.plan.sites if site in (None, name)]
    wanted = [step for name in names for step in steps(SiteScope(loaded, name)) if host in (None, step.host)]
    if not wanted:
        raise UsageError("no host is left to look at", f"sites: {', '.join(loaded.plan.sites)}")
    project = Project(plan)
    fleet = Fleet(loaded.plan.access, project.folder, project.known_hosts)

    async def seen() -> "Sequence[Look]":
        try:
            return await look(fleet, Vault(loaded.plan.secrets, project.folder), wanted)
        finally:
            await fleet.close()

    return asyncio.run(seen())


def _end(looks: "Sequence[Look]", otherwise: Exit) -> None:
    """Ends with the worst exit code: a host that could not be asked comes before what was found at the others."""
    from golive.reconcile.verdict import worst

    codes: list[Any] = [one.error.exit for one in looks if one.error]
    if code := worst([*codes, otherwise]):
        raise typer.Exit(int(code))
