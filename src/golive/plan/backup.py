"""A backup: what is in it, and what has been shown about it."""

from pydantic import Field

from golive.model import Duration, Model, Name, OneLine, Size
from golive.plan.when import Day, Local


class Backup(Model):
    """One backup that the rollout relies on."""

    name: OneLine = Field(description="What people call it.")
    covers: tuple[OneLine, ...] = Field(
        min_length=1,
        description="What is in it, as `golive flags explain backup-covers-change` names it: patterns too.",
    )
    newest: Local | None = Field(None, description="When the newest one was made, in the rollout's time zone.")
    size: Size | None = Field(None, description="How large the newest one is.")
    tool: OneLine | None = Field(None, description="Version of the tool that makes it, such as `17.2`.")
    server: OneLine | None = Field(None, description="Version of the server that it is made of, such as `17.1`.")
    rpo: Duration | None = Field(None, description="How much work may be lost: the newest one may be no older.")
    restored: Day | None = Field(None, description="When it was last restored in a rehearsal.")
    alarm: Name | None = Field(None, description="The alarm that tells when it fails; see `contingency: alarms:`.")
