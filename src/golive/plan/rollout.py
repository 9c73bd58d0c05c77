"""How the rollout goes from site to site: waves, and how much runs at the same time."""

from pydantic import Field

from golive.model import Duration, Model, Name
from golive.plan.calendar import WaveDates
from golive.plan.pick import AnyCheck


class Criterion(Model):
    """What must hold at each live site of a wave before the next wave begins."""

    on: Name = Field(description="Role of the hosts that are asked.")
    check: AnyCheck = Field(description="What must hold.")


class Wave(Model):
    """Sites that go live together; the next wave waits until this one is handed over and meets its criteria."""

    name: Name = Field(description="Such as `pilot`.")
    sites: tuple[Name, ...] = Field(min_length=1, description="Sites of the wave.")
    planned: WaveDates | None = Field(None, description="The days of the wave.")
    soak: Duration = Field(0.0, description="How long the wave runs live before the next one begins.")
    exit: tuple[Criterion, ...] = Field((), description="What must hold at each of its live sites after that.")


class SiteLimits(Model):
    """How much runs at the same time at one site. A host does one thing at a time, always."""

    site: int | None = Field(None, ge=1, description="Steps at one site; 20 by default.")
    link: int | None = Field(None, ge=1, description="Deliveries over a site's link, or a shared jump host; default 4.")


class Limits(SiteLimits):
    """How much runs at the same time in the rollout. A host does one thing at a time, always."""

    total: int | None = Field(None, ge=1, description="Steps in the whole rollout; 100 by default.")
