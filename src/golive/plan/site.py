"""A client site: its hosts, how it can be reached, and who may log in there."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from golive.model import Duration, Model, Name, OneLine
from golive.plan.calendar import Planned, SiteStage
from golive.plan.when import Region, Zone
from golive.plan.window import Freeze, Window


class Party(StrEnum):
    """Who works on hosts."""

    TEAM = "team"
    OPERATORS = "operators"


class Network(StrEnum):
    """How a site is connected to where golive runs."""

    ONLINE = "online"
    ISOLATED = "isolated"


class Link(Model):
    """The line over which artifacts get to a site."""

    megabits: float = Field(gt=0, description="What it carries, in megabits a second.")
    share: float = Field(1.0, gt=0, le=1, description="How much of that the rollout may take.")
    hours: Duration | None = Field(None, description="How many hours a day it may be used; none: all day.")


class Host(Model):
    """One host of a site."""

    address: str = Field(pattern=r"^[A-Za-z0-9.:_-]+$", description="Address or name to connect to.")
    role: Name = Field(description="What the host is for.")
    port: int | None = Field(None, ge=1, le=65535, description="Port of sshd; by default what ssh_config says, or 22.")
    user: OneLine | None = Field(None, description="Login; by default the team's, or what ssh_config says.")


class Site(Model):
    """One client site."""

    title: OneLine | None = Field(None, description="What people call it.")
    network: Network = Field(Network.ONLINE, description="`online`: reachable over SSH; `isolated`: by courier only.")
    jump: OneLine | None = Field(None, description="SSH jump host on the way, as `[user@]host[:port]`.")
    may_log_in: tuple[Party, ...] = Field((Party.TEAM,), min_length=1, description="Who may log in to the hosts.")
    contact: Name | None = Field(None, description="The person who represents the site.")
    vars: dict[str, Any] = Field(default_factory=dict[str, Any], description="Values for templates at this site.")
    timezone: Zone | None = Field(None, description="Time zone of the site, such as `Europe/Paris`.")
    holidays: Region | None = Field(None, description="Whose public holidays the site has: `FR`, `DE-BY`.")
    planned: dict[SiteStage, Planned] = Field(
        default_factory=dict[SiteStage, Planned],
        description="When stages are planned to begin, by stage; never before.",
    )
    windows: tuple[Window, ...] = Field((), description="When steps of the site may run; none: at any time.")
    freezes: tuple[Freeze, ...] = Field((), description="When they may not, beside the freezes of the whole rollout.")
    servers: dict[Name, int] = Field(
        default_factory=dict[str, int], description="How many hosts of a role the client's own register has, by role."
    )
    link: Link | None = Field(None, description="The line to the site.")
    hosts: dict[Name, Host] = Field(default_factory=dict[str, Host], description="The hosts, at least one, by name.")

    def with_role(self, role: str) -> tuple[str, ...]:
        """The names of the hosts of one role, in order of declaration."""
        return tuple(name for name, host in self.hosts.items() if host.role == role)
