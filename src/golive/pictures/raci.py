"""Who is responsible, accountable, consulted and informed, as the plan has it.

1. R does it: the party whose login golive uses, or the role of a task.
2. A answers for it: the role that signs; of a stage, the lead, who answers its flags as well.
3. C is asked before: the roles whose tasks and signatures a stage waits for.
4. I is told: the receivers of the messages about a stage.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from golive.graph.graph import Graph
from golive.graph.step import Stage, Step
from golive.graph.words import short
from golive.pictures.sheet import DIM, INK, PALE, PAPER, SMALL, STAGES, TALL, TINT, WIDTH, Sheet, numbered, paged
from golive.pictures.text import width, wrap
from golive.plan.plan import Plan

_LEFT, _TOP, _HEAD, _ROW, _COUNT = 268.0, 26.0, 104.0, 28.0, 10
_PARTIES = {"team": "project team", "operators": "client's operators"}
_STAGE_SAYS = {
    Stage.DEFINE: "gather artifacts, write the guide",
    Stage.BASELINE: "bring hosts to the architecture",
    Stage.DEPLOY: "install the components",
    Stage.CUTOVER: "move data and traffic",
    Stage.HANDOVER: "hand over procedures and access",
}
_FILLS = {"R": "#dcebfa", "A": "#fde3cf", "C": "#f1f5df", "I": "#ececec"}


@dataclass(frozen=True)
class Row:
    """One activity, and what each party or role has to do with it: letters, by role."""

    stage: str
    activity: str
    letters: Mapping[str, str]


def rows(plan: Plan, graph: Graph) -> tuple[Row, ...]:
    """The activities, stage by stage; what is the same at several sites is one."""
    ordered = sorted(graph.steps, key=lambda step: step.stage.order)
    by_stage = {stage: list(group) for stage, group in groupby(ordered, key=lambda step: step.stage)}
    return tuple(row for stage, steps in by_stage.items() for row in _stage(plan, stage, steps))


def roles(held: Sequence[Row]) -> tuple[str, ...]:
    """The parties and roles of these rows: parties first, then in order of their first letter."""
    named = dict.fromkeys(role for row in held for role in row.letters)
    parties = [role for role in _PARTIES.values() if role in named]
    return (*parties, *(role for role in named if role not in parties))


def _stage(plan: Plan, stage: Stage, steps: Sequence[Step]) -> Iterator[Row]:
    lead = "lead" if any("lead" in person.roles for person in plan.people.values()) else ""
    asked = [step for step in steps if step.do.kind in ("decision", "person")]
    told = [step for step in steps if step.do.kind == "message"]
    doing = [step for step in steps if step not in asked and step not in told]
    letters = dict[str, str]()
    for owner in dict.fromkeys(step.owner for step in doing):
        _add(letters, _PARTIES.get(owner, owner), "R")
    _add(letters, lead, "A")
    for step in asked:
        role = str(step.do.inputs["role"])
        if role not in letters:
            _add(letters, role, "C")
    for step in told:
        _add(letters, str(step.do.inputs["to"]), "I")
    yield Row(stage, _STAGE_SAYS[stage], letters)
    for step in {short(step): step for step in reversed(asked)}.values():
        yield _asked(step, lead)


def _asked(step: Step, lead: str) -> Row:
    role, letters = str(step.do.inputs["role"]), dict[str, str]()
    if step.do.kind == "decision":
        _add(letters, role, "A")
        return Row(step.stage, f"decide: {step.title}", letters)
    _add(letters, role, "R")
    _add(letters, lead, "A")
    return Row(step.stage, step.title, letters)


def _add(letters: dict[str, str], role: str, letter: str) -> None:
    if role and letter not in letters.get(role, ""):
        letters[role] = letters.get(role, "") + letter


def sheets(plan: Plan, graph: Graph) -> tuple[str, ...]:
    """The matrix; more roles or activities than fit on a sheet go on on the next one.

    Args:
        plan: the plan.
        graph: its graph.
    """
    held = rows(plan, graph)
    named = roles(held)
    parts = [named[start : start + _COUNT] for start in range(0, max(len(named), 1), _COUNT)]
    pages = paged([_ROW] * len(held), TALL - _TOP - _HEAD - 24)
    both = [(page, part) for part in parts for page in pages]
    return tuple(
        _sheet([held[place] for place in page], part, numbered("Who does what", index, len(both)))
        for index, (page, part) in enumerate(both)
    )


def _sheet(held: Sequence[Row], named: Sequence[str], title: str) -> str:
    sheet, top = Sheet(), _TOP + min(max((width(role, 11, bold=True) for role in named), default=0) + 16, _HEAD)
    sheet.words(4, 16, title, WIDTH - 8, 13, bold=True)
    wide = min((WIDTH - _LEFT - 4) / max(len(named), 1), 64.0)
    for place, role in enumerate(named):
        sheet.upright(_LEFT + (place + 0.5) * wide + 4, top - 6, role, _HEAD - 10, size=11)
    for number, row in enumerate(held):
        _row(sheet, row, named, top + number * _ROW, wide, number)
    bottom = top + len(held) * _ROW
    said = "R does it · A answers for it, by signature or as the lead · C is asked before · I is told"
    sheet.words(4, bottom + 15, said, WIDTH - 8, SMALL, colour=DIM)
    told = "; ".join(f"{row.activity}: {', '.join(f'{of} {by}' for by, of in row.letters.items())}" for row in held)
    return sheet.svg(title, told, bottom + 22)


def _row(sheet: Sheet, row: Row, named: Sequence[str], y: float, wide: float, number: int) -> None:
    right = _LEFT + len(named) * wide
    sheet.box(0, y, right, _ROW, TINT if number % 2 else PAPER, "")
    sheet.path(f"M0 {y:g}H{right:g}", PALE, stroke_width=0.7)
    sheet.box(0, y + 1, 4, _ROW - 2, STAGES[row.stage], "")
    sheet.words(10, y + 19, row.stage, 58, SMALL, colour=STAGES[row.stage], bold=True)
    lines = len(wrap(row.activity, SMALL, _LEFT - 78, 2))
    sheet.words(72, y + (13 if lines > 1 else 19), row.activity, _LEFT - 78, SMALL, lines=2)
    for place, role in enumerate(named):
        letters = row.letters.get(role, "")
        for index, letter in enumerate(letters):
            x = _LEFT + (place + 0.5) * wide + (index - (len(letters) - 1) / 2) * 20
            sheet.box(x - 9, y + 6, 18, 18, _FILLS[letter], "", rx=3)
            sheet.words(x, y + 19, letter, 18, bold=True, colour=INK, anchor="middle")
