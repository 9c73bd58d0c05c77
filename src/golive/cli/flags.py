"""golive flags: what speaks against going live, with line, reason and remedy."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from golive.cli.context import HERE, Format, PlanPath, compiled, load_plan, one_of
from golive.cli.words import printable, table
from golive.errors import Exit, UsageError
from golive.words import several

if TYPE_CHECKING:
    from collections.abc import Sequence

    from golive.flags.facts import Facts
    from golive.flags.told import Standing
    from golive.gates.rule import Waiver

_COLOURS = {"no-go": "red", "yellow": "yellow", "waived": "yellow", "go": "green"}


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(flags)


def flags(
    words: Annotated[list[str] | None, typer.Argument(metavar="[explain ID]", help="What one flag wants.")] = None,
    plan: PlanPath = HERE,
    output: Format = "text",
    matrix: Annotated[
        bool, typer.Option("--matrix", help="Show which scenarios are shown to work, and by what.")
    ] = False,
    without: Annotated[
        str | None, typer.Option("--without", metavar="PERSON", help="What is flagged too if this person drops out.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Yellow flags refuse as well: exit 3.")] = False,
) -> None:
    """Show what speaks against going live: gates and yellow flags, each with line, reason and remedy."""
    one_of(output, "text", "json")
    if words:
        _explain(words)
        return
    facts = gathered_facts(plan)
    if matrix:
        _matrix(facts, output)
    elif without:
        _without(facts, without, output)
    else:
        _judge(facts, _waivers(plan), output, strict)


def _explain(words: list[str]) -> None:
    from golive.flags.all import FLAGS
    from golive.flags.told import explained

    known = {flag.id: flag for flag in FLAGS}
    if words[0] != "explain" or len(words) > 2 or not {*words[1:]} <= known.keys():
        raise UsageError(f"golive flags {' '.join(words)} is not known", f"golive flags explain {'|'.join(known)}")
    for name in words[1:] or known:
        typer.echo("\n".join(explained(known[name])))


def gathered_facts(plan: Path) -> "Facts":
    """What the flags look at, as it is now."""
    from golive.run.flagged import gathered
    from golive.run.project import Project
    from golive.run.store import utc_now

    project, loaded = Project(plan), load_plan(plan)
    store = project.store() if project.exists else None
    return gathered(loaded, compiled(loaded), project.folder, store, utc_now())


def _waivers(plan: Path) -> "Sequence[Waiver]":
    from golive.run.flagged import waivers
    from golive.run.project import Project

    project = Project(plan)
    return waivers(project.store()) if project.exists else ()


def _judge(facts: "Facts", waivers: "Sequence[Waiver]", output: str, strict: bool) -> None:
    from golive.flags.all import FLAGS
    from golive.flags.flag import judge
    from golive.flags.told import as_json, standings

    held = standings(judge(FLAGS, facts), waivers, facts.now)
    refused = [one.flag.id for one in held if one.verdict == "no-go" or (strict and one.verdict == "yellow")]
    if output == "json":
        _print({"go": not refused, "flags": [as_json(one) for one in held]})
    else:
        _tell(held)
    if refused:
        if output == "text":
            typer.echo(f"NO-GO: {', '.join(refused)}; what one wants: golive flags explain {refused[0]}")
        raise typer.Exit(Exit.GATE_REFUSED)


def _tell(held: "Sequence[Standing]") -> None:
    from golive.flags.told import lines

    for one in held:
        for line in lines(one):
            colour = None if line.startswith(" ") else _COLOURS.get(one.verdict)
            typer.secho(printable(line), fg=colour)
    rows = [[one.flag.id, one.verdict, str(len(one.findings) or ""), one.flag.owner, _until(one)] for one in held]
    typer.echo(table(["flag", "verdict", "findings", "owner", "holds because, until"], rows))


def _until(one: "Standing") -> str:
    until = f" (until {one.judged.expires})" if one.judged.expires and not one.findings else ""
    return printable(one.judged.assessment.holds + until)


def _matrix(facts: "Facts", output: str) -> None:
    from golive.flags.scenarios import cells, essentials, matrix

    held = list(cells(facts, [*essentials(facts.plan), *matrix(facts.plan)]))
    if output == "json":
        _print(
            [
                {"scenario": one.scenario, "shown": one.shown, "against": one.against, "deferred": one.deferred}
                for one in held
            ]
        )
        return
    said = [one.shown or (f"deferred by {one.deferred}" if one.deferred else f"- {one.against}") for one in held]
    typer.echo(
        printable(table(["scenario", "shown by"], [[one.scenario, text] for one, text in zip(held, said, strict=True)]))
    )
    typer.echo(
        f"{sum(1 for one in held if one.shown)} of {several(len(held), 'scenario')} shown to work with this version"
    )


def _without(facts: "Facts", person: str, output: str) -> None:
    from golive.flags.told import as_json, lines, standings
    from golive.flags.without import duties, stranded, without

    if person not in facts.plan.people:
        raise UsageError(f"there is no person {person}", f"people: {', '.join(facts.plan.people) or 'none'}")
    held = standings(without(facts, person), (), facts.now)
    still, named = stranded(facts, person), [(said, facts.loaded.where(path)) for said, path in duties(facts, person)]
    if output == "json":
        steps = [{"step": one.step.id, "role": one.role, "behind": one.behind} for one in still]
        tasks = [{"duty": said, "where": where} for said, where in named]
        _print({"without": person, "flags": [as_json(one) for one in held], "stranded": steps, "duties": tasks})
        return
    for one in held:
        typer.echo(printable("\n".join(lines(one))))
    for one in still:
        where = f"{one.step.source}: " if one.step.source else ""
        waits = f"{several(one.behind, 'step waits', 'steps wait')} for it" if one.behind else "nothing waits for it"
        typer.echo(
            printable(f"{where}{one.step.id} stands still: nobody else has the role {one.role} and a key; {waits}")
        )
    for said, where in named:
        typer.echo(printable(f"{where}: {person} {said}: somebody else must"))
    more = sum(len(one.findings) for one in held)
    stands, open = several(len(still), "step stands", "steps stand"), several(len(named), "duty is", "duties are")
    typer.echo(f"without {person}: {several(more, 'finding')} more, {stands} still, {open} open")


def _print(value: object) -> None:
    import json

    typer.echo(json.dumps(value, indent=2))
