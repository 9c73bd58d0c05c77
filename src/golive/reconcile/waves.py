"""How far the rollout may go: waves one after the other, and the error budget. Pure.

1. A wave begins its deploy when each site of the wave before is live, has been backed out, or has failed and rests;
   when at least one of them is live, has run for the soak time, and meets the wave's exit criteria.
2. A site counts against the error budget when something failed there that was not done since, or when it is backed out;
   and only when it was exposed: something had an effect there. Surveys, logins and decisions have none.
3. Once more sites count than the budget allows, the rollout is halted: no site begins its baseline, deploy or cutover.
   What a site has begun of a stage is finished, what failed may be mended, and a site that is cut over is handed over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from golive.graph.rollout import Rollout, Wave
from golive.graph.step import Stage, Step
from golive.reconcile.state import State

_HALTED = frozenset({Stage.BASELINE, Stage.DEPLOY, Stage.CUTOVER})


@dataclass(frozen=True)
class Soak:
    """A wave is live: its soak time begins."""

    wave: str


@dataclass(frozen=True)
class Halt:
    """The error budget is spent."""

    budget: int
    sites: tuple[str, ...]


@dataclass(frozen=True)
class Resume:
    """The error budget suffices again."""

    budget: int | None


class Sighted(Protocol):
    """What must be known of a site."""

    @property
    def site(self) -> str | None: ...
    @property
    def live(self) -> bool:
        """All is done but the exit criteria."""
        ...

    @property
    def whole(self) -> bool:
        """All is done."""
        ...

    @property
    def at_rest(self) -> bool:
        """It failed or went back, and nothing will happen there by itself."""
        ...

    @property
    def counts(self) -> bool:
        """It counts against the error budget."""
        ...

    @property
    def criteria(self) -> bool:
        """It has exit criteria."""
        ...

    @property
    def begun(self) -> frozenset[Stage]:
        """The stages of which something was begun."""
        ...


@dataclass(frozen=True)
class Course:
    """How far the rollout may go now."""

    rollout: Rollout
    opened: int
    """The wave that may go on; all before it have passed."""
    soaked: frozenset[int]
    halted: bool
    moves: tuple[Soak | Halt | Resume, ...]
    wakes: datetime | None
    """When a soak time ends."""

    def allows(self, step: Step, begun: frozenset[Stage]) -> bool:
        """Whether a step may begin, as far as waves and budget are concerned.

        Args:
            step: the step.
            begun: the stages of which something was begun at its site.
        """
        if step.site is None:
            return True
        wave = self.rollout.wave_of.get(step.site, -1)
        if step.stage.order >= Stage.DEPLOY.order and wave > self.opened:
            return False
        if step.soaked and self.rollout.waves[wave].soak and wave not in self.soaked:
            return False
        return not self.halted or step.stage not in _HALTED or step.stage in begun


def plot(rollout: Rollout, sites: Mapping[str, Sighted], state: State, now: datetime) -> Course:
    """The course of the rollout.

    Args:
        rollout: waves and budget.
        sites: what is known of each site.
        state: the fold over the journal.
        now: the time, with zone.
    """
    failed = tuple(name for name, site in sites.items() if site.counts)
    halted = rollout.budget is not None and len(failed) > rollout.budget
    moves: list[Soak | Halt | Resume] = []
    if rollout.budget is not None and halted and not (state.halted and set(failed) <= set(state.halted.sites)):
        moves.append(Halt(rollout.budget, failed))
    if state.halted and not halted:
        moves.append(Resume(rollout.budget))
    opened, wakes, soaked = 0, None, set[int]()
    for index, wave in enumerate(rollout.waves):
        held = [sites[name] for name in wave.sites if name in sites]
        if not _settled(held):
            break
        if wave.soak and held and _waited_for(rollout, index, sites):
            if wave.name not in state.soaks:
                moves.append(Soak(wave.name))
                break
            if (end := soak_end(wave, state)) > now:
                wakes = end
                break
            soaked.add(index)
        if not _passed(held):
            break
        opened = index + 1
    return Course(rollout, opened, frozenset(soaked), halted, tuple(moves), wakes)


def _waited_for(rollout: Rollout, index: int, sites: Mapping[str, Sighted]) -> bool:
    """Whether anything begins behind the soak time of a wave: its exit criteria, or another wave."""
    later = (name for wave in rollout.waves[index + 1 :] for name in wave.sites)
    return any(name in sites for name in later) or any(
        sites[name].criteria for name in rollout.waves[index].sites if name in sites
    )


def never(rollout: Rollout, sites: Mapping[str, Sighted], gone: frozenset[str]) -> Course:
    """How far the rollout can get at best, when all that is not gone for good comes to a good end.

    Args:
        rollout: waves and budget.
        sites: what is known of each site.
        gone: the sites that are backed out: they stay so for the rest of the run.
    """
    spent = [name for name in gone if name in sites and sites[name].counts]
    halted = rollout.budget is not None and len(spent) > rollout.budget
    opened = 0
    for wave in rollout.waves:
        held = {name for name in wave.sites if name in sites}
        if held and held <= gone:
            break
        opened += 1
    everything = frozenset(range(len(rollout.waves)))
    return Course(rollout, opened, everything, halted, (), None)


def soak_end(wave: Wave, state: State) -> datetime:
    """When the soak time of a wave that is live ends."""
    return datetime.fromisoformat(state.soaks[wave.name]) + timedelta(seconds=wave.soak)


def _settled(sites: Sequence[Sighted]) -> bool:
    """Whether a wave is over but for soak and exit criteria; one whose sites were all live before is."""
    return all(site.live or site.at_rest for site in sites) and (not sites or any(site.live for site in sites))


def _passed(sites: Sequence[Sighted]) -> bool:
    return all(site.whole or site.at_rest for site in sites) and (not sites or any(site.whole for site in sites))
