"""Commands that look at a run from anywhere: status, events. They change nothing."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from golive.cli.context import HERE, Format, Opened, PlanPath, one_of, open_run
from golive.cli.journal import refuse_broken
from golive.errors import Exit, UsageError

RunName = Annotated[str | None, typer.Option("--run", metavar="RUN", help="Another run than the latest.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(status)
    app.command()(events)


def status(
    plan: PlanPath = HERE,
    run: RunName = None,
    output: Format = "text",
    step: Annotated[str | None, typer.Option("--step", metavar="STEP", help="All about one step.")] = None,
) -> None:
    """Show how the run stands: each host, what runs, what failed, what waits for a person."""
    one_of(output, "text", "json")
    opened = open_run(plan, run)
    if step:
        return _one_step(opened, step, output)
    if output == "json":
        typer.echo(json.dumps(_as_json(opened), indent=2))
        return None
    from golive.cli import timely
    from golive.cli.failed import failures
    from golive.cli.progress import next_for, recap

    state, graph = opened.journal.state, opened.graph
    exit = _verdict(opened)
    typer.echo(f"{opened.journal.run}: {graph.solution} {graph.version}, revision {state.revision}")
    typer.echo(_who(opened) + "\n")
    typer.echo(recap(graph, state))
    for attempt in state.open_attempts:
        typer.echo(f"{'unknown' if attempt.lost else 'running'}: {attempt.step}")
    for line in _rolling(opened):
        typer.echo(line)
    for line in () if state.ended else timely.lines(graph, state, opened.store.now()):
        typer.echo(line)
    for line in (*failures(graph, opened.journal), *(f"next: {line}" for line in next_for(exit, None, graph, state))):
        typer.echo(line)
    return None


def _rolling(opened: Opened) -> list[str]:
    from golive.cli import rolling

    known = rolling.history(opened.store, opened.journal.run)
    return rolling.lines(opened.graph, opened.journal.state, known, opened.store.now())


def _who(opened: Opened) -> str:
    state = opened.journal.state
    who = state.coordinator
    if state.ended:
        from golive.errors import Exit

        return f"ended: {Exit(state.ended.exit).meaning}"
    return f"last driven by {who.who} on {who.machine}, epoch {who.epoch}" if who else "not begun"


def _verdict(opened: Opened) -> Exit:
    from golive.reconcile.next import clock_of
    from golive.reconcile.verdict import verdict

    graph, state = opened.graph, opened.journal.state
    return clock_of(graph, state, opened.store.now()).exit(verdict(graph, state))


def _as_json(opened: Opened) -> dict[str, object]:
    from golive.cli import timely

    state, graph = opened.journal.state, opened.graph
    steps = [
        {"id": step.id, "stage": step.stage, "site": step.site, "host": step.host, "planned": step.planned}
        | {key: value for key, value in asdict(state.step(step.id)).items() if key in ("status", "attempt", "note")}
        for step in graph.steps
    ]
    return {
        "run": opened.journal.run,
        "revision": state.revision,
        "graph": state.graph,
        "head": opened.journal.head,
        "ended": state.ended.exit if state.ended else None,
        "verdict": int(_verdict(opened)),
        "rollout": _rolling(opened),
        "time": [] if state.ended else timely.lines(graph, state, opened.store.now()),
        "sites": {site: asdict(state.site(site)) for site in graph.sites},
        "steps": steps,
    }


def _one_step(opened: Opened, name: str, output: str) -> None:
    from golive.cli.words import printable

    step, state = opened.graph.by_id.get(name), opened.journal.state
    if step is None:
        raise UsageError(f"there is no step {name}", "golive graph lists them")
    attempts = [attempt for attempt in state.attempts.values() if attempt.step == name]
    if output == "json":
        typer.echo(json.dumps({"step": asdict(step), "attempts": [asdict(a) for a in attempts]}, indent=2))
        return
    typer.echo(f"{name}: {state.step(name).status}\n{step.title}\nverified by: {step.verify}\nplan: {step.source}")
    for attempt in attempts:
        ended = attempt.ended
        typer.echo(f"\nattempt {attempt.number} ({attempt.action}): {ended.outcome if ended else 'not ended'}")
        if ended:
            text = opened.store.blob(ended.output).decode("utf-8", "replace").replace("\x1e", "· ")
            typer.echo(printable(f"  {ended.note} ({ended.seconds} s)\n{text}"))


def events(plan: PlanPath = HERE, run: RunName = None, output: Format = "text") -> None:
    """Show the journal, entry by entry. JSON is one object a line."""
    from golive.cli.words import clock, printable
    from golive.journal.events import encode

    one_of(output, "text", "json")
    opened = open_run(plan, run)
    refuse_broken(opened)
    for entry in opened.store.entries(opened.journal.run):
        body = encode(entry.event)
        if output == "json":
            typer.echo(json.dumps({"seq": entry.seq, "at": entry.at, "hash": entry.hash, **body}))
        else:
            said = ", ".join(f"{key}={value}" for key, value in body.items() if key not in ("type", "evidence"))
            typer.echo(printable(f"{entry.seq:>5}  {clock(entry.at)}  {body['type']:<18} {said[:160]}"))
