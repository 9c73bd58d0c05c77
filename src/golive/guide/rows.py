"""A step as the guide prints it, wherever it occurs: in a procedure, in a checklist, in a sentence."""

from collections.abc import Iterator, Sequence
from typing import Any

from golive.calendar.zone import local, shown
from golive.graph.step import Stage, Step
from golive.graph.words import span
from golive.guide.context import Context
from golive.guide.document import (
    Block,
    Cell,
    Column,
    Line,
    Row,
    Section,
    Span,
    Table,
    cell,
    code,
    dim,
    line,
    link,
    row,
    strong,
    table,
)
from golive.guide.ran import Ran
from golive.guide.words import PARTIES, at, listed, undone, visible
from golive.reconcile.state import Status

_PROCEDURE = (
    Column("No.", 0.55),
    Column("Step", 3.1),
    Column("Where, who", 1.45),
    Column("Planned", 1.15),
    Column("How it is verified and undone", 2.6),
)
_CHECK = (
    Column("", 0.35),
    Column("No.", 0.5),
    Column("Step", 3.6),
    Column("Where", 0.9),
    Column("Expected", 1.5),
    Column("Time", 0.8),
    Column("Initials", 0.8),
)


def procedure(context: Context, site: str | None) -> Iterator[Block]:
    """All steps of a site (none: of the controller), stage by stage, with all there is to say of each."""
    for stage in Stage:
        if steps := context.steps(site, stage):
            rows = tuple(_row(context, step) for step in steps)
            yield Section(stage.capitalize(), (Table(_PROCEDURE, rows, name="procedure"),))


def checklist(context: Context, site: str | None) -> Iterator[Block]:
    """All steps of a site, to be ticked on paper."""
    for stage in Stage:
        if steps := context.steps(site, stage):
            rows = tuple(_check(context, step) for step in steps)
            yield Section(stage.capitalize(), (Table(_CHECK, rows, "check", "checklist"),))


def brief(context: Context, steps: Sequence[Step], otherwise: str) -> Block:
    """Some steps with where they are done, and when they hold."""
    heads = (Column("No.", 0.6), Column("Check", 2.5), Column("Holds when", 3.2), Column("Host", 1))
    rows = (row(number(context, step), visible(step.title), verification(step), where(step)) for step in steps)
    return table(heads, rows, otherwise, name="gates.checks")


def number(context: Context, step: Step) -> Span:
    """The step's number, which leads to the step."""
    return link(context.numbers[step.id], f"step-{context.numbers[step.id]}")


def where(step: Step) -> str:
    """The host, or that it is done by golive's own machine, or by a person."""
    if step.host:
        return step.host
    return "a person" if step.do.kind in ("decision", "person") else "controller"


def tone(step: Step) -> str:
    """What a row of this step looks like."""
    return "no-return" if step.no_return else "decision" if step.do.kind in ("decision", "person") else ""


def flags(context: Context, step: Step) -> Line:
    """What people must not miss about a step."""
    found = [Span("point of no return", "red")] if step.no_return else []
    found += [Span("decision", "amber")] if step.do.kind == "decision" else []
    found += [Span("by hand", "amber")] if step.do.kind == "person" else []
    found += [Span("critical path", "blue")] if step.id in context.critical else []
    return tuple(part for flag in found for part in (flag, Span(" ")))


def _row(context: Context, step: Step) -> Row:
    shown_as = context.numbers[step.id]
    said = [line(strong(visible(step.title))), line(code(step.id)), flags(context, step)]
    said += [line(detail) for detail in details(step)] + [_behind(context, step)]
    proof = line(dim("Verified: "), verification(step) or "by its exit status only")
    return row(
        shown_as,
        cell(*said),
        cell(where(step), dim(who(context, step))),
        cell(*planned(context, step)),
        cell(proof, line(dim("Undone: "), undone(step)), *done(context, step)),
        anchor=f"step-{shown_as}",
        tone=tone(step),
    )


def _behind(context: Context, step: Step) -> Line:
    script = [link("script", f"script-{context.numbers[step.id]}")] if step.do.kind == "script" else []
    after = [dim(f"after {needs(context, step)}")] if step.needs else []
    return line(*after, *([dim(" · ")] if after and script else []), *script)


def planned(context: Context, step: Step) -> Iterator[str | Span]:
    """How long a step should take, and when: by the rollout's clock, and by the site's where it has a date."""
    yield span(step.planned)
    yield dim(at(context.start(step)))
    if at_site := local_time(context, step):
        yield dim(at_site)


def local_time(context: Context, step: Step) -> str:
    """When a step is expected by the clocks of its site; empty: the plan has no date."""
    when = context.when(step)
    return shown(when, context.zone(step.site)) if when else ""


def _check(context: Context, step: Step) -> Row:
    said = [line(visible(step.title))]
    said += [flags(context, step)] if tone(step) else []
    expected = local_time(context, step) or at(context.start(step))
    ran = context.ran.of(step.id) if context.ran else Ran()
    ended = cell(f"{local(ran.ended, context.zone(step.site)):%H:%M}") if ran.ended else Cell()
    return row(
        "",
        context.numbers[step.id],
        cell(*said),
        where(step),
        f"{expected}, {span(step.planned)}",
        ended,
        cell(ran.who),
        tone=tone(step),
    )


_LOOKS = {Status.DONE: "strong", Status.PENDING: "dim", Status.FAILED: "red", Status.RESIDUE: "red"}


def done(context: Context, step: Step) -> Iterator[Line]:
    """What became of a step in the run that the guide tells of, and where that differed."""
    if context.ran is None:
        return
    ran, zone = context.ran.of(step.id), context.zone(step.site)
    took = f", {span(ran.seconds)}" if ran.seconds is not None else ""
    when = f" {shown(ran.began, zone)}{took}" if ran.began else ""
    yield line(Span(ran.status, _LOOKS.get(ran.status, "amber")), when, dim(f" {ran.who}") if ran.who else "")
    for note in (*ran.notes, *late(context, step, ran)):
        yield line(Span("differs", "amber"), f" {note}")


LATE = 900.0
"""Seconds by which a step may begin behind its expected time without being told."""


def late(context: Context, step: Step, ran: Ran) -> Iterator[str]:
    """That a step began later than expected, where the plan has dates."""
    expected = context.when(step)
    if expected and ran.began and (behind := (ran.began - expected).total_seconds()) > LATE:
        yield f"began {span(behind)} later than expected"


def who(context: Context, step: Step) -> str:
    """The party that does the step; for what people sign those who may sign it."""
    if step.do.kind in ("decision", "person"):
        role = str(step.do.inputs.get("role", ""))
        names = context.names(role, step.site or None, signing=True)
        return f"{listed(names)} ({role})" if names else f"{role}: nobody with a key"
    login = step.place.login if step.place else step.owner
    with_login = f" (login: {PARTIES.get(login, login)})" if login != step.owner else ""
    return PARTIES.get(step.owner, step.owner) + with_login


def verification(step: Step) -> str:
    """How it is known that the step worked, with the host's address filled in."""
    address = step.place.address if step.place else "{host}"
    return visible(step.verify).replace("{host}", address)


def needs(context: Context, step: Step) -> str:
    """The numbers of the steps that it needs, runs of them as ranges."""
    return ranges(context, step.needs)


def ranges(context: Context, ids: Sequence[str]) -> str:
    """The numbers of steps, in order, runs of them as ranges."""
    pairs = sorted(tuple(int(part) for part in context.numbers[name].split(".")) for name in ids)
    runs: list[list[tuple[int, ...]]] = []
    for pair in pairs:
        if runs and runs[-1][-1] == (pair[0], pair[1] - 1):
            runs[-1].append(pair)
        else:
            runs.append([pair])
    return ", ".join(_range(run) for run in runs)


def _range(run: Sequence[tuple[int, ...]]) -> str:
    first, last = (f"{a}.{b}" for a, b in (run[0], run[-1]))
    return first if len(run) == 1 else f"{first}{', ' if len(run) == 2 else ' to '}{last}"


def details(step: Step) -> tuple[str, ...]:
    """What a step does that runs no script of its own: files, logins, questions, tasks, messages."""
    inputs: dict[str, Any] = dict(step.do.inputs)
    match step.do.kind:
        case "deliver":
            return (f"The files of {inputs['component']} go to {inputs['depot']} on the host.",)
        case "login":
            party = PARTIES.get(str(inputs["party"]), str(inputs["party"]))
            return (f"One login as the {party}; it must {'succeed' if inputs['expect'] else 'be refused'}.",)
        case "decision":
            return (f"The question stands for {span(float(inputs['valid_for']))}; the answer is an SSH signature.",)
        case "person":
            return tuple(_task(inputs))
        case "message":
            return (f"“{visible(str(inputs['text']))}”",)
        case _:
            return ()


def _task(inputs: dict[str, Any]) -> Iterator[str]:
    rest = visible(str(inputs["instruction"])).strip().splitlines()[1:]
    yield from (text.strip() for text in rest if text.strip())
    if inputs["evidence"]:
        yield f"To attach: {listed(list(inputs['evidence']))}."
    for answer in inputs["answers"]:
        yield f"To answer: {answer['question']}"
    yield f"Due {span(float(inputs['due']))} after it is asked; the answer is an SSH signature."
