"""Gate 4, scenario coverage: each component, edge and back-out was tested, or is deferred by somebody who signs."""

from collections.abc import Iterator
from typing import ClassVar

from golive.flags.facts import Facts
from golive.flags.flag import Flag
from golive.flags.scenarios import Coverage, Scenario, deferred, essentials, has_evidence
from golive.gates.rule import Finding
from golive.words import several


class ScenarioCoverage(Flag):
    """What nobody goes live without is shown to work."""

    id = "scenario-coverage"
    title = "Scenario coverage"
    explanation = (
        "Each component, each dependency between two and the back-out of each stage was tested with this version and "
        "passed; what is removed or deferred has an owner, a workaround and a signature"
    )
    lesson = "Phoenix pay, 2016: functions were removed to keep the date, and what was left was not tested together."
    evidence: ClassVar[tuple[str, ...]] = ("evidence.tests", "evidence.trials")
    owner = "tester"

    def claimed(self, facts: Facts) -> bool:
        return has_evidence(facts)

    def holds(self, facts: Facts) -> str:
        all_of_them = list(essentials(facts.plan))
        left = sum(1 for scenario in all_of_them if deferred(facts, scenario.id))
        return f"{several(len(all_of_them) - left, 'essential scenario')} shown, {left} deferred"

    def judge(self, facts: Facts) -> Iterator[Finding]:
        for index, results in enumerate(facts.plan.evidence.tests):
            if why := facts.unread.get(results.file):
                remedy = "put the results there, as JUnit XML"
                yield self.found(facts, f"evidence.tests[{index}]", f"{results.file} cannot be read: {why}", remedy)
        coverage = Coverage(facts)
        for scenario in essentials(facts.plan):
            if not coverage.by(scenario.id) and not deferred(facts, scenario.id):
                yield self._untested(facts, scenario, coverage)
        yield from self._deferred(facts)

    def _untested(self, facts: Facts, scenario: Scenario, coverage: Coverage) -> Finding:
        said = f"{scenario.id}: {coverage.against(scenario.id)}"
        return self.found(facts, scenario.path, said, "test it, or defer it with an owner who signs", scenario.id)

    def _deferred(self, facts: Facts) -> Iterator[Finding]:
        for index, one in enumerate(facts.plan.evidence.deferred):
            path, what = f"evidence.deferred[{index}]", f"{one.scenario} is deferred"
            if one.owner not in facts.plan.people:
                yield self.found(facts, f"{path}.owner", f"{what} by nobody who is in people", "name its owner")
            if not one.workaround:
                remedy = "add workaround:, or test it"
                yield self.found(facts, path, f"{what}, and nothing says what people do meanwhile", remedy)
            if why := facts.is_signed(one.signed):
                yield self.found(facts, path, f"{what}, and {why}", "let somebody sign that it may", one.scenario)
