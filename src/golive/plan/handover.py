"""The handover: procedures, access and the signature of the client's people."""

from pydantic import Field

from golive.model import Duration, Model, Name, OneLine, Shell


class Procedure(Model):
    """A procedure that keeps the service working. It exists once it has been exercised."""

    name: Name = Field(description="Such as `start`, `stop`, `status`, `backup`.")
    on: Name = Field(description="Role of the hosts on which it is done.")
    purpose: OneLine | None = Field(None, description="When an operator needs it.")
    command: Shell = Field(description="POSIX shell text that does it.")
    proof: Shell | None = Field(None, description="POSIX shell text that exits 0 when it worked.")
    planned: Duration = Field(10.0, description="How long it should take.")


class SignOff(Model):
    """The decision that ends the project's responsibility at a site."""

    role: Name = Field(description="Role of the person who signs.")
    question: OneLine = Field("Do you take over the operation of this site?", description="What is asked.")
    valid_for: Duration = Field(
        7 * 86400.0, ge=60, description="How long the question stands before it must be asked again."
    )


class Handover(Model):
    """What is handed over at each site."""

    skills: tuple[Name, ...] = Field((), description="Skills that its steps need.")
    procedures: tuple[Procedure, ...] = Field((), description="Exercised in this order, host by host.")
    access: bool = Field(False, description="The operators' key goes on, the team's key comes off; both are proven.")
    sign_off: SignOff | None = Field(None, description="Who signs that the service was taken over.")
