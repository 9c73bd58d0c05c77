"""How a survey is told: what is required and found, what else is there, and how twins differ."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import typer

from golive.cli.looked import error_of
from golive.cli.words import printable, table
from golive.method.inventory import LASTING, SORTS, differences, of_sort
from golive.method.survey import Row, judge, read
from golive.plan.plan import Loaded
from golive.run.look import Look
from golive.words import several


def _role(loaded: Loaded, one: Look) -> str:
    return loaded.plan.sites[one.step.site or ""].hosts[one.step.host or ""].role


def _rows(loaded: Loaded, one: Look) -> tuple[Row, ...]:
    hardware = loaded.plan.roles[_role(loaded, one)].hardware
    return () if one.error else judge(hardware, read(one.output), one.asked, one.answered)


def short(loaded: Loaded, looks: Sequence[Look]) -> bool:
    """Whether a requirement is not met anywhere."""
    return any(not row.holds for one in looks for row in _rows(loaded, one))


def twins(loaded: Loaded, looks: Sequence[Look]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Hosts of one role at one site: the first, another one, and how they differ in what lasts."""
    first: dict[tuple[str | None, str], Look] = {}
    for one in looks:
        if one.error:
            continue
        other = first.setdefault((one.step.site, _role(loaded, one)), one)
        if other is not one:
            found = differences(read(other.output), read(one.output), LASTING)
            yield other.step.lane, one.step.lane, tuple(found)


def as_json(loaded: Loaded, looks: Sequence[Look]) -> dict[str, Any]:
    """The survey as JSON values."""
    hosts = [
        {
            "host": one.step.lane,
            "role": _role(loaded, one),
            "conformance": [row.as_json() for row in _rows(loaded, one)],
            "facts": dict(read(one.output)),
            "error": error_of(one),
        }
        for one in looks
    ]
    compared = [{"hosts": [one, other], "differences": list(found)} for one, other, found in twins(loaded, looks)]
    return {"hosts": hosts, "twins": compared}


def tell(loaded: Loaded, looks: Sequence[Look]) -> None:
    """Prints the conformance table, what else is there on each host, and the twins."""
    rows = [
        [one.step.lane, row.name, row.required, row.found, "ok" if row.holds else "FALLS SHORT"]
        for one in looks
        for row in _rows(loaded, one)
    ]
    typer.echo(printable(table(["host", "what", "required", "found", "verdict"], rows)) + "\n")
    for one in looks:
        said = one.error.message if one.error else _inventory(read(one.output))
        typer.echo(printable(f"{one.step.lane}: {said}"))
        if one.error:
            typer.echo(printable(f"    hint: {one.error.hint}"))
    for name, other, found in twins(loaded, looks):
        said = several(len(found), "difference") if found else "equal"
        typer.echo(printable(f"twins {name} and {other}: {said}"))
        typer.echo(printable("".join(f"    {line}\n" for line in found)), nl=False)


def _inventory(facts: Mapping[str, str]) -> str:
    parts: list[str] = [facts.get("os", "unknown")]
    for sort, plural in SORTS.items():
        held = of_sort(facts, sort)
        if sort == "package":
            parts.append(f"{len(held)} {plural}")
        elif held:
            parts.append(f"{plural} {', '.join(_shown(sort, name, value) for name, value in held.items())}")
    return "; ".join(parts)


def _shown(sort: str, name: str, value: str) -> str:
    told = sort in ("cluster", "login") or value == "loopback"
    return f"{name} ({value})" if told else name.removesuffix(".service")
