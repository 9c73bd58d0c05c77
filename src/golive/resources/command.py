"""A command has been run, as its own test can tell."""

from typing import ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from golive.model import AbsolutePath, OneLine, Shell
from golive.resources.interface import Resource, first_line
from golive.resources.sh import code, quote


class Command(Resource):
    """Shell text for what no other resource covers. ``unless`` or ``creates`` tells whether it is needed."""

    kind: ClassVar[str] = "command"
    command: Shell = Field(description="POSIX shell text.")
    name: OneLine | None = Field(None, description="What a person calls it.")
    unless: Shell | None = Field(None, description="Shell text that exits 0 when there is nothing to do.")
    creates: AbsolutePath | None = Field(None, description="A path that exists when there is nothing to do.")
    undo_with: Shell | None = Field(None, alias="undo", description="Shell text that takes it back.")

    @model_validator(mode="after")
    def _has_a_test(self) -> Self:
        if (self.unless is None) == (self.creates is None):
            hint = {"hint": "it tells when there is nothing to do: shell text that exits 0, or a path that exists"}
            raise PydanticCustomError("command_test", "a command needs unless or creates, and one of them only", hint)
        return self

    @property
    def title(self) -> str:
        return f"command {self.name or first_line(self.command)}"

    def check(self) -> str:
        return code(self.unless).strip() if self.unless else f"[ -e {quote(self.creates or '')} ]"

    def apply(self) -> str:
        return code(self.command).strip()

    def keep(self) -> str:
        return ': > "$keep"' if self.undo_with else ""

    def undo(self) -> str:
        return code(self.undo_with).strip() if self.undo_with else ""
