"""What happens by itself when a step fails: tried again so often, and then the site stops or goes back."""

from dataclasses import dataclass
from enum import StrEnum

from golive.plan.failure import Policy
from golive.plan.plan import Plan


class Then(StrEnum):
    """What a site does when a step has failed for good."""

    STOP = "stop"
    """Nothing new begins there; a person decides."""
    BACK_OUT = "back-out"
    """It goes back to the old system, unless it is past its point of no return."""


@dataclass(frozen=True)
class OnFailure:
    """The plan's policy for one step. Without a word of the plan: a cutover goes back, everything else stops."""

    then: str = ""
    retries: int = 0
    pause: float = 0.0
    """Seconds before it is tried again."""


NOTHING_SAID = OnFailure()


def policy(plan: Plan, stage: str, path: str = "") -> OnFailure:
    """The policy for a step: what is said nearest to it counts, for each key.

    Args:
        plan: the plan.
        stage: the step's stage.
        path: where the plan asks for the step, as a dotted path: ``components.NAME...`` names a component.
    """
    said: list[Policy] = []
    section, _, rest = path.partition(".")
    if section == "components" and (component := plan.components[rest.partition(".")[0]]).on_failure:
        said.append(component.on_failure)
    if plan.on_failure:
        said += [plan.on_failure.stages[stage]] if stage in plan.on_failure.stages else []
        said.append(plan.on_failure)
    return _nearest(said) if said else NOTHING_SAID


def _nearest(said: list[Policy]) -> OnFailure:
    then = next((one.then for one in said if one.then), "")
    retries = next((one.retry for one in said if one.retry is not None), 0)
    pause = next((one.pause for one in said if one.pause is not None), DEFAULT_PAUSE)
    return OnFailure(then, retries, pause)


DEFAULT_PAUSE = 10.0
"""Seconds before a step is tried again, unless the plan says otherwise."""
