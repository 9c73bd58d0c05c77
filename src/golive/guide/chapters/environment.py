"""Delivery environment: operations tools, end user tools, database, control processes, operations support."""

from collections.abc import Iterator
from dataclasses import dataclass

from golive.graph.step import Step
from golive.guide.context import Context, Missing
from golive.guide.words import listed, paragraphs, several, visible


@dataclass(frozen=True)
class Item:
    """One item: what it is and what the plan says of it."""

    name: str
    said: str


@dataclass(frozen=True)
class Environment:
    """The tools and processes around the solution."""

    operations: tuple[Item, ...]
    front: tuple[Item, ...]
    database: tuple[Item, ...]
    control: tuple[Item, ...]
    secrets: tuple[Item, ...]
    support: tuple[str, ...]
    missing: tuple[Missing, ...]


def write(context: Context) -> Environment:
    """The chapter."""
    return Environment(
        operations=tuple(_operations(context)),
        front=tuple(_front(context)),
        database=tuple(_database(context)),
        control=tuple(_control(context)),
        secrets=tuple(_secrets(context)),
        support=paragraphs(context.plan.standards.support),
        missing=tuple(_missing(context)),
    )


def _operations(context: Context) -> Iterator[Item]:
    handover = context.plan.handover
    for procedure in handover.procedures if handover else ():
        called = f"/usr/local/sbin/{context.plan.solution.name}-{procedure.name}"
        yield Item(called, f"{procedure.purpose or procedure.name} On the hosts of {procedure.on}.")


def _front(context: Context) -> Iterator[Item]:
    cutover = context.plan.cutover
    for spec in cutover.verify if cutover else ():
        yield Item(f"front door, seen from {spec.on}", visible(spec.check.sentence()))


def _database(context: Context) -> Iterator[Item]:
    cutover = context.plan.cutover
    for mover in cutover.move if cutover else ():
        yield Item(
            f"{mover.kind} {getattr(mover, 'database', '')}".strip(), f"moves from {mover.source} to {mover.target}"
        )


def _control(context: Context) -> Iterator[Item]:
    steps = context.graph.steps
    checks = [step for step in steps if step.verify]
    yield Item(
        "Verified steps", f"{len(checks)} of {several(len(steps), 'step')} say how it is known that they worked."
    )
    yield Item(
        "Decisions", f"{_count(steps, 'decision')} signed by a person, as an SSH signature over the site's digest."
    )
    yield Item("Journal", "Each attempt, its outcome and each decision are events in a hash chain.")


def _count(steps: tuple[Step, ...], kind: str) -> str:
    return several(sum(1 for step in steps if step.do.kind == kind), kind)


def _secrets(context: Context) -> Iterator[Item]:
    for name, source in context.plan.secrets.items():
        kind = listed([key for key in ("env", "file", "command") if getattr(source, key)])
        said = {"env": "an environment variable", "file": "a file", "command": "a command"}[kind]
        yield Item(name, f"from {said} where golive runs; its value stands nowhere in this guide")


def _missing(context: Context) -> Iterator[Missing]:
    plan = context.plan
    if not (plan.handover and plan.handover.procedures):
        yield Missing("operations tools: procedures such as start, stop, backup and restore", ("handover.procedures",))
    if not (plan.cutover and plan.cutover.verify):
        yield Missing("what end users open, and how it is checked from their side", ("cutover.verify",))
    if not (plan.cutover and plan.cutover.move):
        yield Missing("the database, and how its data moves", ("cutover.move",))
    if not plan.standards.support:
        yield Missing("operations support: whom to call and when", ("standards.support",))
    yield Missing("monitoring, its alarms and who acknowledges them")
    yield Missing("capacity, and how the solution behaves when a part of it fails")
