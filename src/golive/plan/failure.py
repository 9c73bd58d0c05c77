"""What happens by itself when a step fails, and who may skip one."""

from typing import Literal

from pydantic import Field

from golive.model import Duration, Model, Name

StageName = Literal["define", "baseline", "deploy", "cutover", "handover"]


class Policy(Model):
    """For the steps of the whole rollout, of a stage or of a component; what stands nearest to a step counts."""

    then: Literal["stop", "back-out"] | None = Field(
        None,
        description="`stop`: nothing new begins at the site; `back-out`: it goes back to the old system. "
        "By default a cutover goes back and all else stops.",
    )
    retry: int | None = Field(None, ge=0, le=100, description="How often a failed step is tried again before that.")
    pause: Duration | None = Field(None, description="How long to wait before each; by default 10 s.")


class Failures(Policy):
    """The policy of the whole rollout."""

    stages: dict[StageName, Policy] = Field(default_factory=dict[StageName, Policy], description="Policies of stages.")
    ask: Duration = Field(
        60.0, description="How long a person at the terminal is asked before a site goes back by itself; `0 s`: never."
    )
    skip: Name | None = Field(
        None, description="Role of the people who may skip a failed step, with a signature; by default nobody may."
    )
