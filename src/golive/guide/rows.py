"""A step as the guide prints it, wherever it occurs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from golive.graph.draw import span
from golive.graph.step import Stage, Step
from golive.guide.context import Context
from golive.guide.words import PARTIES, at, listed, undone, visible


@dataclass(frozen=True)
class StepRow:
    """One step, in words."""

    number: str
    id: str
    title: str
    host: str
    who: str
    planned: str
    start: str
    needs: str
    details: tuple[str, ...]
    verify: str
    undo: str
    critical: bool
    no_return: bool
    decision: bool
    script: bool


@dataclass(frozen=True)
class StageRows:
    """The steps of one stage."""

    stage: str
    rows: tuple[StepRow, ...]


def by_stage(context: Context, site: str | None) -> tuple[StageRows, ...]:
    """All steps of a site, stage by stage."""
    made = ((stage, context.steps(site, stage)) for stage in Stage)
    return tuple(StageRows(stage, tuple(row(context, step) for step in held)) for stage, held in made if held)


def row(context: Context, step: Step) -> StepRow:
    """One step in words."""
    return StepRow(
        number=context.numbers[step.id],
        id=step.id,
        title=visible(step.title),
        host=step.host or "controller",
        who=who(context, step),
        planned=span(step.planned),
        start=at(context.start(step)),
        needs=needs(context, step),
        details=details(context, step),
        verify=verification(step),
        undo=undone(step),
        critical=step.id in context.critical,
        no_return=step.no_return,
        decision=step.do.kind == "decision",
        script=step.do.kind == "script",
    )


def who(context: Context, step: Step) -> str:
    """The party that does the step; for a decision the people who may take it."""
    if step.do.kind == "decision":
        role = str(step.do.inputs.get("role", ""))
        names = [person.name for _, person in context.acting(role, step.site or "") if person.key]
        return f"{listed(names)} ({role})" if names else role
    login = step.place.login if step.place else step.owner
    with_login = f" (login: {PARTIES.get(login, login)})" if login != step.owner else ""
    return PARTIES.get(step.owner, step.owner) + with_login


def verification(step: Step) -> str:
    """How it is known that the step worked, with the host's address filled in."""
    address = step.place.address if step.place else "{host}"
    return visible(step.verify).replace("{host}", address)


def needs(context: Context, step: Step) -> str:
    """The numbers of the steps that it needs, runs of them as ranges."""
    numbers = sorted(tuple(int(part) for part in context.numbers[need].split(".")) for need in step.needs)
    return _ranges([(pair[0], pair[1]) for pair in numbers])


def _ranges(numbers: Sequence[tuple[int, int]]) -> str:
    runs: list[list[tuple[int, int]]] = []
    for number in numbers:
        if runs and runs[-1][-1] == (number[0], number[1] - 1):
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = [f"{a}.{b}" for run in runs for a, b in run[:1]]
    ends = [f" to {run[-1][0]}.{run[-1][1]}" if len(run) > 1 else "" for run in runs]
    return ", ".join(first + end for first, end in zip(shown, ends, strict=True))


def details(context: Context, step: Step) -> tuple[str, ...]:
    """What a step does that runs no script of its own: files, logins, questions."""
    inputs: dict[str, Any] = dict(step.do.inputs)
    match step.do.kind:
        case "deliver":
            return (f"The files of {inputs['component']} go to {inputs['depot']} on the host.",)
        case "login":
            party = PARTIES.get(str(inputs["party"]), str(inputs["party"]))
            return (f"One login as the {party}; it must {'succeed' if inputs['expect'] else 'be refused'}.",)
        case "decision":
            return (f"The question stands for {span(float(inputs['valid_for']))}; the answer is an SSH signature.",)
        case _:
            return ()
