"""Compiles a plan to its graph. Pure: the same plan and the same kinds give the same graph, byte for byte."""

from collections.abc import Callable, Iterator

from golive.graph import baseline, cutover, define, deploy, handover, people
from golive.graph.graph import Graph, ordered
from golive.graph.people import ends
from golive.graph.site import SiteScope
from golive.graph.step import Stage, Step
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
    prepared = _stage(site, Stage.BASELINE, (), baseline.steps)
    deployed = _stage(site, Stage.DEPLOY, ends(prepared) + wave_before, deploy.steps)
    moved = _stage(site, Stage.CUTOVER, ends(deployed) or ends(prepared) + wave_before, cutover.steps)
    before = ends(moved) or ends(deployed) or ends(prepared)
    yield from (*prepared, *deployed, *moved, *_stage(site, Stage.HANDOVER, before, handover.steps))


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
