"""The calendar of the whole rollout; sites, waves and people have their own dates beside their names."""

from typing import Literal

from pydantic import Field

from golive.model import Model
from golive.plan.when import Day, Local, Region, Zone
from golive.plan.window import Freeze

SiteStage = Literal["baseline", "deploy", "cutover", "handover"]
"""The stages that happen at a site."""


class Calendar(Model):
    """What holds for sites and people that say nothing else, and freezes for all of them."""

    timezone: Zone = Field("UTC", description="Zone of sites and people that name none.")
    holidays: Region | None = Field(None, description="Whose public holidays count: `FR`, `DE-BY`.")
    freezes: tuple[Freeze, ...] = Field((), description="When nothing runs at any site, by the clocks of each site.")


class Planned(Model):
    """When a stage of a site is planned to begin; it does not begin before."""

    start: Local = Field(alias="from", description="Local time at the site: `Sat 2026-12-05 22:00`, or a date.")
    on_holidays: bool = Field(False, description="It may fall on a public holiday of the site.")


class WaveDates(Model):
    """The days of a wave; the dates of its sites lie in them."""

    start: Day = Field(alias="from", description="First day: `Sat 2026-12-05`.")
    until: Day = Field(description="Last day.")
