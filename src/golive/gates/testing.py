"""The criterion *testing complete*: results are there, of the very version, young enough, and cover what they must.

1. Each file of results says which version was tested, and when; one that does not say proves nothing.
2. A test that failed is a no-go, whatever it is about. A skipped one proves nothing.
3. Each component and each scenario that the plan names has at least one test that passed, and none that was skipped.
"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from golive.gates.facts import Case, Facts, Results
from golive.gates.rule import Finding, Rule
from golive.words import several


def tests(criterion: Mapping[str, Any]) -> Rule[Facts]:
    """The rule.

    Args:
        criterion: ``results`` (files), the ``version`` that will be installed, ``artifacts`` (digest by component),
            ``exact`` (whether results must name these digests), ``within`` (seconds), ``components`` and ``scenarios``
            (pattern by name).
    """

    def judge(facts: Facts) -> Iterator[Finding]:
        for file in criterion["results"]:
            if why := facts.unread.get(file):
                yield Finding(f"{file}: {why}", hint="put the results of the tests there, as JUnit XML")
        for results in facts.results:
            yield from _of_the_version(criterion, results)
            yield from _young(criterion, results, facts)
        yield from _passed(facts)
        yield from _covered(criterion, facts)

    def holds(facts: Facts) -> str:
        cases = [case for results in facts.results for case in results.cases]
        passed, skipped = _count(cases, "passed"), _count(cases, "skipped")
        files = ", ".join(results.file for results in facts.results)
        return f"{several(passed, 'test')} of {criterion['version']} passed, {skipped} skipped ({files})"

    said = f"Testing is complete: results of {criterion['version']}, young enough, with nothing failed or left out"
    return Rule(criterion["id"], said, judge, holds, criterion["path"])


def _of_the_version(criterion: Mapping[str, Any], results: Results) -> Iterator[Finding]:
    if results.version != criterion["version"]:
        tested = f"are of version {results.version}" if results.version else "do not say which version was tested"
        hint = "a property `version` of the suite says it; test the version that is installed"
        yield Finding(f"the results {tested}, {criterion['version']} will be installed", results.file, hint)
    for component, wanted in criterion["artifacts"].items():
        tested = results.artifacts.get(component)
        if tested and tested != wanted:
            said = f"{component} was tested with the artifact {tested[:12]}, {wanted[:12]} will be installed"
            yield Finding(said, results.file, "test what is installed", facts={"tested": tested, "installed": wanted})
        elif not tested and criterion["exact"]:
            hint = f"a property `artifact.{component}` of the suite says it: {wanted}"
            yield Finding(f"the results do not say which artifact of {component} was tested", results.file, hint)


def _young(criterion: Mapping[str, Any], results: Results, facts: Facts) -> Iterator[Finding]:
    if results.at is None:
        yield Finding("the results do not say when they were made", results.file, "a `timestamp` of the suite says it")
        return
    age = (facts.now - results.at).total_seconds()
    if age > criterion["within"]:
        said = f"the results are {age / 86400:.0f} days old, at most {criterion['within'] / 86400:g} allowed"
        yield Finding(said, results.file, "run the tests again", facts={"at": results.at.isoformat()})
    elif age < -3600:
        yield Finding(f"the results are of {results.at.isoformat()}, which is still to come", results.file)


def _passed(facts: Facts) -> Iterator[Finding]:
    for results in facts.results:
        bad = [case.name for case in results.cases if case.outcome in ("failed", "error")]
        if bad:
            more = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
            said = f"{len(bad)} of {len(results.cases)} tests failed: {', '.join(bad[:5])}{more}"
            yield Finding(said, results.file, "mend and test again, or have it waived", facts={"failed": sorted(bad)})


def _covered(criterion: Mapping[str, Any], facts: Facts) -> Iterator[Finding]:
    cases = [case for results in facts.results for case in results.cases]
    for what in ("component", "scenario"):
        for name, pattern in criterion[f"{what}s"].items():
            own = [case for case in cases if _is_of(case, what, name, pattern)]
            skipped = [case.name for case in own if case.outcome == "skipped"]
            if not own:
                said = f"no test is about the {what} {name} ({pattern or f'property component = {name}'})"
                yield Finding(said, name, "test it, or mend the pattern")
            elif skipped and (what == "scenario" or not _count(own, "passed")):
                said = f"tests of the {what} {name} were skipped: {', '.join(skipped[:5])}"
                yield Finding(said, name, "run them", facts={"skipped": sorted(skipped)})


def _is_of(case: Case, what: str, name: str, pattern: str) -> bool:
    if pattern:
        return fnmatchcase(case.name, pattern)
    return what == "component" and case.component == name


def _count(cases: list[Case], outcome: str) -> int:
    return sum(1 for case in cases if case.outcome == outcome)
