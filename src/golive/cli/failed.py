"""What a person is shown of a step that stands in the way: what ran, where, how it differed, what it said, and why."""

import typer

from golive.cli.words import duration, printable
from golive.graph.graph import Graph
from golive.graph.step import Step
from golive.journal.events import Do
from golive.reconcile.hints import hint
from golive.reconcile.standing import past_no_return
from golive.reconcile.state import Attempt, State, Status
from golive.resources.report import State as Resource
from golive.resources.report import parse, plain
from golive.run.journal import Journal

SHOWN = (Status.FAILED, Status.REFUSED, Status.UNREACHABLE, Status.UNKNOWN, Status.INTERRUPTED, Status.RESIDUE)
LINES = 8
"""So many of the last lines are shown."""


def failures(graph: Graph, journal: Journal) -> list[str]:
    """All steps that stand in the way, and those that were skipped."""
    lines: list[str] = []
    for step in graph.steps:
        held = journal.state.step(step.id)
        if held.status in SHOWN:
            lines += report(step, journal) + choices(step, graph, journal.state)
        elif held.status is Status.SKIPPED:
            lines.append(f"skipped: {step.id} by {printable(held.note)}")
    return lines


def report(step: Step, journal: Journal) -> list[str]:
    """One step: where it ran, what the plan says where, what it is about, how it differed, its last lines, a hint."""
    held = journal.state.step(step.id)
    attempt = journal.state.attempts.get(held.attempt or 0)
    text = _output(attempt, journal)
    found = hint(f"{held.note}\n{text}")
    return [
        f"{held.status}: {step.id} on {step.lane}" + (f" ({step.source})" if step.source else ""),
        f"    {printable(held.note)}",
        f"    ran: {_ran(step, attempt)}",
        *(f"    {line}" for line in _differed(text)),
        *(f"    | {printable(line)}" for line in plain(text).rstrip().splitlines()[-LINES:] if line.strip()),
        *([f"    likely: {found.cause}", f"    try: {found.remedy}"] if found else []),
        f"    all of it: golive status --step {step.id}",
    ]


def _output(attempt: Attempt | None, journal: Journal) -> str:
    output = attempt.ended.output if attempt and attempt.ended else ""
    return journal.store.blob(output).decode("utf-8", "replace") if output else ""


def _ran(step: Step, attempt: Attempt | None) -> str:
    what = f"take back: {step.title}" if attempt and attempt.action is Do.UNDO else step.title
    where = f" at {step.place.address}" if step.place else ""
    if attempt is None or attempt.ended is None:
        return what + where
    exit = f", exit {attempt.ended.exit}" if attempt.ended.exit is not None else ""
    return f"{what}{where}, attempt {attempt.number}{exit}, after {duration(attempt.ended.seconds)}"


def _differed(text: str) -> list[str]:
    """How the resource that failed differed from what is wanted."""
    failed = next((item for item in parse(text) if item.state in (Resource.FAILED, Resource.RESIDUE)), None)
    if failed is None or not failed.diff:
        return []
    return [f"differed: {printable(failed.title)}", *(f"  {printable(line)}" for line in failed.diff[:20])]


def choices(step: Step, graph: Graph, state: State) -> list[str]:
    """The commands with which a person can go on from here."""
    site = state.site(step.site)
    if state.step(step.id).status is Status.RESIDUE and site.backing_out:
        if step.serves and not site.ended:
            return [
                "    then: mend it; golive run tries to go back once more. The new system serves until then",
                f"    or: golive roll-forward {step.site} --reason TEXT goes on with the new system",
            ]
        return [f"    then: golive retry {step.id} takes it back once more"]
    if state.ended or state.abort or site.backing_out:
        return []
    found = [f"golive retry {step.id}"]
    if step.skippable and step.do.kind not in ("decision", "gate"):
        found.append(f"golive skip {step.id} --as PERSON --key FILE --reason TEXT")
    if step.site and not past_no_return(step.site, graph, state):
        found.append(f"golive back-out {step.site}")
    return [f"    then: {'   or: '.join(found)}"]


def show(step: Step, journal: Journal) -> None:
    """Prints the report on one step."""
    for line in report(step, journal):
        typer.echo(line)
