"""Messages: what people are told before, during and after, by mail, chat or webhook."""

from pydantic import Field

from golive.model import Model, Name, OneLine, Shell
from golive.plan.moment import MessageMoment
from golive.plan.secret import SecretName


class Message(Model):
    """One message at each site, to each of its receivers at most once."""

    name: Name = Field(description="Stands in the step's id.")
    at: MessageMoment = Field(description="`before` or `after` a stage, or `during cutover`: once all fences are up.")
    to: tuple[SecretName, ...] = Field(
        min_length=1, description="Secrets that hold the receivers' URLs, as Apprise has them."
    )
    title: OneLine = Field(description="Subject; a text that may hold expressions.")
    text: Shell = Field(description="The message; a text that may hold expressions.")
    sites: tuple[Name, ...] = Field((), description="At these sites only; none named: at all.")
