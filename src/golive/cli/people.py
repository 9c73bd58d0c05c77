"""Commands of the people whom a run asks: tasks, approve, refuse. They touch only the journal."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from golive.cli.context import HERE, Format, PlanPath, load_plan, one_of, open_run
from golive.errors import GateRefused, UsageError

if TYPE_CHECKING:
    from golive.reconcile.state import State

StepName = Annotated[str, typer.Argument(metavar="STEP", help="The step that asks.")]
Person = Annotated[str, typer.Option("--as", metavar="PERSON", help="Who you are, by the name in the plan.")]
Key = Annotated[Path, typer.Option("--key", metavar="FILE", help="Your SSH private key, or its public half.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    for command in (tasks, approve, refuse):
        app.command()(command)


def tasks(plan: PlanPath = HERE, output: Format = "text") -> None:
    """Show what waits for a person."""
    from golive.reconcile.state import Status

    one_of(output, "text", "json")
    state = open_run(plan).journal.state
    waiting = [asked for name, asked in state.questions.items() if state.step(name).status is Status.WAITING]
    if output == "json":
        typer.echo(json.dumps([{"step": a.step, "question": a.question, "role": a.role} for a in waiting], indent=2))
        return
    for asked in waiting:
        typer.echo(f"{asked.step}: {asked.question}")
        typer.echo(f"  to be answered by: {asked.role}, until {asked.expires}")
        typer.echo(f"  golive approve {asked.step} --as PERSON --key FILE   or: golive refuse … --reason TEXT")
    if not waiting:
        typer.echo("nothing waits for a person")


def approve(
    step: StepName,
    person: Person,
    key: Key,
    plan: PlanPath = HERE,
    reason: Annotated[str, typer.Option(help="What you want to have on record.")] = "",
) -> None:
    """Approve a step, with a signature by your SSH key."""
    _decide(plan, step, "approve", person, key, reason)


def refuse(
    step: StepName,
    person: Person,
    key: Key,
    reason: Annotated[str, typer.Option(help="Why: it is asked for.")],
    plan: PlanPath = HERE,
) -> None:
    """Refuse a step, with a reason and a signature by your SSH key."""
    _decide(plan, step, "refuse", person, key, reason)


def _decide(plan: Path, step: str, verb: str, person: str, key: Path, reason: str) -> None:
    from golive.run.decide import Answer, check_question, sign, statement, taken, verify

    opened = open_run(plan)
    journal = opened.journal
    asked = check_question(journal.state, step, opened.store.now())
    people, site = load_plan(plan).plan.people, opened.graph.by_id[step].site or ""
    if person not in people:
        raise UsageError(f"there is no person {person} in the plan", f"people: {', '.join(people)}")
    if not people[person].acts(asked.role, site):
        raise GateRefused(f"{person} has not the role {asked.role} at {site}", "see people: in the plan")
    if not key.is_file():
        raise UsageError(f"there is no key {key}", "name your SSH private key with --key")
    answer = Answer(person, verb, reason)
    text = statement(asked, answer, journal.run, journal.head)
    signature = sign(text, key)
    assert journal.state.started is not None, "a question is asked in a run that began"
    verify(text, signature, person, journal.state.started.signers)

    def still_asked(state: "State") -> None:
        if check_question(state, step, opened.store.now()).nonce != asked.nonce:
            raise GateRefused(f"{step} was asked again meanwhile", "answer the new question: golive tasks")

    journal.append(taken(asked, answer, text, signature), still=still_asked)
    typer.echo(f"{step}: {verb}d by {person}" if verb == "approve" else f"{step}: refused by {person}")
