"""What people are asked, as they see it: tasks, decisions, messages of which nobody knows, gates that refuse."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from golive.cli.words import duration
from golive.graph.graph import Graph
from golive.graph.step import Step
from golive.journal.events import DecisionAsked
from golive.plan.people import Person
from golive.reconcile.people import able, open_questions
from golive.reconcile.state import State, Status

SIGNED = "--as PERSON --key FILE"


def command(step: Step) -> str:
    """What a person types to answer a step."""
    inputs = step.do.inputs
    match step.do.kind:
        case "person":
            files = "".join(f" --attach {name}=FILE" for name in inputs["evidence"])
            answers = "".join(f" --answer {item['name']}=…" for item in inputs["answers"])
            return f"golive do {step.id}{files}{answers} {SIGNED}"
        case "message":
            return f"golive do {step.id} --answer sent=yes|no {SIGNED}"
        case _:
            return f"golive approve {step.id} {SIGNED}"


def otherwise(step: Step) -> str:
    """What a person types who cannot, or will not."""
    match step.do.kind:
        case "person":
            return "could not do it: --could-not REASON in place of what is attached and answered"
        case "message":
            return "no: it is sent once more"
        case _:
            return "or: golive refuse … --reason TEXT"


def rows(graph: Graph, state: State, people: Mapping[str, Person], now: datetime) -> Iterator[dict[str, Any]]:
    """Everything that waits for a person, as JSON values: questions in the order of the graph, then refused gates."""
    for asked in open_questions(graph, state):
        yield _question(graph.by_id[asked.step], asked, graph, state, people, now)
    for step in graph.steps:
        open_site = not state.ended and not state.site(step.site).backing_out
        if step.do.kind == "gate" and state.step(step.id).status is Status.REFUSED and open_site:
            yield _gate(step, state, people)


def _question(
    step: Step, asked: DecisionAsked, graph: Graph, state: State, people: Mapping[str, Person], now: datetime
) -> dict[str, Any]:
    given = [answer.person for answer in state.answers.get(step.id, ())]
    inputs = step.do.inputs
    return {
        "step": step.id,
        "kind": {"decision": "approval", "person": "task"}.get(step.do.kind, step.do.kind),
        "site": step.site,
        "question": asked.question,
        "instruction": inputs.get("instruction", ""),
        "role": asked.role,
        "people": list(able(step, graph, state, people)),
        "persons": asked.persons,
        "approved": given,
        "due": asked.due,
        "late": bool(asked.due) and datetime.fromisoformat(asked.due) <= now,
        "expires": asked.expires,
        "expired": datetime.fromisoformat(asked.expires) <= now,
        "evidence": list(inputs.get("evidence", ())),
        "answers": list(inputs.get("answers", ())),
        "command": command(step),
    }


def _gate(step: Step, state: State, people: Mapping[str, Person]) -> dict[str, Any]:
    roles = step.do.inputs["waived_by"]
    may = [
        name
        for name, person in people.items()
        if person.key and any(person.acts(role, step.site or "") for role in roles)
    ]
    return {
        "step": step.id,
        "kind": "gate",
        "site": step.site,
        "question": f"The gate refuses: {state.step(step.id).note}",
        "role": ", ".join(roles),
        "people": may,
        "command": f"golive gates --site {step.site} --stage {step.stage}",
    }


def lines(row: Mapping[str, Any], step: Step, now: datetime) -> Iterator[str]:
    """One of these rows in words."""
    yield f"{row['step']} ({row['kind']}): {row['question']}"
    for line in str(row.get("instruction", "")).splitlines():
        yield f"  | {line}"
    if row["kind"] == "gate":
        yield f"  who may waive it: {', '.join(row['people']) or 'nobody: see gates: waived_by: in the plan'}"
        yield f"  {row['command']}"
        return
    role = f" ({row['role']})" if row["role"] else ""
    yield f"  by {' or '.join(row['people']) or 'nobody who has a key and did not do the work'}{role}{_times(row, now)}"
    if row["persons"] > 1:
        yield f"  {row['persons']} people have to; so far: {', '.join(row['approved']) or 'none'}"
    for item in row["answers"]:
        yield f"  ? {item['name']}: {item['question']}"
    yield f"  {row['command']}"
    yield f"  {otherwise(step)}"


def _times(row: Mapping[str, Any], now: datetime) -> str:
    if row["expired"]:
        return f"; it expired at {_clock(row['expires'])}: golive run asks it again"
    due = f"; due {_clock(row['due'])}" if row["due"] else ""
    late = f", LATE by {duration((now - datetime.fromisoformat(row['due'])).total_seconds())}" if row["late"] else ""
    return f"{due}{late}; stands until {_clock(row['expires'])}"


def _clock(at: str) -> str:
    """A time, with its day, as the person's own clock shows it."""
    return datetime.fromisoformat(at).astimezone().strftime("%a %d %b %H:%M")


def utc(text: str) -> datetime:
    """A time as people write it: ISO 8601; without a zone it is the person's own. Raises ValueError."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.astimezone()).astimezone(UTC)
