"""How long a cutover and a back-out are expected to take. Pure."""

from collections.abc import Iterable, Mapping

from golive.graph.step import Stage, Step

_REVERSED = (Stage.DEPLOY, Stage.CUTOVER)


def ahead(steps: Iterable[Step]) -> Mapping[str, float]:
    """For each step of a cutover the expected seconds from its beginning to the end of the point of no return.

    Without a point of no return it is the end of the cutover.

    Args:
        steps: all of a graph, each behind what it needs.
    """
    found: dict[str, float] = {}
    behind: dict[str, float] = {}
    """The longest of what needs a step, known before the step itself since they come in reverse order."""
    for step in reversed(tuple(steps)):
        if step.stage is not Stage.CUTOVER:
            continue
        found[step.id] = step.planned + (0.0 if step.no_return else behind.get(step.id, 0.0))
        for need in step.needs:
            behind[need] = max(behind.get(need, 0.0), found[step.id])
    return found


def back_out(steps: Iterable[Step]) -> float:
    """The expected seconds of a site's back-out: as long as what it takes back, one after the other where it was so."""
    longest: dict[str, float] = {}
    for step in steps:
        if step.stage in _REVERSED:
            before = max((longest.get(need, 0.0) for need in step.needs), default=0.0)
            longest[step.id] = before + (step.planned if step.undo else 0.0)
    return max(longest.values(), default=0.0)
