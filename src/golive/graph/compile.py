"""Compiles a plan to its graph. Pure: the same plan and the same kinds give the same graph, byte for byte."""

from collections.abc import Iterator

from golive.graph import baseline, cutover, define, deploy, handover
from golive.graph.graph import Graph, ordered
from golive.graph.site import SiteScope
from golive.graph.step import Step
from golive.kinds.registry import Kinds
from golive.plan.plan import Loaded


def compile_plan(loaded: Loaded, kinds: Kinds, without: frozenset[str] = frozenset()) -> Graph:
    """The graph of all steps at all sites.

    Args:
        loaded: the plan, checked, with the files that it names.
        kinds: the registry that it was loaded with.
        without: sites to leave out, because they are live already.

    Raises RenderError when a text of the plan cannot be filled in.
    """
    solution = loaded.plan.solution
    return Graph(solution.name, solution.version, ordered(_steps(loaded, without)), dict(kinds.versions))


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
