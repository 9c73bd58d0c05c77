"""The cutover, apart from a run: what stands in its way."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from golive.cli.context import HERE, Format, PlanPath, load_plan, one_of
from golive.cli.look import Site
from golive.errors import Exit, GoliveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from golive.graph.step import Step
    from golive.method.findings import Finding
    from golive.plan.plan import Loaded
    from golive.run.fleet import Fleet


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(cutover)


def cutover(
    plan: PlanPath = HERE,
    check: Annotated[
        bool, typer.Option("--check", help="Look at both systems and say what stands in the way.")
    ] = False,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Prove the copy against the live old system; no fence, no switch.")
    ] = False,
    site: Site = None,
    output: Format = "text",
) -> None:
    """Look before a cutover: what blocks it and what to do, or how long it would stall. Moves nothing."""
    from golive.cli.words import printable
    from golive.graph.findings import steps
    from golive.graph.site import SiteScope

    one_of(output, "text", "json")
    if check == rehearse:
        hint = "golive cutover --check says what stands in its way, --rehearse how long it would stall"
        raise UsageError("a cutover is done by golive run", hint)
    loaded = load_plan(plan)
    names = [name for name in loaded.plan.sites if site in (None, name)]
    if rehearse:
        raise typer.Exit(int(asyncio.run(_rehearse(plan, loaded, names))))
    asked = [step for name in names for step in steps(SiteScope(loaded, name), ())]
    if not asked:
        raise UsageError("the plan moves no database there", f"sites: {', '.join(loaded.plan.sites)}")
    found = asyncio.run(_find(plan, asked))
    typer.echo(_json(found) if output == "json" else printable(_text(found)))
    codes: list[Any] = [one.exit for _, one in found if isinstance(one, GoliveError)]
    blocked = any(one.severity == "blocks" for _, some in found if not isinstance(some, GoliveError) for one in some)
    from golive.reconcile.verdict import worst

    if code := worst([*codes, Exit.GATE_REFUSED if blocked else Exit.DONE]):
        raise typer.Exit(int(code))


async def _rehearse(plan: PlanPath, loaded: "Loaded", names: "Sequence[str]") -> Exit:
    """One site after the other, so that the figure of one is not that of a busy machine. Raises UsageError."""
    from golive.graph.protocol import rehearsal
    from golive.graph.site import SiteScope
    from golive.reconcile.verdict import worst
    from golive.run.fleet import Fleet
    from golive.run.project import Project

    asked = [step for name in names for step in rehearsal(SiteScope(loaded, name))]
    if not asked:
        raise UsageError("no database follows there", "only what is moved by postgresql: can be rehearsed like this")
    project = Project(plan)
    fleet = Fleet(loaded.plan.access, project.folder, project.known_hosts)
    try:
        return worst([await _rehearsed(fleet, step) for step in asked])
    finally:
        await fleet.close()


async def _rehearsed(fleet: "Fleet", step: "Step") -> Exit:
    from golive.cli.words import printable
    from golive.hosts.plain import ask

    def shown(piece: bytes) -> None:
        typer.echo(printable(piece.decode("utf-8", "replace")), nl=False)

    typer.echo(f"{step.site}: the proofs of the cutover, while the old system serves")
    try:
        done = await ask(fleet.host(step), step.do.inputs["script"], {}, shown)
    except GoliveError as error:
        typer.echo(f"{step.lane}: {error.message}\n    hint: {error.hint}", err=True)
        return error.exit
    if done.exit == 0:
        return Exit.DONE
    said = printable(done.stderr.decode("utf-8", "replace")).strip().rpartition("\n")[2]
    hint = "a rehearsal needs the copy: golive run, and let it come to follow-postgresql"
    typer.echo(f"{step.lane}: {said or f'exit {done.exit}'}\n    hint: {hint}", err=True)
    return Exit.FAILED


Found = list[tuple["Step", "Sequence[Finding] | GoliveError"]]


async def _find(plan: PlanPath, asked: "Sequence[Step]") -> Found:
    from golive.run.fleet import Fleet
    from golive.run.project import Project

    project = Project(plan)
    fleet = Fleet(load_plan(plan).plan.access, project.folder, project.known_hosts)
    try:
        return [(step, await _one(fleet, step)) for step in asked]
    finally:
        await fleet.close()


async def _one(fleet: "Fleet", step: "Step") -> "Sequence[Finding] | GoliveError":
    from golive.run.executors.findings import find

    try:
        return await find(fleet, step, step.do)
    except GoliveError as error:
        return error


def _json(found: Found) -> str:
    moves = [
        {
            "step": step.id,
            "findings": [] if isinstance(some, GoliveError) else [one.as_json() for one in some],
            "error": some.message if isinstance(some, GoliveError) else None,
        }
        for step, some in found
    ]
    return json.dumps(moves, indent=2)


def _text(found: Found) -> str:
    from golive.method.findings import summary

    lines: list[str] = []
    for step, some in found:
        if isinstance(some, GoliveError):
            lines.append(f"{step.id}: {some.message}\n    hint: {some.hint}")
            continue
        lines.append(f"{step.id}: {summary(some)}")
        for one in some:
            lines.append(f"  {one.severity:<6}  {one.id:<18}  {one.where}")
            lines += [f"{'':28}  {one.what}", f"{'':28}  → {one.do}"]
    return "\n".join([*lines, "nothing was changed"])
