"""A command has been run, as its own test can tell."""

from typing import ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from golive.model import AbsolutePath, OneLine, Shell
from golive.resources.interface import Resource, first_line
from golive.resources.sh import SECRET_MARK, code, quote


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

    def prepare(self) -> str:
        # In a shell of its own: the author's text may exit or change the directory.
        return f"needless() (\ncd / || exit\n{code(self.unless).strip()}\n)" if self.unless else ""

    def check(self) -> str:
        return "needless" if self.unless else f"[ -e {quote(self.creates or '')} ]"

    def diff(self) -> str:
        lines = SECRET_MARK.sub(lambda found: f"‹secret {found[1]}›", self.command).strip().split("\n")
        shown = "# shellcheck disable=SC2016\n" if "$" in self.command or "`" in self.command else ""
        return f"{shown}printf '+ %s\\n' {' '.join(quote(line) for line in lines)}"

    def foreseen(self) -> str:
        return "false"

    def apply(self) -> str:
        return code(self.command).strip()

    def keep(self) -> str:
        return ': > "$keep"' if self.undo_with else ""

    def undo(self) -> str:
        return code(self.undo_with).strip() if self.undo_with else ""
