"""A writer: somebody who writes to the old database, and what becomes of that at the cutover."""

from typing import Literal

from pydantic import Field

from golive.model import Model, OneLine


class Writer(Model):
    """One who writes. A session is theirs when all that is named here agrees with it."""

    role: OneLine = Field(description="The role with which they log in to the database.")
    fate: Literal["moved", "stopped", "refused"] = Field(
        description="`moved` to the new system, `stopped` before the fence, or `refused` from the fence on."
    )
    application: str = Field("", description="Pattern of the application_name, such as `pgAdmin*`; by default any.")
    sources: tuple[OneLine, ...] = Field(
        (), alias="from", description="Roles of hosts, addresses, networks, or `local`; by default from everywhere."
    )
    about: OneLine | None = Field(None, description="Who that is, for people.")
