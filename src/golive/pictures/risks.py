"""The risks of the plan as a matrix: how likely against how bad, and below it what each is and what is done."""

from collections.abc import Sequence

from golive.pictures.sheet import AMBER, DIM, GREEN, INK, NORMAL, PAPER, RED, SMALL, TALL, WIDTH, Sheet, numbered, paged
from golive.pictures.text import wrap
from golive.plan.plan import Plan
from golive.plan.risk import Level, Risk

_LEFT, _CELL, _HIGH, _TOP = 84.0, 194.0, 62.0, 34.0
_FILLS = ("#e2f1e4", "#f1f5df", "#fff3d0", "#fde3cf", "#fbdedb")
_COLOURS = (GREEN, GREEN, AMBER, RED, RED)
_ACROSS = 8
"""How many numbers stand side by side in a cell; it has two rows of them."""
_TEXT = WIDTH - 40.0


def sheets(plan: Plan, legend: bool = True) -> tuple[str, ...]:
    """The matrix with the list of risks, and more of the list on further sheets; none when the plan names no risk.

    Args:
        plan: the plan.
        legend: whether the list stands below; without it the numbers are the places of the risks in the plan.
    """
    if not plan.risks:
        return ()
    texts = [_texts(plan, risk) for risk in plan.risks] if legend else []
    heights = [14.0 * len(lines) + 8 for lines in texts]
    matrix = 3 * _HIGH + 46
    first = paged([matrix, *heights], TALL - _TOP - 10)
    pages = [range(max(page.start - 1, 0), page.stop - 1) for page in first]
    return tuple(
        _sheet(plan, texts, page, numbered("Risks", index, len(pages)), matrix if index == 0 else 0)
        for index, page in enumerate(pages)
    )


def _texts(plan: Plan, risk: Risk) -> tuple[tuple[str, bool], ...]:
    """What is written of a risk, in lines; true: in bold."""
    owner = plan.people[risk.owner].name if risk.owner in plan.people else risk.owner
    about = wrap(risk.about, NORMAL, _TEXT, 3, bold=True)
    response = wrap(f"{risk.response} Watched by {owner}.", NORMAL, _TEXT, 3)
    return (*((line, True) for line in about), *((line, False) for line in response))


def _sheet(plan: Plan, texts: Sequence[Sequence[tuple[str, bool]]], page: range, title: str, matrix: float) -> str:
    sheet = Sheet()
    sheet.words(4, 16, title, WIDTH - 8, 13, bold=True)
    if matrix:
        _matrix(sheet, plan.risks)
    y = _TOP + matrix
    for place in page:
        risk = plan.risks[place]
        _number(sheet, 18, y + 4, place + 1, risk)
        hover = f"{risk.name}: {risk.about} {risk.response}"
        for line, bold in texts[place]:
            sheet.words(36, y + 8, line, _TEXT, bold=bold, hover=hover)
            y += 14
        y += 8
    said = "; ".join(f"{risk.name}: likelihood {risk.likelihood}, impact {risk.impact}" for risk in plan.risks)
    return sheet.svg(title, said, y + 6)


def _matrix(sheet: Sheet, risks: Sequence[Risk]) -> None:
    levels = tuple(Level)
    for row, likelihood in enumerate(reversed(levels)):
        y = _TOP + row * _HIGH
        sheet.words(_LEFT - 8, y + _HIGH / 2 + 4, likelihood, 54, bold=True, anchor="end")
        for column, impact in enumerate(levels):
            held = [
                (number, risk)
                for number, risk in enumerate(risks, 1)
                if (risk.likelihood, risk.impact) == (likelihood, impact)
            ]
            _cell(sheet, held, _LEFT + column * _CELL, y, likelihood.order + impact.order)
    bottom = _TOP + 3 * _HIGH
    for column, impact in enumerate(levels):
        sheet.words(_LEFT + (column + 0.5) * _CELL, bottom + 14, impact, _CELL, bold=True, anchor="middle")
    sheet.words(_LEFT + 1.5 * _CELL, bottom + 28, "impact", 200, SMALL, colour=DIM, anchor="middle")
    sheet.upright(14, _TOP + 2 * _HIGH, "likelihood", 100, colour=DIM)


def _cell(sheet: Sheet, held: Sequence[tuple[int, Risk]], x: float, y: float, weight: int) -> None:
    sheet.box(x, y, _CELL, _HIGH, _FILLS[weight], PAPER)
    room = 2 * _ACROSS
    shown = held if len(held) <= room else held[: room - 1]
    for place, (number, risk) in enumerate(shown):
        _number(sheet, x + 15 + place % _ACROSS * 23, y + 18 + place // _ACROSS * 26, number, risk)
    if len(held) > len(shown):
        rest = ", ".join(risk.name for _, risk in held[len(shown) :])
        place = len(shown)
        more = f"+{len(held) - len(shown)}"
        sheet.words(x + 15 + place % _ACROSS * 23, y + 48, more, 26, SMALL, anchor="middle", hover=rest)


def _number(sheet: Sheet, x: float, y: float, number: int, risk: Risk) -> None:
    colour = _COLOURS[risk.likelihood.order + risk.impact.order]
    sheet.dot(x, y, 10.5, PAPER, colour)
    sheet.words(x, y + 4, str(number), 22, SMALL, bold=True, colour=INK, anchor="middle", hover=risk.name)
