"""The yellow flag *issues on past increments*: where this plan repeats what failed or took too long before."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import mean
from typing import ClassVar

from golive.flags.facts import Facts, Tried
from golive.flags.flag import Flag
from golive.flags.words import some, span
from golive.gates.rule import Finding, Severity
from golive.graph.step import Stage, Step


def kind_of(step: Step) -> str:
    """What kind of step it is, across sites and hosts: ``deploy/application``."""
    return f"{step.stage}/{step.id.rpartition('/')[2].partition('@')[0]}"


def component_of(step: Step) -> str:
    """The component that a step is about; empty: none."""
    name = step.id.rpartition("/")[2].partition("@")[0]
    return name.removeprefix("deliver-").removesuffix("-check") if step.stage is Stage.DEPLOY else ""


@dataclass(frozen=True)
class Record:
    """How something went before."""

    tried: tuple[Tried, ...]

    @property
    def failures(self) -> tuple[Tried, ...]:
        """What failed and is not mended since."""
        return tuple(one for one in self.tried if one.failed and not one.remedy_done)

    @property
    def rate(self) -> float:
        """The share that failed and is not mended since."""
        return len(self.failures) / len(self.tried)

    @property
    def overrun(self) -> float:
        """Time taken as a multiple of the time planned then; 0: not known."""
        known = [one for one in self.tried if one.planned and one.took]
        return sum(one.took for one in known) / sum(one.planned for one in known) if known else 0.0

    @property
    def took(self) -> float:
        """Seconds on the average of those that came to an end; 0: not known."""
        known = [one.took for one in self.tried if one.took and not one.failed]
        return mean(known) if known else 0.0


def records(facts: Facts, key: Callable[[Tried], str]) -> Mapping[str, Record]:
    """The records by what ``key`` tells apart; what it tells nothing of is left out."""
    found: dict[str, list[Tried]] = {}
    for one in facts.past:
        if name := key(one):
            found.setdefault(name, []).append(one)
    return {name: Record(tuple(tried)) for name, tried in found.items()}


class PastIssues(Flag):
    """What failed before, and is in this plan again."""

    id = "past-issues"
    title = "Issues on past increments"
    explanation = (
        "No kind of step, component, site or installer of this plan failed, or took longer than planned, so often "
        "before that it has to be expected again; each cause has a remedy that is done"
    )
    evidence: ClassVar[tuple[str, ...]] = ("evidence.tickets",)
    severity = Severity.WARNING

    def claimed(self, facts: Facts) -> bool:
        return bool(facts.past) or facts.plan.evidence.tickets is not None

    def holds(self, facts: Facts) -> str:
        return f"{len(facts.past)} earlier attempts, none of them a pattern that this plan repeats"

    def judge(self, facts: Facts) -> Iterator[Finding]:
        tickets = facts.plan.evidence.tickets
        if tickets and (why := facts.unread.get(tickets.file)):
            said = f"{tickets.file} cannot be read: {why}"
            yield self.found(facts, "evidence.tickets", said, "export the tickets there")
        now = _kinds(facts)
        for name, record in records(facts, lambda one: one.kind).items():
            if name in now:
                path, planned = now[name]
                yield from self._failed(facts, f"the step {name}", record, path)
                yield from self._took(facts, name, record, planned, path)
        told = {
            one.where
            for name, record in records(facts, lambda one: one.kind).items()
            if name in now
            for one in record.failures
        }
        yield from self._components(facts, told)
        for name, record in records(facts, lambda one: one.site).items():
            if name in facts.plan.sites:
                yield from self._failed(facts, f"the site {name}", record, f"sites.{name}")
                yield from self._over(facts, f"the site {name}", record, f"sites.{name}")
        for name, record in records(facts, lambda one: one.installer).items():
            if name in facts.plan.people:
                yield from self._failed(facts, f"the installer {name}", record, f"people.{name}")
                yield from self._over(facts, f"the installer {name}", record, f"people.{name}")

    def _components(self, facts: Facts, told: set[str]) -> Iterator[Finding]:
        """What stands at their kinds of steps is not told again."""
        for name, record in records(facts, lambda one: one.component).items():
            if name not in facts.plan.components:
                continue
            if not {one.where for one in record.failures} <= told:
                yield from self._failed(facts, f"the component {name}", record, f"components.{name}")
            if not record.failures:
                yield from self._over(facts, f"the component {name}", record, f"components.{name}")

    def _failed(self, facts: Facts, what: str, record: Record, path: str) -> Iterator[Finding]:
        limits = facts.plan.flags
        if len(record.tried) < limits.least or not record.failures or record.rate < limits.failed:
            return
        last = record.failures[-1]
        cause = f"; the last time ({last.where}): {last.cause or 'the cause is not known'}"
        remedy = f"{last.remedy} ({'done' if last.remedy_done else 'not done'})" if last.remedy else "none known"
        said = f"{what} failed {len(record.failures)} of {len(record.tried)} times before{cause}; remedy: {remedy}"
        yield self.found(facts, path, said, "find the cause and mend it, or say what is different now", what)

    def _took(self, facts: Facts, name: str, record: Record, planned: float, path: str) -> Iterator[Finding]:
        """A step is planned shorter than it ever was."""
        if (
            len(record.tried) >= facts.plan.flags.least
            and planned
            and record.took >= planned * facts.plan.flags.overrun
        ):
            said = (
                f"the step {name} is planned with {span(planned)}, and took {span(round(record.took))} on the average"
            )
            said += f" ({some(sorted({one.where for one in record.tried if one.where}))})"
            yield self.found(facts, path, said, f"plan it with planned: {span(round(record.took))}", name)

    def _over(self, facts: Facts, what: str, record: Record, path: str) -> Iterator[Finding]:
        if len(record.tried) >= facts.plan.flags.least and record.overrun >= facts.plan.flags.overrun:
            said = f"{what} took {record.overrun:.1f} times as long as planned in {len(record.tried)} earlier attempts"
            yield self.found(facts, path, said, "plan more time for it", what)


def _kinds(facts: Facts) -> Mapping[str, tuple[str, float]]:
    """The kinds of steps of this plan: the part of the plan that asks for them, and the longest planned time."""
    found: dict[str, tuple[str, float]] = {}
    for step in facts.graph.steps:
        kind = kind_of(step)
        held = found.get(kind)
        if held is None:
            found[kind] = (_path(step), step.planned)
        elif step.planned > held[1]:
            found[kind] = (held[0], step.planned)
    return found


def _path(step: Step) -> str:
    match step.stage:
        case Stage.DEPLOY:
            return f"components.{component_of(step)}"
        case Stage.CUTOVER | Stage.HANDOVER:
            return str(step.stage)
        case _:
            return "roles"
