"""Names lead to an address, by /etc/hosts."""

from typing import Annotated, ClassVar

from pydantic import Field

from golive.model import FILLED_IN
from golive.resources.edited import Edited
from golive.resources.sh import quote

_ENTRY = r"""address=%s names=%s awk 'BEGIN {
  address = ENVIRON["address"] ""
  wanted = address " " ENVIRON["names"]
  count = split(tolower(ENVIRON["names"]), list, " ")
  for (one = 1; one <= count; one++) mine[list[one]] = 1
}
{
  entry = $0
  sub(/#.*/, "", entry)
  comment = substr($0, length(entry) + 1)
  fields = split(entry, field, " ")
  if (fields < 2 || (field[1] ~ /:/) != (address ~ /:/)) { print; next }
  same = field[1]; left = field[1]; stay = 0
  for (one = 2; one <= fields; one++) {
    same = same " " field[one]
    if (!(tolower(field[one]) in mine)) { left = left " " field[one]; stay++ }
  }
  if (same == wanted && !there) { there = 1; print; next }
  if (stay == fields - 1) print
  else if (stay) { if (comment != "") left = left " " comment; print left }
}
END { if (!there) print wanted }' "$1" """

Host = Annotated[str, Field(pattern=rf"^([A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?|{FILLED_IN})$")]


class HostsEntry(Edited):
    """A line of /etc/hosts. Other lines of the same family of addresses lose the names that it holds."""

    kind: ClassVar[str] = "hosts-entry"
    hosts_entry: str = Field(
        alias="hosts-entry", pattern=rf"^([0-9A-Fa-f.:]+(%[a-z0-9]+)?|{FILLED_IN})$", description="The address."
    )
    names: tuple[Host, ...] = Field(min_length=1, description="The names that lead to it; the first is the main one.")

    @property
    def identity(self) -> str:
        return f"{self.hosts_entry} {' '.join(self.names)}"

    @property
    def title(self) -> str:
        return f"hosts-entry {self.identity}"

    @property
    def edited(self) -> str:
        return "/etc/hosts"

    def edit(self) -> str:
        return (_ENTRY % (quote(self.hosts_entry), quote(" ".join(self.names)))).strip()
