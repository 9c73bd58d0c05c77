"""Gate 3, load headroom: what was tried on production's size holds what is forecast, and a margin."""

from collections.abc import Iterator
from typing import ClassVar

from golive.flags.facts import Facts
from golive.flags.flag import Flag
from golive.gates.rule import Finding
from golive.plan.evidence import Load, LoadTest


class LoadHeadroom(Flag):
    """Tested load is at least the highest forecast times a factor."""

    id = "load-headroom"
    title = "Load headroom"
    explanation = (
        "The release that goes live has held, on hosts of production's size, the highest forecast times "
        "flags: headroom; forecasts that contradict each other are settled first"
    )
    lesson = "HealthCare.gov, 2013: tested with some hundred users, met by a quarter of a million."
    evidence: ClassVar[tuple[str, ...]] = ("evidence.load",)
    owner = "architect"

    def claimed(self, facts: Facts) -> bool:
        return facts.plan.evidence.load is not None

    def holds(self, facts: Facts) -> str:
        load = _load(facts)
        best = max(test.peak for test in load.tests)
        return f"{best:g} {load.unit} were held, {_forecast(load):g} are forecast"

    def judge(self, facts: Facts) -> Iterator[Finding]:
        load, path = _load(facts), "evidence.load"
        if not load.forecasts:
            yield self.found(facts, path, "nobody has forecast the load", "ask for the peak of the first days")
            return
        yield from self._agree(facts, load)
        counted = [test for test in load.tests if not self._not_counted(facts, test)]
        needed, best = _forecast(load) * facts.plan.flags.headroom, max((test.peak for test in counted), default=0.0)
        if best < needed:
            for index, test in enumerate(load.tests):
                if test.peak >= needed and (why := self._not_counted(facts, test)):
                    remedy = "test this release, on hosts of production's size, and keep the result"
                    yield self.found(facts, f"{path}.tests[{index}]", f"{test.peak:g} {load.unit}: {why}", remedy)
            tried = f"{best:g} {load.unit} were tried" if best else "no load test counts"
            needs = f"{needed:g} are needed: {_forecast(load):g} {load.unit} forecast"
            said = f"{tried}, {needs} times {facts.plan.flags.headroom:g}"
            yield self.found(
                facts, f"{path}.tests" if load.tests else path, said, "test more load, or go live in waves"
            )

    def _agree(self, facts: Facts, load: Load) -> Iterator[Finding]:
        low, high = (pick(load.forecasts, key=lambda forecast: forecast.peak) for pick in (min, max))
        if high.peak > low.peak * (1 + facts.plan.flags.forecasts_within):
            said = f"forecasts contradict: {low.by} says {low.peak:g} {load.unit}, {high.by} says {high.peak:g}"
            path = f"evidence.load.forecasts[{load.forecasts.index(high)}]"
            yield self.found(facts, path, said, "let them agree on one number, and write down why")

    def _not_counted(self, facts: Facts, test: LoadTest) -> str:
        """Why a test shows nothing about this release in production; empty: it does."""
        if test.version != facts.plan.solution.version:
            return f"version {test.version} was tested, {facts.plan.solution.version} goes live"
        if not test.production_sized:
            return "it was not tried on hosts of production's size"
        return facts.missing(test.evidence) if test.evidence else ""


def _load(facts: Facts) -> Load:
    load = facts.plan.evidence.load
    assert load is not None, "only asked when it is claimed"
    return load


def _forecast(load: Load) -> float:
    return max(forecast.peak for forecast in load.forecasts)
