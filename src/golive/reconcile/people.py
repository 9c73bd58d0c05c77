"""Who may answer a question, and why not. Pure.

1. A question is open while its step waits, its run and its site go on, it has not expired, and the plan that it was
   asked about is the plan that runs.
2. A person answers in a role that the plan gives them at the site.
3. Who did the work does not approve it: neither the person who did a task that the decision stands on, nor the one who
   ran golive for a step that it stands on. It is the person that counts, not the key: two entries of the plan with one
   e-mail address are one person.
4. Where two people must approve, they are two.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from golive.graph.graph import Graph
from golive.graph.step import Step
from golive.journal.events import DecisionAsked, Do
from golive.plan.people import Person
from golive.reconcile.standing import scope_digest, wanted_digest
from golive.reconcile.state import State, Status

People = Mapping[str, Person]

VERBS: Mapping[str, tuple[str, ...]] = {
    "decision": ("approve", "refuse"),
    "person": ("do", "cannot"),
    "message": ("sent", "unsent"),
}
"""What may be answered, by the kind of step that asks."""


WEEK = 7 * 86400.0


def question(step: Step, graph: Graph, attempt: int, nonce: str, evidence: str, now: datetime) -> DecisionAsked:
    """What a step asks a person now.

    Args:
        step: the step.
        graph: the graph in which it stands.
        attempt: the question's number.
        nonce: what tells it from every other question.
        evidence: digest of what the person decides on.
        now: the time, with zone.
    """
    inputs = step.do.inputs
    unsure = f"Was the message “{inputs.get('title', '')}” to {inputs.get('to', '')} sent? golive cannot tell."

    def at(seconds: float) -> str:
        return (now + timedelta(seconds=seconds)).isoformat(timespec="seconds")

    return DecisionAsked(
        attempt=attempt,
        step=step.id,
        question=inputs.get("question", unsure),
        role=inputs.get("role", ""),
        nonce=nonce,
        expires=at(inputs.get("valid_for", WEEK)),
        scope=scope_digest(step, graph),
        evidence=evidence,
        due=at(inputs["due"]) if "due" in inputs else "",
        persons=inputs.get("persons", 1),
        covers="" if step.do.kind == "decision" else step.digest,
    )


def closed(name: str, graph: Graph, state: State, now: datetime) -> str:
    """Why the question of a step takes no answer now; empty: it is open."""
    step, asked = graph.by_id.get(name), state.questions.get(name)
    if step is None:
        return f"there is no step {name} in this run"
    if state.site(step.site).backing_out:
        return f"{name} is closed: {step.site} goes back to the old system ({state.site(step.site).because})"
    if state.ended:
        return f"{name} is closed: the run has ended"
    if asked is None or state.step(name).status is not Status.WAITING:
        return _not_waiting(name, state)
    if datetime.fromisoformat(asked.expires) <= now:
        return f"too late: the question of {name} expired at {asked.expires}"
    if (asked.covers or asked.scope) != wanted_digest(step, graph):
        return f"{name} was asked before the plan was amended"
    return ""


def _not_waiting(name: str, state: State) -> str:
    answers = state.answers.get(name, ())
    if answers and state.step(name).status in (Status.DONE, Status.REFUSED, Status.FAILED):
        last = answers[-1]
        return (
            f"too late: {last.person} answered {name} already ({last.verb}{f': {last.reason}' if last.reason else ''})"
        )
    return f"{name} asks nothing now: it is {state.step(name).status}"


def may_not(person: str, step: Step, graph: Graph, state: State, people: People) -> str:
    """Why a person may not answer the open question of a step; empty: they may."""
    asked, site = state.questions[step.id], step.site or ""
    if person not in people:
        return f"there is no person {person} in the plan"
    if asked.role and not people[person].acts(asked.role, site):
        return f"{person} has not the role {asked.role} at {site}"
    if step.do.kind == "decision":
        for hand, what in hands(step, graph, state):
            if _is(person, hand, people):
                return f"{person} {what}: another person has to decide"
    for given in state.answers.get(step.id, ()):
        if given.attempt == asked.attempt and _is(person, given.person, people):
            return f"{person} has answered already: another person has to"
    return ""


def able(step: Step, graph: Graph, state: State, people: People) -> tuple[str, ...]:
    """The people who may answer the open question of a step and have a key."""
    return tuple(name for name, of in people.items() if of.key and not may_not(name, step, graph, state, people))


def hands(step: Step, graph: Graph, state: State) -> Iterator[tuple[str, str]]:
    """Who did what a decision stands on at its site: a person or a login, and what they did."""
    for name in _under(step, graph):
        other = graph.by_id[name]
        if other.do.kind == "person":
            yield from ((given.person, f"did {name}") for given in state.answers.get(name, ()))
        elif other.do.kind not in VERBS:
            attempt = state.attempts.get(state.step(name).attempt or 0)
            if attempt and attempt.action is Do.DO and attempt.epoch in state.drivers:
                yield state.drivers[attempt.epoch], f"ran golive for {name}"


def _under(step: Step, graph: Graph) -> Iterator[str]:
    """Everything at its site that a step stands on."""
    seen: set[str] = set()
    left = list(step.needs)
    while left:
        name = left.pop()
        if name not in seen and graph.by_id[name].site == step.site:
            seen.add(name)
            left += graph.by_id[name].needs
            yield name


def _is(person: str, hand: str, people: People) -> bool:
    """Whether a person of the plan is the one who is meant by a name of the plan or by a login."""
    one, other = people[person], people.get(hand)
    if hand in (person, one.login):
        return True
    return other is not None and bool(one.email) and (one.email or "").casefold() == (other.email or "").casefold()


def lacking(step: Step, answers: Mapping[str, str], attached: Mapping[str, str]) -> str:
    """What is missing, or wrong, in what a person brings to a task; empty: nothing."""
    wanted = {item["name"]: item for item in step.do.inputs.get("answers", ())}
    files = set(step.do.inputs.get("evidence", ()))
    if missing := sorted(files - attached.keys()):
        return f"{step.id} wants evidence: attach it with --attach {missing[0]}=FILE"
    if strange := sorted(attached.keys() - files):
        return f"{step.id} wants no evidence called {strange[0]}: {', '.join(sorted(files)) or 'none at all'}"
    if strange := sorted(answers.keys() - wanted.keys()):
        return f"{step.id} asks nothing called {strange[0]}: {', '.join(wanted) or 'nothing at all'}"
    for name, item in wanted.items():
        if name not in answers:
            return f"{step.id} asks: {item['question']} Answer with --answer {name}={_shape(item)}"
        if not _fits(answers[name], item):
            return f"{name}={answers[name]} is no answer to “{item['question']}”: write {name}={_shape(item)}"
    return ""


def _shape(item: Mapping[str, object]) -> str:
    match item.get("type", "text"):
        case "number":
            return "NUMBER"
        case "yes-no":
            return "yes|no"
        case "choice":
            return "|".join(str(choice) for choice in item.get("choices", ()))  # pyright: ignore
        case _:
            return "TEXT"


def _fits(answer: str, item: Mapping[str, object]) -> bool:
    match item.get("type", "text"):
        case "number":
            return answer.removeprefix("-").replace(".", "", 1).isdigit()
        case "yes-no" | "choice":
            return answer in _shape(item).split("|")
        case _:
            return bool(answer.strip())


def open_questions(graph: Graph, state: State) -> tuple[DecisionAsked, ...]:
    """All questions that wait for a person, in the order of the graph; those of sites that go back are left out."""
    if state.ended:
        return ()
    return tuple(
        state.questions[step.id]
        for step in graph.steps
        if step.id in state.questions
        and state.step(step.id).status is Status.WAITING
        and not state.site(step.site).backing_out
    )
