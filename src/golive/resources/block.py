"""A file has these lines, between two lines that mark them as golive's."""

from typing import ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from golive.model import AbsolutePath, Name, OneLine
from golive.resources.edited import Edited, unless_made
from golive.resources.sh import quote, word

_BETWEEN = r"""begin=%s end=%s held=%s awk 'BEGIN {
  begin = ENVIRON["begin"] ""; end = ENVIRON["end"] ""; held = ENVIRON["held"] ""
}
function block() { print begin; if (held != "") print held; print end; written = 1 }
inside { if ($0 == end) inside = 0; next }
$0 == begin { if (!written) block(); inside = 1; next }
{ print }
END {
  if (inside) { print "a line says " begin ", and none below it " end | "cat >&2"; exit 1 }
  if (!written) block()
}' "$1" """


class Block(Edited):
    """A block of lines in a file that may hold others, at its end unless it stands somewhere already."""

    kind: ClassVar[str] = "block"
    block: AbsolutePath = Field(description="Path of the file.")
    name: Name = Field(description="Tells it from other blocks of the file: it stands in the lines that mark it.")
    content: str = Field(description="The lines of the block.")
    comment: OneLine = Field("#", description="What begins a comment in the file.")
    create: bool = Field(False, description="Make the file when it is not there; otherwise that is a failure.")
    sensitive: bool = Field(False, description="What stands in the file is shown nowhere.")

    @model_validator(mode="after")
    def _no_marker_inside(self) -> Self:
        if {self._marker("begin"), self._marker("end")} & set(self.content.split("\n")):
            hint = {"hint": "take that line out; golive writes it"}
            raise PydanticCustomError("block_marker", "the content holds a line that marks the block", hint)
        return self

    def _marker(self, which: str) -> str:
        return f"{self.comment} golive {self.name} {which}"

    @property
    def identity(self) -> str:
        return f"{self.block}\n{self.name}"

    @property
    def title(self) -> str:
        return f"block {self.name} in {self.block}"

    @property
    def edited(self) -> str:
        return self.block

    def hidden(self) -> bool:
        return self.sensitive or super().hidden()

    def make(self) -> str:
        return unless_made(self.create, self.block)

    def edit(self) -> str:
        markers = quote(self._marker("begin")), quote(self._marker("end"))
        return (_BETWEEN % (*markers, word(self.content.removesuffix("\n")))).strip()
