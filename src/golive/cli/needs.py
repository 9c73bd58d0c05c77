"""golive needs: the key resource requirements."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from golive.cli.context import HERE, Format, PlanPath, one_of
from golive.cli.words import duration, printable, table
from golive.words import several

if TYPE_CHECKING:
    from golive.flags.needs import Need, Requirements


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(needs)


def needs(plan: PlanPath = HERE, output: Format = "text") -> None:
    """Show the key resource requirements: people-hours, lines, hosts, licences; what is short, when, by how much."""
    import json
    from dataclasses import asdict

    from golive.cli.flags import gathered_facts
    from golive.flags.needs import requirements

    one_of(output, "text", "json")
    found = requirements(gathered_facts(plan))
    if output == "json":
        short = [asdict(one) | {"short": one.short} for one in found.short]
        typer.echo(json.dumps(asdict(found) | {"short": short}, indent=2))
    else:
        _tell(found)


def _tell(found: "Requirements") -> None:
    rows = [[one.skill, one.role, one.site or "-", one.week or "no date", f"{one.hours:.2f}"] for one in found.hours]
    _print(["skill", "role", "site", "week", "hours"], rows)
    steps, sites = several(found.peak.steps, "step"), several(found.peak.sites, "site")
    typer.echo(f"at most {steps} at {sites} at once, T + {duration(found.peak.at)}")
    if found.peak.skills:
        typer.echo("at once: " + ", ".join(f"{count} {skill}" for skill, count in found.peak.skills.items()))
    _print(_HEADS, [_row(one) for one in (*found.skills, *found.links, *found.hosts, *found.licences)])
    for one in found.short:
        when = f" in {one.when}" if one.when else ""
        typer.secho(printable(f"short: {one.what} ({one.where}){when}: {one.short:.1f} {one.unit}"), fg="red")
    if not found.short:
        typer.echo("nothing is short, as far as is known")


_HEADS = ["what", "where", "when", "needed", "available", "unit", "short"]


def _row(one: "Need") -> list[str]:
    available = "not known" if one.available is None else f"{one.available:.1f}"
    short = f"{one.short:.1f}" if one.short else ""
    return [one.what, one.where, one.when, f"{one.needed:.2f}", available, one.unit, short]


def _print(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if rows:
        typer.echo(printable(table(heads, rows)) + "\n")
