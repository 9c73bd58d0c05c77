"""The team's own mover and switch: shell text for data and for traffic that no other kind knows."""

from typing import ClassVar

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from golive.kinds.interface import Mover, Peers, Switch
from golive.model import OneLine, Shell
from golive.resources.sh import code


class CommandMover(Mover):
    """The team's own: text that copies, text that proves, text that takes the copy away."""

    kind: ClassVar[str] = "command"
    command: Shell = Field(description="On the target: copies everything; must be fit to run again.")
    prove: Shell = Field(description="On the target, under the fence: exits 0 when both sides hold the same.")
    back: Shell = Field(description="On the target: takes the copy away; runs also when there is none, or half of it.")
    last: Shell | None = Field(
        None, description="On the source, under the fence of the protocol: ends the copy, and proves it."
    )
    fetch: Shell | None = Field(
        None, description="On the source, under the fence of the way back: brings what was written on the new side."
    )

    @field_validator("last", "fetch")
    @classmethod
    def _without_secrets(cls, text: str | None) -> str | None:
        if text and "secret(" in text:
            hint = {"hint": "let command: or a task put what it needs into a file on the host"}
            raise PydanticCustomError("pass_secret", "golive is not there under the fence to bring a secret", hint)
        return text

    @property
    def ends_under_fence(self) -> bool:
        return self.last is not None

    @property
    def comes_back(self) -> bool:
        return self.fetch is not None

    def copy_data(self, peers: Peers) -> str:
        return _text(self.command)

    def compare(self, peers: Peers) -> str:
        return _text(self.prove)

    def discard(self, peers: Peers) -> str:
        return _text(self.back)

    def last_pass(self, peers: Peers) -> str:
        return _text(self.last) if self.last else ""

    def pass_back(self, peers: Peers) -> str:
        return _text(self.fetch) if self.fetch else ""


class CommandSwitch(Switch):
    """The team's own switch. It cannot hold requests; what users notice it says itself."""

    kind: ClassVar[str] = "command"
    command: Shell = Field(description="Sends the traffic to the new system; must be fit to run again.")
    back_text: Shell = Field(
        alias="back", description="Sends it to the old one; runs also when it was never switched, or half."
    )
    notice: OneLine = Field(alias="promise", description="What users notice when it switches, in a sentence.")

    def forward(self, peers: Peers) -> str:
        return _text(self.command)

    def back(self) -> str:
        return _text(self.back_text)

    def promise(self, holding: bool) -> str:
        return f"it cannot hold requests: {self.notice}"


def _text(text: str) -> str:
    return f"set -e\n{code(text).strip()}\n"
