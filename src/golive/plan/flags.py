"""Thresholds of the yellow flags: from which number on something is said."""

from pydantic import Field

from golive.model import Duration, Model, Name


class Flags(Model):
    """Thresholds; each has a default that suits most rollouts."""

    expect_from: int = Field(
        10, ge=1, description="From so many sites on, evidence that the plan says nothing about is flagged too."
    )
    installers: tuple[Name, ...] = Field(
        ("engineer", "installer"), description="Roles of people who install: they do not verify what they did."
    )
    headroom: float = Field(1.5, gt=0, description="Load that was tried, as a multiple of the highest forecast.")
    forecasts_within: float = Field(0.2, ge=0, description="How far forecasts may lie apart, as a share of the lowest.")
    restored_within: Duration = Field(90 * 86400.0, description="How old the rehearsal of a restore may be.")
    tested_within: Duration = Field(90 * 86400.0, description="How old the test of an alarm or a kill switch may be.")
    counted_within: Duration = Field(7 * 86400.0, description="How old a figure may be that deciders are shown.")
    back_out_margin: Duration = Field(0.0, description="What must be left of the window after a back-out.")
    failed: float = Field(0.1, ge=0, le=1, description="Share of earlier attempts that failed, from which it is said.")
    overrun: float = Field(1.5, gt=0, description="Time taken as a multiple of the time planned, likewise.")
    least: int = Field(2, ge=1, description="How many earlier attempts there must be to say anything.")
    host_headroom: float = Field(0.2, ge=0, description="Share of memory and disk that must stay free on a host.")
