"""Compiles a plan to its graph. Pure: the same plan and the same kinds give the same graph, byte for byte."""

from collections.abc import Iterator
from dataclasses import replace

from golive.graph import baseline, cutover, define, deploy, handover, rollout
from golive.graph.graph import Graph, ordered
from golive.graph.rollout import Rollout
from golive.graph.site import SiteScope
from golive.graph.step import Step
from golive.kinds.registry import Kinds
from golive.plan.plan import Loaded, Plan
from golive.plan.rollout import SiteLimits, Wave


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
    return Graph(solution.name, solution.version, steps, dict(kinds.versions), _rollout(loaded.plan))


def _steps(loaded: Loaded, without: frozenset[str]) -> Iterator[Step]:
    yield from define.steps(loaded)
    for wave in loaded.plan.named_waves():
        for name in wave.sites:
            if name not in without:
                yield from _site(SiteScope(loaded, name, without), wave)


def _site(site: SiteScope, wave: Wave) -> Iterator[Step]:
    """All stages of one site, one behind the other; that waves wait for each other is no matter of the steps."""
    prepared = tuple(baseline.steps(site))
    deployed = tuple(deploy.steps(site, ends(prepared)))
    moved = tuple(cutover.steps(site, ends(deployed) or ends(prepared)))
    before = ends(moved) or ends(deployed) or ends(prepared)
    handed = tuple(handover.steps(site, before))
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


def ends(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """The ids of the steps that no other of them needs: when these are done, all are."""
    needed = {need for step in steps for need in step.needs}
    return tuple(step.id for step in steps if step.id not in needed)
