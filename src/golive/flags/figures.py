"""Gate 10, figures reconcile: what deciders are shown is what the registers hold."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import ClassVar

from golive.flags.facts import Facts, Row
from golive.flags.flag import Flag
from golive.flags.words import span, young_until
from golive.gates.rule import Finding
from golive.plan.evidence import Figure
from golive.words import several


class FiguresReconcile(Flag):
    """A number and its register say the same."""

    id = "figures-reconcile"
    title = "Figures reconcile"
    explanation = (
        "Each number that deciders are shown is the number of lines of its register, counted lately; what is left out "
        "is counted and explained"
    )
    lesson = "TSB, 2018: the board was told of 800 defects; there were 2 000."
    evidence: ClassVar[tuple[str, ...]] = ("evidence.figures",)

    def claimed(self, facts: Facts) -> bool:
        return bool(facts.plan.evidence.figures)

    def holds(self, facts: Facts) -> str:
        return f"{several(len(facts.plan.evidence.figures), 'figure')} equal to the register"

    def lasts(self, facts: Facts) -> Iterator[date]:
        for figure in facts.plan.evidence.figures:
            yield young_until(figure.day, facts.plan.flags.counted_within)

    def judge(self, facts: Facts) -> Iterator[Finding]:
        for index, figure in enumerate(facts.plan.evidence.figures):
            path = f"evidence.figures[{index}]"
            if why := facts.unread.get(figure.register_file):
                said = f"{figure.shown}: {figure.register_file} cannot be read: {why}"
                yield self.found(facts, f"{path}.register", said, "put the register there", figure.shown)
                continue
            yield from self._counted(facts, figure, path)
            yield from self._young(facts, figure, path)
            if figure.dropped and not figure.because:
                said = f"{figure.shown}: {several(figure.dropped, 'line')} left out, and nothing says why"
                yield self.found(facts, f"{path}.dropped", said, "add because:", figure.shown)

    def _counted(self, facts: Facts, figure: Figure, path: str) -> Iterator[Finding]:
        rows = facts.rows.get(figure.register_file, ())
        held = sum(1 for row in rows if _counts(row, figure.where))
        if figure.value + figure.dropped != held:
            which = f" ({', '.join(f'{key} {value}' for key, value in figure.where.items())})" if figure.where else ""
            left = f" and {figure.dropped} left out" if figure.dropped else ""
            said = f"deciders are shown {figure.value} {figure.shown}{left}; {figure.register_file} holds {held}{which}"
            remedy = "count again, and tell them the number of the register"
            yield self.found(facts, f"{path}.value", said, remedy, figure.shown)

    def _young(self, facts: Facts, figure: Figure, path: str) -> Iterator[Finding]:
        within = facts.plan.flags.counted_within
        if figure.day > facts.today:
            said = f"{figure.shown} was counted on {figure.day}, which is still to come"
            yield self.found(facts, f"{path}.day", said, "mend the date", figure.shown)
        elif young_until(figure.day, within) < facts.today:
            said = f"{figure.shown} was counted on {figure.day}, more than {span(within)} ago"
            yield self.found(facts, f"{path}.day", said, "count again", figure.shown)


def _counts(row: Row, where: Mapping[str, str]) -> bool:
    return all(row.get(key, "").strip().casefold() == value.strip().casefold() for key, value in where.items())
