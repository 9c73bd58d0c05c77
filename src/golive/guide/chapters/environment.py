"""Delivery environment: operations tools, end user tools, database, control processes, support, monitoring, backup."""

from collections.abc import Iterator

from golive.graph.step import Step
from golive.graph.words import span
from golive.guide.context import Context
from golive.guide.document import Block, Column, Missing, Section, cell, code, dim, prose, row, strong, table
from golive.guide.words import binary, day_of, listed, visible
from golive.words import several


def write(context: Context) -> tuple[Block, ...]:
    """The chapter."""
    standards = context.plan.standards
    return (
        Section("Operations tools and facilities", (_operations(context),)),
        Section("End user tools", (_front(context),)),
        Section("Database", (_database(context),)),
        Section("Control processes", (_control(context),)),
        Section("Secrets", (_secrets(context),)),
        Section("Operations support", tuple(prose(standards.support, "The plan does not say whom to call."))),
        Section("Monitoring and alarms", (*prose(standards.monitoring, _SILENT), _alarms(context))),
        Section("Behaviour under failure and capacity", tuple(prose(standards.capacity, _SILENT))),
        Section("Backup and restore", (_backups(context),)),
        *context.gap(_missing(context)),
    )


_SILENT = "The plan does not say."


def _operations(context: Context) -> Block:
    handover = context.plan.handover
    rows = (
        row(
            code(f"/usr/local/sbin/{context.plan.solution.name}-{item.name}"),
            item.purpose or item.name,
            f"hosts of {item.on}",
        )
        for item in (handover.procedures if handover else ())
    )
    heads = (Column("Command on the host", 1.4), Column("When it is needed", 2), Column("Where", 0.8))
    return table(heads, rows, "The plan names no procedures.", name="environment.tools")


def _front(context: Context) -> Block:
    cutover = context.plan.cutover
    rows = (
        row(f"front door, seen from {spec.on}", visible(spec.check.sentence()))
        for spec in (cutover.verify if cutover else ())
    )
    return table(
        ("Entrance", Column("What must hold there", 2)),
        rows,
        "The plan names no check at the front door.",
        name="environment.front",
    )


def _database(context: Context) -> Block:
    cutover = context.plan.cutover
    rows = (
        row(f"{mover.kind} {getattr(mover, 'database', '')}".strip(), f"moves from {mover.source} to {mover.target}")
        for mover in (cutover.move if cutover else ())
    )
    return table(("Mover", Column("What it does", 2)), rows, "The plan moves no data.", name="environment.database")


def _control(context: Context) -> Block:
    steps = context.graph.steps
    checks = sum(1 for step in steps if step.verify)
    said = [
        ("Verified steps", f"{checks} of {several(len(steps), 'step')} say how it is known that they worked."),
        ("Decisions", f"{_count(steps, 'decision')} signed by a person, as an SSH signature over the site's digest."),
        (
            "Tasks by hand",
            f"{_count(steps, 'person', 'task')} done and signed by a person, with the evidence attached.",
        ),
        ("Gates", f"{_count(steps, 'gate')} that open on evidence only."),
        ("Journal", "Each attempt, its outcome and each decision are events in a hash chain, also kept on the hosts."),
    ]
    return table(("Control", Column("What it gives", 3)), (row(*one) for one in said), "", name="environment.control")


def _count(steps: tuple[Step, ...], kind: str, noun: str = "") -> str:
    return several(sum(1 for step in steps if step.do.kind == kind), noun or kind)


def _secrets(context: Context) -> Block:
    said = {"env": "an environment variable", "file": "a file", "command": "a command"}
    rows = (
        row(name, f"from {said[key]} where golive runs; its value stands nowhere in this guide")
        for name, source in context.plan.secrets.items()
        for key in said
        if getattr(source, key)
    )
    return table(
        ("Secret", Column("Where it comes from", 2.5)), rows, "The plan uses no secrets.", name="environment.secrets"
    )


def _alarms(context: Context) -> Block:
    contingency, people = context.plan.contingency, context.plan.people
    rows = (
        row(
            cell(strong(name), alarm.says or ""),
            (people[alarm.route].name if alarm.route in people else alarm.route) or "nobody",
            span(alarm.acknowledge_within) if alarm.acknowledge_within else "no time",
            day_of(alarm.fired) if alarm.fired else "never",
        )
        for name, alarm in (contingency.alarms if contingency else {}).items()
    )
    heads = (Column("Alarm", 2), "Who gets it", "To be acknowledged within", "Last set off in a test")
    return table(heads, rows, "The plan names no alarms.", name="environment.alarms")


def _backups(context: Context) -> Block:
    rows = (
        row(
            cell(strong(one.name), dim(f"tool {one.tool or 'not told'}, server {one.server or 'not told'}")),
            listed(one.covers),
            f"{one.newest:%Y-%m-%d %H:%M}" if one.newest else "not told",
            binary(one.size) if one.size else "not told",
            day_of(one.restored) if one.restored else "never",
        )
        for one in context.plan.evidence.backups
    )
    heads = (Column("Backup", 1.4), Column("Covers", 1.6), "Newest", Column("Size", 0.7), "Last restored in a test")
    return table(
        heads,
        rows,
        "The plan names no backups; those that operators make stand in the Operations Manual.",
        name="environment.backups",
    )


def _missing(context: Context) -> Iterator[Missing]:
    plan = context.plan
    if not (plan.handover and plan.handover.procedures):
        keys = ("handover.procedures",)
        yield Missing("operations tools: procedures such as start, stop, backup and restore", keys, "handover")
    if not (plan.cutover and plan.cutover.verify):
        keys = ("cutover.verify",)
        yield Missing("what end users open, and how it is checked from their side", keys, "cutover")
    if not (plan.cutover and plan.cutover.move):
        yield Missing("the database, and how its data moves", ("cutover.move",), "cutover")
    if not plan.standards.support:
        yield Missing("operations support: whom to call and when", ("standards.support",), "cutover")
    if not (plan.standards.monitoring or (plan.contingency and plan.contingency.alarms)):
        keys = ("standards.monitoring", "contingency.alarms")
        yield Missing("monitoring, its alarms and who acknowledges them", keys, "cutover")
    if not plan.standards.capacity:
        said = "capacity, and how the solution behaves when a part of it fails"
        yield Missing(said, ("standards.capacity",), "cutover")
    if not plan.evidence.backups:
        said = "the backups that the rollout relies on, and when one was last restored"
        yield Missing(said, ("evidence.backups",), "cutover")
