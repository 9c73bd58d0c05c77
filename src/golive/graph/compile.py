"""Compiles a plan to its graph. Pure: the same plan and the same kinds give the same graph, byte for byte."""

from collections.abc import Iterator

from golive.calendar.timing import Timing
from golive.graph import baseline, cutover, define, deploy, handover
from golive.graph.ahead import back_out
from golive.graph.graph import Graph, ordered
from golive.graph.site import SiteScope
from golive.graph.step import Step
from golive.kinds.registry import Kinds
from golive.plan.plan import Loaded
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
    return Graph(solution.name, solution.version, steps, dict(kinds.versions), _timings(loaded, steps))


def _timings(loaded: Loaded, steps: tuple[Step, ...]) -> dict[str, Timing]:
    """When steps may run, of each site at which the time holds anything back."""
    by_site: dict[str, list[Step]] = {}
    for step in steps:
        by_site.setdefault(step.site or "", []).append(step)
    sites = (site for site in by_site if site)
    made = {site: timing_of(loaded.plan, site, back_out(by_site[site])) for site in sites}
    return {site: timing for site, timing in made.items() if not timing.empty}


def _steps(loaded: Loaded, without: frozenset[str]) -> Iterator[Step]:
    defined = tuple(define.steps(loaded))
    yield from defined
    wave_before: tuple[str, ...] = ()
    for wave in loaded.plan.all_waves():
        made = [tuple(_site(SiteScope(loaded, name), wave_before)) for name in wave if name not in without]
        for steps in made:
            yield from steps
        wave_before = tuple(name for steps in made for name in ends(steps))


def _site(site: SiteScope, wave_before: tuple[str, ...]) -> Iterator[Step]:
    """All stages of one site; deploy waits for the end of the wave before, the baseline does not."""
    prepared = tuple(baseline.steps(site))
    deployed = tuple(deploy.steps(site, ends(prepared) + wave_before))
    moved = tuple(cutover.steps(site, ends(deployed) or ends(prepared) + wave_before))
    before = ends(moved) or ends(deployed) or ends(prepared)
    yield from (*prepared, *deployed, *moved, *handover.steps(site, before))


def ends(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """The ids of the steps that no other of them needs: when these are done, all are."""
    needed = {need for step in steps for need in step.needs}
    return tuple(step.id for step in steps if step.id not in needed)
