"""The yellow flag *untested complex scenarios*: the whole matrix, and what of it nobody has seen."""

from collections.abc import Iterator
from typing import ClassVar

from golive.flags.facts import Facts
from golive.flags.flag import Flag
from golive.flags.scenarios import Cell, cells, has_evidence, matrix
from golive.flags.words import some
from golive.gates.rule import Finding, Severity
from golive.words import several


class UntestedScenarios(Flag):
    """How much of the scenario matrix is shown."""

    id = "untested-scenarios"
    title = "Untested complex scenarios"
    explanation = (
        "Every scenario that the plan contains (component, mechanism, profile of the site, upgrade or fresh, forward "
        "or back-out, failure) was tested or rehearsed with this version: golive flags --matrix"
    )
    evidence: ClassVar[tuple[str, ...]] = ("evidence.tests", "evidence.trials")
    severity = Severity.WARNING
    owner = "tester"

    def claimed(self, facts: Facts) -> bool:
        return has_evidence(facts) or bool(facts.plan.contingency and facts.plan.contingency.failures)

    def holds(self, facts: Facts) -> str:
        return f"{several(sum(1 for _ in matrix(facts.plan)), 'scenario')} shown or deferred"

    def judge(self, facts: Facts) -> Iterator[Finding]:
        open_ones: dict[tuple[str, str], list[Cell]] = {}
        counts: dict[tuple[str, str], int] = {}
        for scenario, cell in zip(matrix(facts.plan), cells(facts, matrix(facts.plan)), strict=True):
            key = (scenario.id.split("/")[0], scenario.id.rpartition("/")[2])
            counts[key] = counts.get(key, 0) + 1
            if not cell.shown and not cell.deferred:
                open_ones.setdefault(key, []).append(cell)
        for key, held in open_ones.items():
            yield self._open(facts, key, held, counts[key])

    def _open(self, facts: Facts, key: tuple[str, str], held: list[Cell], count: int) -> Finding:
        component, failure = key
        when = "" if failure == "none" else f" when {failure} happens"
        path = f"components.{component}"
        if failure != "none" and facts.plan.contingency:
            path = f"contingency.failures[{facts.plan.contingency.failures.index(failure)}]"
        names = some([cell.scenario.partition("/")[2] for cell in held], 1)
        said = f"{len(held)} of {several(count, 'scenario')} of {component}{when} are shown by nothing: {names}"
        return self.found(facts, path, said, "rehearse or test them, or defer them: golive flags --matrix", component)
