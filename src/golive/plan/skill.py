"""Skills: what people must be able to do in this rollout, and until when they are needed."""

from pydantic import Field

from golive.model import Duration, Model, Name, OneLine


class Skill(Model):
    """A skill; who has it stands with the people, where it is needed with roles, components, cutover and handover."""

    purpose: OneLine | None = Field(None, description="What it is, in a sentence.")
    critical: bool = Field(
        False, description="Somebody named and a backup must be there until the end of hypercare; else it is a no-go."
    )


class Hypercare(Model):
    """The time after a site has gone live in which the project still looks after it."""

    lasts: Duration = Field(14 * 86400.0, description="How long, from the cutover of each site.")
    skills: tuple[Name, ...] = Field((), description="Skills that are needed all that time.")
    exit: tuple[OneLine, ...] = Field((), description="What must hold before it ends, and before the next wave begins.")


class Licence(Model):
    """Licences of a product, as they were bought."""

    held: int = Field(ge=0, description="How many there are.")
    role: Name | None = Field(None, description="Each host of this role needs one; none named: each site needs one.")
    covers: int = Field(1, ge=1, description="How many hosts or sites one licence is for.")
