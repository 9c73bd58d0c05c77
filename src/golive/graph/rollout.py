"""What holds for the rollout as a whole: its waves, its error budget, and how much runs at the same time. Pure data.

The graph carries it; only ``golive.reconcile`` acts on it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Limits:
    """How many steps run at the same time. A host does one thing at a time, whatever stands here."""

    total: int = 100
    """In the whole rollout; only the one of the whole rollout counts."""
    site: int = 20
    """At one site."""
    link: int = 4
    """Deliveries over one site's link, or over one jump host that several sites share."""


@dataclass(frozen=True)
class Wave:
    """Sites that go live together."""

    name: str
    sites: tuple[str, ...]
    soak: float = 0.0
    """Seconds that it runs live before the next one begins."""


@dataclass(frozen=True)
class Rollout:
    """Waves in order; ``budget`` is how many exposed sites may fail, none is no limit."""

    waves: tuple[Wave, ...] = ()
    budget: int | None = None
    limits: Limits = field(default_factory=Limits)
    at: Mapping[str, Limits] = field(default_factory=dict[str, Limits])
    """Limits of sites that have their own."""

    @cached_property
    def wave_of(self) -> Mapping[str, int]:
        """The place of each site's wave, from 0."""
        return {site: index for index, wave in enumerate(self.waves) for site in wave.sites}

    def limits_at(self, site: str | None) -> Limits:
        """The limits that hold at a site."""
        return self.at.get(site or "", self.limits)


def to_json(rollout: Rollout) -> dict[str, Any]:
    """As JSON values, for the store."""
    return asdict(rollout)


def from_json(data: Mapping[str, Any]) -> Rollout:
    """What ``to_json`` wrote; graphs of earlier versions hold nothing."""
    if not data:
        return Rollout()
    waves = tuple(Wave(wave["name"], tuple(wave["sites"]), wave["soak"]) for wave in data["waves"])
    at = {site: Limits(**limits) for site, limits in data["at"].items()}
    return Rollout(waves, data["budget"], Limits(**data["limits"]), at)
