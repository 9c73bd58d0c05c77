"""A line of steps of the cutover stage: one after the other, or side by side on several hosts."""

from collections.abc import Callable
from typing import Any

from golive.graph.site import SiteScope, chain
from golive.graph.step import Action, Stage, Step
from golive.kinds.interface import HostRef

STAGE = Stage.CUTOVER


class Line:
    """Steps one after the other; those of one call stand side by side."""

    def __init__(self, site: SiteScope, before: tuple[str, ...]) -> None:
        self.site, self.last = site, before
        self.steps: list[Step] = []

    def add(
        self,
        name: str,
        hosts: tuple[HostRef, ...],
        do: Callable[[HostRef], Action],
        undo: Callable[[HostRef], Action] | None = None,
        **more: Any,
    ) -> None:
        """Adds the same step on each host, behind all that was added before."""
        made = [
            self.site.step(STAGE, name, host, do(host), undo=undo(host) if undo else None, needs=self.last, **more)
            for host in hosts
        ]
        self.extend(made)

    def extend(self, made: list[Step]) -> None:
        """Adds steps that stand side by side."""
        self.steps += made
        self.last = chain(made) or self.last
