"""The scenarios that a plan contains, and which evidence covers them. Pure.

A scenario of the matrix is ``COMPONENT/MECHANISM/PROFILE/MODE/STAGE/FAILURE``, such as
``application/wheels/online-team/upgrade/forward/none``: the component, how it is delivered, how a site is connected and
who installs there, whether an existing system is replaced, whether it goes forward or is backed out
(``back-out-deploy``, ``back-out-cutover``), and which failure of the contingency plan happens meanwhile. Beside it
stand the essentials, without which nobody goes live: ``component:NAME``, ``edge:NAME->NEEDED`` and ``back-out:STAGE``.

Evidence for the same version covers a scenario: a test that passed and whose name, or property ``scenario``, is the
scenario or a pattern of it; a trial that was done and ``shows`` it; an earlier run of golive at a site of the same
profile.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import product

from golive.flags.facts import Case, Facts
from golive.method.choose import choose
from golive.plan.evidence import Deferred, TrialState
from golive.plan.plan import Plan
from golive.plan.site import Site

FORWARD = "forward"
CALM = "none"


@dataclass(frozen=True)
class Scenario:
    """One scenario: its name, and the part of the plan that brings it in."""

    id: str
    path: str


@dataclass(frozen=True)
class Profile:
    """What sites have in common as far as scenarios go."""

    name: str
    """Network and installer: ``online-team``."""
    mode: str
    """``upgrade`` where an existing system is replaced, or ``fresh``."""


def profile(plan: Plan, site: Site) -> Profile:
    """The profile of a site."""
    replaces = any(plan.roles[host.role].existing for host in site.hosts.values() if host.role in plan.roles)
    return Profile(f"{site.network}-{choose(site).installer}", "upgrade" if replaces else "fresh")


def profiles(plan: Plan) -> tuple[Profile, ...]:
    """The profiles of all sites."""
    return tuple(dict.fromkeys(profile(plan, site) for site in plan.sites.values()))


def back_outs(plan: Plan) -> tuple[str, ...]:
    """The stages that can be backed out."""
    return (*(("deploy",) if plan.components else ()), *(("cutover",) if plan.cutover else ()))


def essentials(plan: Plan) -> Iterator[Scenario]:
    """What nobody goes live without: each component, each edge between two, the back-out of each stage."""
    for name, component in plan.components.items():
        yield Scenario(f"component:{name}", f"components.{name}")
        for index, need in enumerate(component.needs):
            yield Scenario(f"edge:{name}->{need}", f"components.{name}.needs[{index}]")
    for stage in back_outs(plan):
        yield Scenario(f"back-out:{stage}", "cutover" if stage == "cutover" else "components")


def matrix(plan: Plan) -> Iterator[Scenario]:
    """All scenarios: component × mechanism × profile × mode × stage × failure."""
    stages = (FORWARD, *(f"back-out-{stage}" for stage in back_outs(plan)))
    failures = (CALM, *(plan.contingency.failures if plan.contingency else ()))
    for name, component in plan.components.items():
        mechanism = component.artifact.kind if component.artifact else "script"
        for one, stage, failure in product(profiles(plan), stages, failures):
            path = f"components.{name}" if failure == CALM else "contingency.failures"
            yield Scenario(f"{name}/{mechanism}/{one.name}/{one.mode}/{stage}/{failure}", path)


class Coverage:
    """Which evidence speaks of a scenario.

    Args:
        facts: the plan with its tests, trials and earlier runs.
    """

    def __init__(self, facts: Facts) -> None:
        self._version = facts.plan.solution.version
        self._exact: dict[str, list[Case]] = {}
        self._patterns: list[tuple[str, Case]] = []
        for case in facts.cases:
            for name in case.names:
                if any(letter in name for letter in "*?["):
                    self._patterns.append((name, case))
                else:
                    self._exact.setdefault(name, []).append(case)
        self._shown = dict(_shown(facts))
        self._known: dict[str, str] = {}

    def by(self, scenario: str) -> str:
        """What shows that a scenario works, in words; empty: nothing does."""
        if scenario not in self._known:
            self._known[scenario] = self._by(scenario)
        return self._known[scenario]

    def _by(self, scenario: str) -> str:
        passed = [case for case in self._cases(scenario) if case.outcome == "passed" and case.version == self._version]
        if passed:
            return f"{passed[0].names[0]} ({passed[0].file})"
        return next((who for pattern, who in self._shown.items() if fnmatchcase(scenario, pattern)), "")

    def _cases(self, scenario: str) -> Iterator[Case]:
        yield from self._exact.get(scenario, ())
        yield from (case for pattern, case in self._patterns if fnmatchcase(scenario, pattern))

    def against(self, scenario: str) -> str:
        """Why what there is shows nothing: a test failed, was skipped, or was of another version."""
        for case in self._cases(scenario):
            if case.version != self._version:
                return f"it was tested with {case.version or 'an unknown version'} only ({case.file})"
            if case.outcome != "passed":
                return f"its test {'was skipped' if case.outcome == 'skipped' else 'failed'} ({case.file})"
        return "no test that passed, no trial and no earlier run shows it"


def _shown(facts: Facts) -> Iterator[tuple[str, str]]:
    """Patterns of scenarios that trials and earlier runs of this version have shown, each with who says so."""
    version = facts.plan.solution.version
    for trial in facts.plan.evidence.trials:
        if trial.state is TrialState.DONE and trial.version == version:
            yield from ((pattern, f"the {trial.kind} {trial.name}") for pattern in trial.shows)
    for run in facts.runs:
        site = facts.plan.sites.get(run.site)
        if run.version != version or site is None:
            continue
        of, who = profile(facts.plan, site), f"the run {run.name} at {run.site}"
        if run.through:
            yield from ((text, who) for text in (f"*/{of.name}/{of.mode}/{FORWARD}/{CALM}", "component:*", "edge:*"))
        if run.backed_out:
            yield f"*/{of.name}/{of.mode}/back-out-{run.backed_out}/{CALM}", who
            yield f"back-out:{run.backed_out}", who


def deferred(facts: Facts, scenario: str) -> tuple[int, Deferred] | None:
    """The entry of ``evidence: deferred`` that a scenario falls under."""
    for index, one in enumerate(facts.plan.evidence.deferred):
        if fnmatchcase(scenario, one.scenario):
            return index, one
    return None


@dataclass(frozen=True)
class Cell:
    """A scenario in the matrix, with what shows it (empty: nothing does)."""

    scenario: str
    shown: str
    against: str = ""
    deferred: str = ""
    """Who owns that it goes live untested."""


def cells(facts: Facts, scenarios: Iterable[Scenario]) -> Iterator[Cell]:
    """The coverage matrix, a cell for each scenario."""
    coverage = Coverage(facts)
    for scenario in scenarios:
        shown, entry = coverage.by(scenario.id), deferred(facts, scenario.id)
        yield Cell(scenario.id, shown, "" if shown else coverage.against(scenario.id), entry[1].owner if entry else "")


def has_evidence(facts: Facts) -> bool:
    """Whether the plan claims that anything was tested."""
    evidence = facts.plan.evidence
    return bool(evidence.tests or evidence.trials or evidence.deferred)
