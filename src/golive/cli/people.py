"""Commands of the people whom a run asks: tasks, do, approve, refuse. They touch only the journal."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from golive.cli.context import HERE, Format, Opened, PlanPath, load_plan, one_of, open_run
from golive.errors import GateRefused, UsageError

if TYPE_CHECKING:
    from golive.reconcile.state import State
    from golive.run.decide import Answer, Desk

StepName = Annotated[str, typer.Argument(metavar="STEP", help="The step that asks.")]
Person = Annotated[str | None, typer.Option("--as", metavar="PERSON", help="Who you are, by the name in the plan.")]
Key = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="Your SSH private key, or its public half.")]
Write = Annotated[
    Path | None, typer.Option("--write", metavar="FILE", help="Only write what is to be signed, for elsewhere.")
]
Signed = Annotated[
    Path | None, typer.Option("--signed", metavar="FILE", help="What --write wrote, signed: FILE.sig lies beside it.")
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="What you want to have on record.")]
MOST = 64 << 20
"""Bytes of the largest file that can be attached."""


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    for command in (tasks, do, approve, refuse):
        app.command()(command)


def tasks(
    plan: PlanPath = HERE,
    person: Annotated[str | None, typer.Option("--as", metavar="PERSON", help="Only what this person may do.")] = None,
    role: Annotated[str | None, typer.Option("--role", metavar="ROLE", help="Only what this role is asked.")] = None,
    site: Annotated[str | None, typer.Option("--site", metavar="SITE", help="Only this site.")] = None,
    output: Format = "text",
) -> None:
    """Show what waits for a person: tasks, approvals, gates that refuse."""
    from golive.cli.asking import lines, rows
    from golive.cli.words import printable

    one_of(output, "text", "json")
    opened = open_run(plan)
    people, now = load_plan(plan).plan.people, opened.store.now()
    if person and person not in people:
        raise UsageError(f"there is no person {person} in the plan", f"people: {', '.join(people)}")
    found = [
        row
        for row in rows(opened.graph, opened.journal.state, people, now)
        if (not person or person in row["people"])
        and (not role or role in row["role"].split(", "))
        and (not site or row["site"] == site)
    ]
    if output == "json":
        typer.echo(json.dumps(found, indent=2))
        return
    for row in found:
        for line in lines(row, opened.graph.by_id[row["step"]], now):
            typer.echo(printable(line))
    if not found:
        typer.echo("nothing waits for a person" if not (person or role or site) else "nothing like that waits")


def do(
    step: StepName,
    person: Person = None,
    key: Key = None,
    plan: PlanPath = HERE,
    attach: Annotated[
        list[str] | None, typer.Option("--attach", metavar="NAME=FILE", help="A file of evidence.")
    ] = None,
    answer: Annotated[
        list[str] | None, typer.Option("--answer", metavar="NAME=VALUE", help="An answer to a question of the task.")
    ] = None,
    could_not: Annotated[
        str, typer.Option("--could-not", metavar="REASON", help="It could not be done, and why.")
    ] = "",
    reason: Reason = "",
    write: Write = None,
    signed: Signed = None,
) -> None:
    """Say that a task is done, with its evidence and answers; or that it could not be done."""
    from golive.run.decide import Answer

    opened = open_run(plan)
    answers, verb = _pairs(answer or (), "--answer"), "cannot" if could_not else "do"
    if step in opened.graph.by_id and opened.graph.by_id[step].do.kind == "message":
        if answers.keys() != {"sent"} or answers["sent"] not in ("yes", "no"):
            raise UsageError(f"{step} asks whether a message was sent", "--answer sent=yes, or --answer sent=no")
        verb, answers = ("sent" if answers["sent"] == "yes" else "unsent"), {}
    attached = {name: _kept(opened, Path(file)) for name, file in _pairs(attach or (), "--attach").items()}
    _answered(
        opened, plan, step, Answer(person or "", verb, could_not or reason, answers, attached), key, write, signed
    )


def _pairs(items: Sequence[str], option: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in items:
        name, equals, value = item.partition("=")
        if not (name and equals and value):
            raise UsageError(f"{option} {item} has no name and value", f"write {option} NAME=VALUE")
        found[name] = value
    return found


def _kept(opened: Opened, file: Path) -> str:
    """Keeps a file in the store; returns its digest."""
    try:
        if file.stat().st_size > MOST:
            raise UsageError(
                f"{file} is larger than {MOST >> 20} MiB", "attach what tells where it lies, and its digest"
            )
        body = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", "name a file to attach") from error
    if not body:
        raise UsageError(f"{file} is empty", "attach the evidence itself")
    return opened.store.save_blob(body)


def approve(
    step: StepName,
    person: Person = None,
    key: Key = None,
    plan: PlanPath = HERE,
    reason: Reason = "",
    write: Write = None,
    signed: Signed = None,
) -> None:
    """Approve a step, with a signature by your SSH key."""
    from golive.run.decide import Answer

    _answered(open_run(plan), plan, step, Answer(person or "", "approve", reason), key, write, signed)


def refuse(
    step: StepName,
    person: Person = None,
    key: Key = None,
    plan: PlanPath = HERE,
    reason: Reason = "",
    write: Write = None,
    signed: Signed = None,
) -> None:
    """Refuse a step, with a reason and a signature by your SSH key."""
    from golive.run.decide import Answer

    if not reason and not signed:
        raise UsageError("a refusal needs a reason", "--reason TEXT: whoever has to mend it reads this")
    _answered(open_run(plan), plan, step, Answer(person or "", "refuse", reason), key, write, signed)


def desk(opened: Opened, plan: Path) -> "Desk":
    """Where answers to a run arrive, as it stands now."""
    from golive.run.decide import Desk

    journal = opened.journal
    heads = {entry.hash for entry in opened.store.entries(journal.run)}
    people = load_plan(plan).plan.people
    return Desk(journal.run, opened.graph, journal.state, people, heads.__contains__, opened.store.now())


def signature_of(person: str | None, key: Path | None, text: str) -> str:
    """The person's signature over a text, made here. Raises UsageError."""
    from golive.run.decide import sign

    if key is None or person is None:
        raise UsageError("who signs, and with which key?", "--as PERSON --key FILE")
    if not key.is_file():
        raise UsageError(f"there is no key {key}", "name your SSH private key with --key")
    return sign(text, key)


def _answered(
    opened: Opened,
    plan: Path,
    step: str,
    answer: "Answer",
    key: Path | None,
    write: Path | None,
    signed: Path | None,
) -> None:
    """Signs an answer, here or elsewhere, and hands it in."""
    from golive.run.decide import check_person, check_question, statement

    at = desk(opened, plan)
    if signed is not None:
        return _hand_in(opened, at, step, answer.verb, *_from(signed))
    asked = check_question(at, step)
    if not answer.person:
        raise UsageError("who are you?", "--as PERSON, by the name in the plan")
    check_person(at, step, answer.person)
    _check_words(at, step, answer)
    text = statement(asked, answer, at.run, opened.journal.head)
    if write is not None:
        write.write_text(text, encoding="utf-8")
        typer.echo(f"wrote {write}; sign it with: ssh-keygen -Y sign -n golive -f KEY {write}")
        typer.echo(
            f"then hand it in, with {write}.sig beside it, until {asked.expires}: the same command --signed {write}"
        )
        return None
    return _hand_in(opened, at, step, answer.verb, text, signature_of(answer.person, key, text))


def _check_words(at: "Desk", step: str, answer: "Answer") -> None:
    """Raises UsageError before anybody signs what could not be taken."""
    from golive.reconcile.people import VERBS, lacking

    of = at.graph.by_id[step]
    if answer.verb not in VERBS[of.do.kind]:
        hint = "golive do" if of.do.kind != "decision" else "golive approve, or golive refuse"
        raise UsageError(f"{step} is no step to {answer.verb}", f"answer it with: {hint}")
    if answer.verb == "do" and (why := lacking(of, answer.answers, answer.attached)):
        raise UsageError(why, f"could it not be done? golive do {step} --could-not REASON")


def _from(file: Path) -> tuple[str, str]:
    beside = file.with_name(f"{file.name}.sig")
    try:
        return file.read_text(encoding="utf-8"), beside.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        hint = f"{file} is what --write wrote, {beside} what ssh-keygen made of it"
        raise UsageError(f"{file} and {beside} cannot be read: {error}", hint) from error


def _hand_in(opened: Opened, at: "Desk", step: str, verb: str, text: str, signature: str) -> None:
    from dataclasses import replace

    from golive.run.decide import check_person, check_question, receive

    taken = receive(at, step, verb, text, signature)
    for name, digest in taken.attached.items():
        if not opened.store.blob(digest):
            raise GateRefused(f"what was attached as {name} is not here", "attach it where it is handed in")

    def still(state: "State") -> None:
        now = replace(at, state=state)
        if check_question(now, step).nonce != at.state.questions[step].nonce:
            raise GateRefused(f"{step} was asked again meanwhile", "answer the new question: golive tasks")
        check_person(now, step, taken.person)

    state = opened.journal.append(taken, still=still)
    typer.echo(f"{step}: {_WORDS[verb]} {taken.person}{_left(state, step)}")


_WORDS: Mapping[str, str] = {
    "approve": "approved by",
    "refuse": "refused by",
    "do": "done by",
    "cannot": "could not be done, says",
    "sent": "was sent, says",
    "unsent": "was not sent and will be sent again, says",
}


def _left(state: "State", step: str) -> str:
    from golive.reconcile.state import Status

    if state.step(step).status is Status.WAITING:
        return f"; {state.questions[step].persons - len(state.answers[step])} more has to approve"
    return "; golive run goes on" if state.step(step).status in (Status.DONE, Status.PENDING) else ""
