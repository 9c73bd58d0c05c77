"""Schedule: waves, planned times by site and stage, the critical path, and the hours of work that it takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from golive.graph.draw import span
from golive.graph.step import Stage, Step
from golive.guide.context import Context, Missing
from golive.guide.words import PARTIES, at, listed, several
from golive.plan.rollout import Wave


@dataclass(frozen=True)
class StageTime:
    """One stage of one site: when it should begin and end, and how much work it is."""

    wave: str
    site: str
    stage: str
    steps: int
    start: str
    end: str
    elapsed: str
    work: str


@dataclass(frozen=True)
class Leg:
    """Steps of the critical path that follow each other at one site in one stage."""

    site: str
    stage: str
    start: str
    takes: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Timetable:
    """When what is expected."""

    total: str
    waves: tuple[tuple[str, str], ...]
    stages: tuple[StageTime, ...]
    critical: tuple[Leg, ...]
    work: tuple[tuple[str, str, str, int], ...]
    """For each site and party: the planned time of all its steps, and how many they are."""
    missing: tuple[Missing, ...]


def write(context: Context) -> Timetable:
    """The chapter."""
    return Timetable(
        total=span(context.times.total),
        waves=tuple(_waves(context)),
        stages=tuple(_stages(context)),
        critical=tuple(_critical(context)),
        work=tuple(_work(context)),
        missing=tuple(_missing(context)),
    )


def _waves(context: Context) -> Iterator[tuple[str, str]]:
    named = {wave.name for wave in context.plan.waves}
    for wave in context.plan.named_waves():
        name = wave.name if wave.name in named else "the rest"
        yield name + _soak(wave), listed([context.label(site) for site in wave.sites])


def _soak(wave: Wave) -> str:
    """What the next wave waits for, in a few words."""
    parts = [f"runs live for {span(wave.soak)}"] if wave.soak else []
    parts += [several(len(wave.exit), "exit criterion", "exit criteria")] if wave.exit else []
    return f" (then {listed(parts)})" if parts else ""


def _stages(context: Context) -> Iterator[StageTime]:
    of = {
        site: wave
        for wave, (_, sites) in enumerate(zip(_waves(context), context.plan.all_waves(), strict=True), 1)
        for site in sites
        if site in context.sites
    }
    for site in (None, *context.sites):
        for stage in Stage:
            if steps := context.steps(site, stage):
                yield _stage(context, str(of.get(site or "", "–")), site, stage, steps)


def _stage(context: Context, wave: str, site: str | None, stage: Stage, steps: Sequence[Step]) -> StageTime:
    start, end = min(map(context.start, steps)), max(context.times.end[step.id] for step in steps)
    work = sum(step.planned for step in steps)
    return StageTime(wave, site or "controller", stage, len(steps), at(start), at(end), span(end - start), span(work))


def _critical(context: Context) -> Iterator[Leg]:
    path = [context.graph.by_id[name] for name in context.times.critical]
    for (site, stage), group in groupby(path, key=lambda step: (step.site, step.stage)):
        steps = list(group)
        names = tuple(f"{context.numbers[step.id]} {step.id.rpartition('/')[2]}" for step in steps)
        takes = span(sum(step.planned for step in steps))
        yield Leg(site or "controller", stage, at(context.start(steps[0])), takes, names)


def _work(context: Context) -> Iterator[tuple[str, str, str, int]]:
    for site in (None, *context.sites):
        for owner in dict.fromkeys(step.owner for step in context.steps(site)):
            steps = [step for step in context.steps(site) if step.owner == owner]
            yield site or "controller", PARTIES.get(owner, owner), span(sum(step.planned for step in steps)), len(steps)


def _missing(context: Context) -> Iterator[Missing]:
    if not context.plan.waves and len(context.sites) > 1:
        yield Missing("an order of the sites: all go live in one wave, without a pilot", ("waves",))
    yield Missing("dates, and the windows in which work is allowed")
