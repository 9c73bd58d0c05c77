"""Commands that look at the hosts and change nothing there: diff."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from golive.cli.context import HERE, Format, PlanPath, load_plan, one_of
from golive.errors import Exit, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from golive.resources.report import Reported
    from golive.run.look import Look

_MARKS = {"would": "~", "may": "?"}


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(diff)


def diff(
    plan: PlanPath = HERE,
    site: Annotated[str | None, typer.Option(help="Only this site.")] = None,
    host: Annotated[str | None, typer.Option(help="Only this host.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="Only resources with this tag.")] = None,
    output: Format = "text",
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 when anything would be changed.")] = False,
) -> None:
    """Show what the baseline would change on the hosts, as unified diffs. Changes nothing."""
    one_of(output, "text", "json")
    looks = _looks(plan, site, host, frozenset(tag or ()))
    if output == "json":
        typer.echo(json.dumps([_as_json(one) for one in looks], indent=2))
    else:
        for one in looks:
            _print(one)
        _sum_up(looks)
    if any(one.error for one in looks):
        raise typer.Exit(int(max(one.error.exit for one in looks if one.error)))
    if exit_code and any(one.changes() for one in looks):
        raise typer.Exit(int(Exit.FAILED))


def _looks(plan: Path, site: str | None, host: str | None, tags: frozenset[str]) -> "Sequence[Look]":
    from golive.graph.baseline import looks
    from golive.graph.site import SiteScope
    from golive.run.fleet import Fleet
    from golive.run.look import look
    from golive.run.project import Project
    from golive.run.secrets import Vault

    loaded, project = load_plan(plan), Project(plan)
    names = [name for name in loaded.plan.sites if site in (None, name)]
    steps = [step for name in names for step in looks(SiteScope(loaded, name), tags) if host in (None, step.host)]
    if not steps:
        raise UsageError("no host is left to look at", f"sites: {', '.join(loaded.plan.sites)}")
    fleet = Fleet(loaded.plan.access, project.folder, project.known_hosts)

    async def seen() -> "Sequence[Look]":
        try:
            return await look(fleet, Vault(loaded.plan.secrets, project.folder), steps)
        finally:
            await fleet.close()

    return asyncio.run(seen())


def _as_json(one: "Look") -> dict[str, Any]:
    from golive.resources.report import parse

    said = [
        {"state": item.state, "title": item.title, "reason": item.reason, "diff": list(item.diff)}
        for item in parse(one.output)
    ]
    error = f"{one.error.message}; {one.error.hint}" if one.error else None
    return {"host": one.step.lane, "plan": one.step.source, "resources": said, "error": error}


def _print(one: "Look") -> None:
    from golive.cli.words import printable
    from golive.resources.report import State, parse, summary

    if one.error:
        typer.secho(printable(f"{one.step.lane}: {one.error.message}"), fg="red")
        typer.echo(printable(f"    hint: {one.error.hint}"))
        return
    reported = parse(one.output)
    typer.echo(f"{one.step.lane}: {summary(reported)} ({one.step.source})")
    for item in reported:
        if item.state in (State.WOULD, State.MAY):
            _print_change(item)


def _print_change(item: "Reported") -> None:
    from golive.cli.words import printable

    reason = f"  ({item.reason})" if item.reason else ""
    typer.secho(printable(f"  {_MARKS[item.state]} {item.title}{reason}"), bold=True)
    for line in item.diff:
        colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
        typer.secho(printable(f"      {line}"), fg=colour)


def _sum_up(looks: "Sequence[Look]") -> None:
    changes = sum(one.changes() for one in looks)
    hosts = sum(1 for one in looks if one.changes())
    silent = sum(1 for one in looks if one.error)
    unknown = f"; {silent} hosts could not be looked at" if silent else ""
    typer.echo(f"{changes} resources would be changed on {hosts} of {len(looks)} hosts{unknown}; nothing was changed")
