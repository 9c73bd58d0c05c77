"""Commands about the entry criteria of stages: gates, waive."""

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from golive.cli.context import HERE, Format, PlanPath, compiled, load_plan, one_of, open_run
from golive.cli.people import Key, Person
from golive.errors import Exit, GateRefused, UsageError

if TYPE_CHECKING:
    from golive.gates.rule import Verdict
    from golive.graph.graph import Graph
    from golive.graph.step import Step
    from golive.plan.plan import Loaded
    from golive.reconcile.state import State


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    for command in (gates, waive):
        app.command()(command)


def gates(
    plan: PlanPath = HERE,
    site: Annotated[str | None, typer.Option("--site", metavar="SITE", help="Only this site.")] = None,
    stage: Annotated[str | None, typer.Option("--stage", metavar="STAGE", help="Only the entry of this stage.")] = None,
    output: Format = "text",
) -> None:
    """Say go or no-go for each stage, with each reason and the plan's line. Exit 3: a gate refuses."""
    from golive.gates.rule import as_json

    one_of(output, "text", "json")
    loaded = load_plan(plan)
    graph, state, blob = _held(plan, loaded)
    wanted = [step for step in _gates(loaded, graph) if site in (None, step.site) and stage in (None, str(step.stage))]
    if not wanted:
        raise UsageError("there is no such gate", f"sites: {', '.join(graph.sites)}; stages: baseline to handover")
    verdicts = asyncio.run(_looked(plan, loaded, graph, state, wanted, blob))
    if output == "json":
        rows = [
            {"gate": step.id, "site": step.site, "stage": step.stage, "go": verdict.go}
            | {"run": str(state.step(step.id).status), "rules": [_placed(row, loaded) for row in as_json(verdict)]}
            for step, verdict in zip(wanted, verdicts, strict=True)
        ]
        typer.echo(json.dumps(rows, indent=2, default=str))
    else:
        for step, verdict in zip(wanted, verdicts, strict=True):
            _tell(step, verdict, graph, state, loaded)
    if not all(verdict.go for verdict in verdicts):
        raise typer.Exit(int(Exit.GATE_REFUSED))


def _held(plan: Path, loaded: "Loaded") -> "tuple[Graph, State, Callable[[str], bytes]]":
    """Graph and state of the run that goes on, and what it kept; without one those of a run that has not begun."""
    from golive.reconcile.state import State
    from golive.run.project import Project

    if Project(plan).exists:
        opened = open_run(plan)
        if not opened.journal.state.ended:
            return opened.graph, opened.journal.state, opened.store.blob
    return compiled(loaded), State(), lambda _: b""


def _gates(loaded: "Loaded", graph: "Graph") -> "list[Step]":
    """The gates of the graph; for a stage without one, what golive itself wants to see before it."""
    from golive.graph.people import implied

    made = [step for step in graph.steps if step.do.kind == "gate"]
    there = {(step.site, step.stage) for step in made}
    made += [step for site in graph.sites for step in implied(loaded, site) if (step.site, step.stage) not in there]
    sites = list(graph.sites)
    return sorted(made, key=lambda step: (sites.index(step.site or ""), step.stage.order))


async def _looked(
    plan: Path,
    loaded: "Loaded",
    graph: "Graph",
    state: "State",
    wanted: "list[Step]",
    blob: "Callable[[str], bytes]",
) -> "list[Verdict]":
    from golive.graph.baseline import again
    from golive.run.evidence import Sources
    from golive.run.executors.gate import look
    from golive.run.fleet import Fleet
    from golive.run.project import Project
    from golive.run.secrets import Vault

    project = Project(plan)
    fleet = Fleet(loaded.plan.access, project.folder, project.known_hosts)
    vault = Vault(loaded.plan.secrets, project.folder)
    sources = Sources(project.folder, fleet, vault, blob=blob, looks=again(loaded))
    try:
        return [(await look(step, graph, state, sources))[1] for step in wanted]
    finally:
        await fleet.close()


def _placed(row: Mapping[str, Any], loaded: "Loaded") -> dict[str, Any]:
    return {**row, "plan": loaded.where(row["path"])}


def _tell(step: "Step", verdict: "Verdict", graph: "Graph", state: "State", loaded: "Loaded") -> None:
    from golive.cli.words import printable

    word = typer.style("GO", fg="green", bold=True) if verdict.go else typer.style("NO-GO", fg="red", bold=True)
    own = step.id in graph.by_id
    run = f"; in the run it is {state.step(step.id).status}" if own and state.started else ""
    typer.echo(f"{step.site} {step.stage}: {word}{run}")
    for standing in verdict.standings:
        one = standing.assessment
        where = f"  ({loaded.where(one.path)})" if loaded.where(one.path) else ""
        mark = "✓" if not one.findings else "~" if standing.go else "✗"
        typer.echo(printable(f"  {mark} {one.rule}: {one.holds or one.explanation}{where}"))
        for finding in one.findings:
            about = f"{finding.about}: " if finding.about else ""
            typer.echo(printable(f"      {about}{finding.said}" + (f"; {finding.hint}" if finding.hint else "")))
        if standing.waiver:
            waiver = standing.waiver
            typer.echo(printable(f"      waived by {waiver.person} until {waiver.expires}: {waiver.reason}"))
        if standing.lapsed:
            typer.echo(printable(f"      {standing.lapsed}"))
    refused = own and str(state.step(step.id).status) == "refused"
    if not verdict.go and refused and step.do.inputs["waived_by"]:
        rule = verdict.against[0].assessment.rule
        said = f"golive waive {step.id} {rule} --until TIME --reason TEXT --as PERSON --key FILE"
        typer.echo(f"  mend it and run golive again, or have it waived: {said}")


def waive(
    step: Annotated[str, typer.Argument(metavar="GATE", help="The gate that refused, by its step.")],
    rule: Annotated[str, typer.Argument(metavar="RULE", help="The rule that refuses.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why the stage may be entered all the same.")],
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="When the waiver ends: 2026-11-30T06:00.")],
    person: Person = None,
    key: Key = None,
    plan: PlanPath = HERE,
) -> None:
    """Let a stage be entered although a rule of its gate refuses, signed, with a reason and an end."""
    from dataclasses import replace

    from golive.cli.asking import utc
    from golive.cli.people import desk, signature_of
    from golive.run.waive import check_waiver, refusal_of, waived, waiver_statement

    opened = open_run(plan)
    at = desk(opened, plan)
    try:
        expires = utc(until)
    except ValueError as error:
        raise UsageError(f"{until} is no time", "write it as 2026-11-30T06:00, or with a zone behind it") from error
    refusal = refusal_of(at, step, rule)
    check_waiver(at, refusal, person or "", expires)
    for said in refusal.said:
        typer.echo(f"{rule}: {said}")
    text = waiver_statement(at, refusal, person or "", reason, expires, opened.journal.head)
    event = waived(at, refusal, person or "", reason, expires, text, signature_of(person, key, text))

    def still(state: "State") -> None:
        if refusal_of(replace(at, state=state), step, rule).nonce != refusal.nonce:
            raise GateRefused(f"{step} was judged again meanwhile", "golive gates shows how it stands")

    opened.journal.append(event, still=still)
    typer.echo(f"{step}: {rule} is waived by {person} until {event.expires}; golive run opens the gate with it")
