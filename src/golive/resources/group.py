"""A group of the operating system exists."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from golive.model import Unix
from golive.resources.glance import Question, Sight
from golive.resources.interface import Resource
from golive.resources.sh import quote

LOOK = Question(
    "group",
    """getent group "$@" | while IFS=: read -r name _ gid _; do
  echo "group $name"
  echo "group $name $gid"
done""",
)


class Group(Resource):
    """A group. When its number changes, files of the old number stay as they are."""

    kind: ClassVar[str] = "group"
    group: Unix = Field(description="Name of the group.")
    gid: int | None = Field(None, ge=0, le=4294967294, description="Its number; by default the next one that is free.")
    system: bool = Field(False, description="Take the number from those for services, when the group is made.")

    def check(self) -> str:
        name = quote(self.group)
        if self.gid is None:
            return f"getent group {name}"
        return f'[ "$(getent group {name} | cut -d: -f3)" = {self.gid} ]'

    def sights(self) -> Sequence[Sight]:
        number = "" if self.gid is None else f" {self.gid}"
        return (Sight(LOOK, self.group, f"group {self.group}{number}"),)

    def apply(self) -> str:
        name, number = quote(self.group), "" if self.gid is None else f"--gid {self.gid} "
        system = "--system " if self.system else ""
        lines = [f"getent group {name} >/dev/null || groupadd {system}{number}{name}"]
        lines += [f"groupmod {number}{name}"] if number else []
        return "\n".join(lines)

    def diff(self) -> str:
        wanted = f"{self.group}, {'any number' if self.gid is None else self.gid}"
        return f'differs "$(getent group {quote(self.group)} || echo no such group)" {quote(wanted)}'

    def keep(self) -> str:
        return f'getent group {quote(self.group)} > "$keep" || :'

    def undo(self) -> str:
        name = quote(self.group)
        return (
            f"if ! getent group {name} >/dev/null; then return 0; fi\n"
            'if [ -s "$keep" ]; then '
            f'groupmod --gid "$(cut -d: -f3 "$keep")" {name}; else groupdel {name}; fi'
        )
