"""A table of nftables is loaded, and is loaded at every boot."""

import re
from typing import ClassVar

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from golive.model import Name
from golive.resources.directory import Directory
from golive.resources.file import File
from golive.resources.interface import Resource
from golive.resources.service import Service
from golive.resources.sh import quote
from golive.resources.systemd import FOLDER, UnitFiles

_RULES = """# Written by golive. The table is replaced as a whole, in one transaction.
table inet {name}
delete table inet {name}
table inet {name} {{
{rules}
}}
"""

_UNIT = """# Written by golive.
[Unit]
Description=nftables table inet {name}
DefaultDependencies=no
Wants=network-pre.target
Before=network-pre.target shutdown.target
Conflicts=shutdown.target
# It flushes all tables when it starts: this one comes after it, also when it is restarted.
After=nftables.service
PartOf=nftables.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f {path}
[Install]
WantedBy=sysinit.target
"""

_FUNCTIONS = """table=%s rules=%s
loaded=$GOLIVE_ROOT/nft/$table
live() { nft -s -t list table inet "$table"; }
state() { { cat "$rules" && live; } 2>/dev/null | sha256sum; }"""

_LOAD = """mkdir -p "${loaded%/*}"
nft -f "$rules"
state > "$loaded.new"
mv -f "$loaded.new" "$loaded\""""

_UNDO = """if command -v nft >/dev/null; then
{{ printf 'table inet %s\\ndelete table inet %s\\n' {name} {name}
  if [ -s "$all/live" ]; then cat "$all/live"; fi; }} | nft -f -
fi
rm -f "$GOLIVE_ROOT/nft"/{name}
if [ -e "$all/loaded" ]; then mkdir -p "$GOLIVE_ROOT/nft"; cp "$all/loaded" "$GOLIVE_ROOT/nft"/{name}; fi"""


class Firewall(UnitFiles):
    """The table `inet NAME` of nftables, live and at boot. Other tables are left alone; packets pass all of them."""

    kind: ClassVar[str] = "firewall"
    firewall: Name = Field(description="Name of the table, and of its file in /etc/golive-nft.")
    rules: str = Field(description="What stands in the table, as nft reads it: chains, sets and rules.")

    @field_validator("rules")
    @classmethod
    def _inside_of_one_table(cls, rules: str) -> str:
        bare = re.sub(r'"[^"\n]*"|#[^\n]*', "", rules)
        depth = 0
        for brace in re.findall(r"[{}]", bare):
            depth += 1 if brace == "{" else -1
            if depth < 0:
                break
        if depth != 0 or re.match(r"\s*(table|flush|delete|add|include)\b", bare):
            hint = {"hint": "write chains, sets and rules: what stands between the braces of a table"}
            raise PydanticCustomError("firewall_rules", "these are not the contents of one table", hint)
        return rules

    @property
    def _path(self) -> str:
        return f"/etc/golive-nft/{self.firewall}.nft"

    @property
    def _service(self) -> str:
        return f"golive-nft-{self.firewall}.service"

    @property
    def units(self) -> tuple[str, ...]:
        return (self._service,)

    def parts(self) -> tuple[Resource, ...]:
        content = _RULES.format(name=self.firewall, rules=self.rules.strip("\n"))
        unit = _UNIT.format(name=self.firewall, path=self._path)
        return (
            Directory.model_validate({"directory": "/etc/golive-nft"}),
            File.model_validate({"file": self._path, "content": content, "validate": 'nft -c -f "$new"'}),
            File.model_validate({"file": f"{FOLDER}/{self._service}", "content": unit}),
            Service.model_validate({"service": self._service}),
        )

    def prepare(self) -> str:
        return f"{_FUNCTIONS % (quote(self.firewall), quote(self._path))}\n{super().prepare()}"

    def check(self) -> str:
        return f'{super().check()} &&\n[ -e "$loaded" ] && [ "$(state)" = "$(cat "$loaded")" ]'

    def apply(self) -> str:
        return f"{super().apply()}\n{_LOAD}"

    def diff(self) -> str:
        shown = '[ "$(state)" = "$(cat "$loaded" 2>/dev/null)" ] || differs "$table: other rules are live, or none" '
        return f'{super().diff()}\n{shown}"$table: the rules of $rules"'

    def keep(self) -> str:
        saved = 'if command -v nft >/dev/null && live > "$all/live" 2>/dev/null; then :; else rm -f "$all/live"; fi'
        return f'{super().keep()}\n{saved}\nif [ -e "$loaded" ]; then cp "$loaded" "$all/loaded"; fi'

    def undo(self) -> str:
        return f"{super().undo()}\n{_UNDO.format(name=quote(self.firewall))}"
