"""Compiles a plan to its graph. Pure: the same plan and the same kinds give the same graph, byte for byte."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from golive.calendar.timing import Timing
from golive.graph import baseline, cutover, define, deploy, findings, handover, people, rollout
from golive.graph.ahead import back_out
from golive.graph.graph import Graph, ordered
from golive.graph.people import ends
from golive.graph.rollout import Rollout
from golive.graph.site import SiteScope
from golive.graph.step import Stage, Step
from golive.kinds.registry import Kinds
from golive.plan.plan import Loaded, Plan
from golive.plan.rollout import SiteLimits, Wave
from golive.plan.timing import timing_of


def compile_plan(loaded: Loaded, kinds: Kinds, without: frozenset[str] = frozenset()) -> Graph:
    """The graph of all steps at all sites.

    Args:
        loaded: the plan, checked, with the files that it names.
        kinds: the registry that it was loaded with.
        without: sites to leave out, because they are live already.

    Raises RenderError when a text of the plan cannot be filled in.
    """
    solution = loaded.plan.solution
    steps = ordered(_steps(loaded, without))
    timings = _timings(loaded, steps)
    return Graph(solution.name, solution.version, steps, dict(kinds.versions), _rollout(loaded.plan), timings)


def _timings(loaded: Loaded, steps: tuple[Step, ...]) -> dict[str, Timing]:
    """When steps may run, of each site at which the time holds anything back."""
    by_site: dict[str, list[Step]] = {}
    for step in steps:
        by_site.setdefault(step.site or "", []).append(step)
    sites = (site for site in by_site if site)
    made = {site: timing_of(loaded.plan, site, back_out(by_site[site])) for site in sites}
    return {site: timing for site, timing in made.items() if not timing.empty}


def _steps(loaded: Loaded, without: frozenset[str]) -> Iterator[Step]:
    yield from define.steps(loaded)
    for wave in loaded.plan.named_waves():
        for name in wave.sites:
            if name not in without:
                yield from _site(SiteScope(loaded, name, without), wave)


def _site(site: SiteScope, wave: Wave) -> Iterator[Step]:
    """All stages of one site, one behind the other; that waves wait for each other is no matter of the steps."""
    prepared = _stage(site, Stage.BASELINE, (), baseline.steps)
    deployed = _stage(site, Stage.DEPLOY, ends(prepared), deploy.steps)
    deployed += tuple(findings.steps(site, ends(deployed) or ends(prepared)))
    moved = _stage(site, Stage.CUTOVER, ends(deployed) or ends(prepared), cutover.steps)
    before = ends(moved) or ends(deployed) or ends(prepared)
    handed = _stage(site, Stage.HANDOVER, before, handover.steps)
    criteria = handover.criteria(site, wave, ends(handed) or before)
    yield from (*prepared, *deployed, *moved, *handed, *criteria)


def _rollout(plan: Plan) -> Rollout:
    waves = tuple(rollout.Wave(wave.name, wave.sites, wave.soak) for wave in plan.named_waves())
    limits = _limits(plan.limits, rollout.Limits())
    own = {name: _limits(site.limits, limits) for name, site in plan.sites.items() if site.limits}
    return Rollout(waves, plan.error_budget, limits, own)


def _limits(written: SiteLimits, otherwise: rollout.Limits) -> rollout.Limits:
    """What is written, and for the rest what holds otherwise."""
    return replace(otherwise, **written.model_dump(exclude_none=True))


def _stage(
    site: SiteScope,
    stage: Stage,
    needs: tuple[str, ...],
    make: Callable[[SiteScope, tuple[str, ...]], Iterator[Step]],
) -> tuple[Step, ...]:
    """A stage of a site, with what people do before and after it."""
    entered = people.before(site, stage, needs)
    made = tuple(make(site, ends(entered) or needs))
    whole = (*entered, *made)
    told = people.during(site, made) if stage is Stage.CUTOVER else ()
    return (*whole, *told, *people.after(site, stage, ends(whole) or needs))
