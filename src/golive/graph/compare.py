"""What changed between two revisions of a graph, in lines for a person. Pure."""

from collections.abc import Iterator
from typing import Protocol

from golive.graph.graph import Graph


class _Held(Protocol):
    @property
    def status(self) -> str: ...


class _Statuses(Protocol):
    def step(self, name: str) -> _Held: ...


def compare(old: Graph, new: Graph, state: _Statuses) -> Iterator[str]:
    """Lines that name each step that is new, gone or changed, and what that means for what was done.

    Args:
        old: the revision that runs.
        new: the revision to be.
        state: how each step stands.
    """
    for step in new.steps:
        if step.id not in old.by_id:
            yield f"+ {step.id} is new"
        elif old.by_id[step.id].digest != step.digest:
            done = state.step(step.id).status == "done"
            yield f"~ {step.id} changed" + (": it is done and will be done again" if done else "")
        elif old.by_id[step.id].on_failure != step.on_failure:
            yield f"~ {step.id}: on_failure changed; what was done stays done"
        elif old.by_id[step.id].needs != step.needs:
            yield f"~ {step.id} needs other steps now"
    for step in old.steps:
        if step.id not in new.by_id:
            done = state.step(step.id).status == "done"
            yield f"- {step.id} is gone" + (": what it did stays" if done else "")
    same = sum(1 for step in new.steps if step.id in old.by_id and old.by_id[step.id].digest == step.digest)
    yield f"= {same} of {len(new.steps)} steps are as before"
