"""How much runs at the same time: counts what runs, and admits what still has room. Pure.

A host does one thing at a time; a site, a link and the whole rollout as many as the plan says. Inverses are admitted
wherever the host is free: going back must not wait.
"""

from collections import Counter
from collections.abc import Iterable

from golive.graph.rollout import Rollout
from golive.graph.step import Step


class Room:
    """What is left of the limits; filled up while moves are chosen.

    Args:
        rollout: the limits.
        busy: lanes that nothing may begin on.
        running: the steps that have running attempts.
    """

    def __init__(self, rollout: Rollout, busy: Iterable[str], running: Iterable[Step]) -> None:
        self._rollout, self._busy = rollout, {*busy}
        self._total = 0
        self._sites, self._links = Counter[str](), Counter[str]()
        for step in running:
            self._count(step)

    @property
    def full(self) -> bool:
        """Whether nothing more may begin, but for inverses."""
        return self._total >= self._rollout.limits.total

    def admits(self, step: Step, inverse: bool = False) -> bool:
        """Whether the step may run now; if so it counts from now on.

        Args:
            step: the step.
            inverse: whether it is taken back.
        """
        if step.host and step.lane in self._busy:
            return False
        if not inverse and self._full(step):
            return False
        self._count(step)
        return True

    def _full(self, step: Step) -> bool:
        limits = self._rollout.limits_at(step.site)
        if self.full:
            return True
        if step.site and self._sites[step.site] >= limits.site:
            return True
        return bool(step.link) and self._links[step.link] >= limits.link

    def _count(self, step: Step) -> None:
        self._total += 1
        if step.host:
            self._busy.add(step.lane)
        if step.site:
            self._sites[step.site] += 1
        if step.link:
            self._links[step.link] += 1
