"""golive calendar: the rollout's dates, for all, for a site or for a person; and as iCalendar."""

from collections.abc import Collection, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from golive.cli.context import HERE, Format, PlanPath, compiled, load_plan, one_of
from golive.cli.words import printable
from golive.errors import UsageError
from golive.words import several

if TYPE_CHECKING:
    from golive.agenda.entry import Entry
    from golive.plan.plan import Loaded, Plan


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(calendar)


def calendar(
    plan: PlanPath = HERE,
    site: Annotated[str | None, typer.Option("--site", help="Only this site, by its clocks.")] = None,
    person: Annotated[
        str | None, typer.Option("--person", metavar="PERSON", help="Only what concerns this person, by their clocks.")
    ] = None,
    output: Format = "text",
    ics: Annotated[
        Path | None, typer.Option("--ics", metavar="DIR", help="Write a calendar file for each person there.")
    ] = None,
) -> None:
    """Show the rollout's dates: stages, windows, freezes, holidays, leave; export them as iCalendar."""
    from golive.agenda.concerns import at_site, concerns
    from golive.agenda.entries import entries

    one_of(output, "text", "json", "ics")
    loaded = load_plan(plan)
    _known("site", site, loaded.plan.sites)
    _known("person", person, loaded.plan.people)
    held = entries(loaded, compiled(loaded))
    held = tuple(entry for entry in held if site is None or at_site(loaded.plan, entry, site))
    shown = tuple(entry for entry in held if person is None or concerns(loaded.plan, entry, person))
    if ics:
        _write(ics, loaded.plan, held, [person] if person else list(loaded.plan.people))
    elif output == "ics":
        typer.echo(_ical(loaded.plan, shown, person or site or "everybody"), nl=False)
    elif output == "json":
        _json(loaded.plan, shown)
    else:
        _tell(loaded, shown, site, person)


def _known(what: str, name: str | None, names: Collection[str]) -> None:
    if name is not None and name not in names:
        raise UsageError(f"there is no {what} {name}", f"known here: {', '.join(names) or 'none'}")


def _write(folder: Path, plan: "Plan", held: "Sequence[Entry]", people: Sequence[str]) -> None:
    from golive.agenda.concerns import concerns

    if not people:
        raise UsageError("the plan names nobody", "add people:, or use --format ics")
    folder.mkdir(parents=True, exist_ok=True)
    for name in people:
        file = folder / f"{name}.ics"
        before = file.read_bytes().decode("utf-8", "replace") if file.exists() else ""
        own = [entry for entry in held if concerns(plan, entry, name)]
        try:
            made = _ical(plan, own, plan.people[name].name, before)
        except ValueError as error:  # what icalendar raises on a file that is no calendar
            raise UsageError(f"{file} is there and is no calendar: {error}", "move it away") from error
        file.write_bytes(made.encode("utf-8"))
        typer.echo(f"wrote {file}: {several(len(own), 'entry', 'entries')}")


def _ical(plan: "Plan", held: "Sequence[Entry]", owner: str, before: str = "") -> str:
    from golive.agenda.ical import ical
    from golive.run.store import utc_now

    return ical(plan.solution.name, owner, held, utc_now(), before)


def _json(plan: "Plan", held: "Sequence[Entry]") -> None:
    import json
    from dataclasses import asdict

    from golive.agenda.concerns import absent

    said = [
        asdict(entry)
        | {"start": entry.start.isoformat(), "end": entry.end.isoformat(), "absent": list(absent(plan, entry))}
        for entry in held
    ]
    typer.echo(json.dumps({"entries": said, "people": _hours(plan, list(plan.people))}, indent=2))


def _hours(plan: "Plan", people: Sequence[str]) -> dict[str, dict[str, str]]:
    """When people work, as far as the plan says it."""
    from golive.agenda.words import hours_said
    from golive.plan.timing import hours_of

    return {
        name: {"timezone": hours.zone, "hours": hours_said(hours), "holidays": ", ".join(hours.regions)}
        for name in people
        for hours in (hours_of(plan, name),)
    }


def _tell(loaded: "Loaded", held: "Sequence[Entry]", site: str | None, person: str | None) -> None:
    from golive.agenda.concerns import absent
    from golive.plan.timing import hours_of, zone_of

    plan = loaded.plan
    zone = hours_of(plan, person).zone if person else zone_of(plan, site) if site else plan.calendar.timezone
    if not held:
        typer.echo("the plan gives no dates: add planned: to sites or waves, or milestones:")
    for day, group in groupby(held, key=lambda entry: entry.day(zone)):
        typer.echo(day)
        for entry in group:
            notes = f"  ({'; '.join(entry.notes)})" if entry.notes else ""
            typer.echo(printable(f"  {entry.when(zone):<28} {entry.kind:<10} {entry.title}{notes}"))
            for said in absent(plan, entry):
                if person is None or said.startswith(f"{person}: "):
                    typer.secho(printable(f"  {'':<28} {'':<10} not there: {said}"), fg="yellow")
    _people(plan, person, zone)


def _people(plan: "Plan", person: str | None, zone: str) -> None:
    if plan.people:
        typer.echo("\npeople")
    for name, said in _hours(plan, [person] if person else list(plan.people)).items():
        regions = f", holidays of {said['holidays']}" if said["holidays"] else ""
        typer.echo(printable(f"  {name}: {said['hours']} ({said['timezone']}{regions})"))
    typer.echo(f"times of {zone}")
