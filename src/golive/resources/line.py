"""A file has this line."""

from typing import ClassVar

from pydantic import Field

from golive.model import AbsolutePath, TextLine
from golive.resources.edited import Edited, unless_made
from golive.resources.interface import printable
from golive.resources.sh import secrets_in, word

_PRESENT = r"""text=%s awk 'BEGIN { text = ENVIRON["text"] "" }
$0 == text { there = 1 }
{ print }
END { if (!there) print text }' "$1" """

_IN_PLACE = r"""found=$(grep -nE -e %s "$1") || [ $? -eq 1 ] || return 1
text=%s found=$found awk 'BEGIN {
  text = ENVIRON["text"] ""
  count = split(ENVIRON["found"], rows, "\n")
  for (row = 1; row <= count; row++) { sub(/:.*/, "", rows[row]); matches[rows[row]] = 1 }
}
FNR in matches || $0 == text { if (!there) print text; there = 1; next }
{ print }
END { if (!there) print text }' "$1" """


class Line(Edited):
    """A line of a file that may hold others. Its mode and owner stay; a last line that has no newline gets one."""

    kind: ClassVar[str] = "line"
    line: AbsolutePath = Field(description="Path of the file.")
    text: TextLine = Field(description="The line; appended when it stands nowhere.")
    match: TextLine | None = Field(
        None,
        description="Extended regular expression: the first line that matches becomes the text, further ones go.",
    )
    create: bool = Field(False, description="Make the file when it is not there; otherwise that is a failure.")
    sensitive: bool = Field(False, description="Neither the line nor what it replaces is shown.")

    @property
    def identity(self) -> str:
        return f"{self.line}\n{self.match or self.text}"

    @property
    def title(self) -> str:
        text = "" if self.sensitive or secrets_in(self.text) else f": {printable(self.text)}"
        return f"line {self.line}{text}"

    @property
    def edited(self) -> str:
        return self.line

    def hidden(self) -> bool:
        return self.sensitive or super().hidden()

    def make(self) -> str:
        return unless_made(self.create, self.line)

    def edit(self) -> str:
        text = word(self.text)
        return (_PRESENT % text if self.match is None else _IN_PLACE % (word(self.match), text)).strip()
