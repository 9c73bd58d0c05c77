"""How what diff and drift saw is told: resources that would be changed, and how each differs."""

from collections.abc import Sequence
from typing import Any

import typer

from golive.cli.words import printable
from golive.resources.report import Reported, State, parse, summary
from golive.run.look import Look
from golive.words import several

_MARKS = {State.WOULD: "~", State.MAY: "?"}
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def as_json(one: Look) -> dict[str, Any]:
    """One host as JSON values."""
    said = [
        {"state": item.state, "title": item.title, "reason": item.reason, "diff": list(item.diff)}
        for item in parse(one.output)
    ]
    return {"host": one.step.lane, "plan": one.step.source, "resources": said, "error": error_of(one)}


def error_of(one: Look) -> str | None:
    """Why a host could not be looked at."""
    return f"{one.error.message}; {one.error.hint}" if one.error else None


def tell(one: Look) -> None:
    """Prints one host."""
    if one.error:
        typer.secho(printable(f"{one.step.lane}: {one.error.message}"), fg="red")
        typer.echo(printable(f"    hint: {one.error.hint}"))
        return
    reported = parse(one.output)
    typer.echo(f"{one.step.lane}: {summary(reported)} ({one.step.source})")
    for item in reported:
        if item.state in _MARKS:
            _tell_change(item)


def _tell_change(item: Reported) -> None:
    reason = f"  ({item.reason})" if item.reason else ""
    typer.secho(printable(f"  {_MARKS[item.state]} {item.title}{reason}"), bold=True)
    for line in item.diff:
        typer.secho(printable(f"      {line}"), fg=_COLOURS.get(line[:1]))


def sum_up(looks: Sequence[Look], what: str) -> str:
    """How many resources on how many hosts, and how many hosts were silent."""
    changes = sum(one.changes() for one in looks)
    hosts = sum(1 for one in looks if one.changes())
    silent = sum(1 for one in looks if one.error)
    unknown = f"; {several(silent, 'host')} could not be looked at" if silent else ""
    return f"{several(changes, 'resource')} {what} on {hosts} of {several(len(looks), 'host')}{unknown}"
