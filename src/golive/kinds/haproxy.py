"""HAProxy as the front door: it refuses writes while the fence stands, and sends traffic to the old or the new servers.

Both are edits of one section of the configuration that is there, marked so that they can be taken out again exactly;
a new configuration must pass ``haproxy -c`` before it goes in, and is loaded by a reload.
"""

from typing import ClassVar

from pydantic import Field

from golive.kinds.door import begin_with, put_in, take_out
from golive.kinds.interface import Fence, HostRef, Peers, Register, Switch
from golive.model import AbsolutePath, Name, Shell
from golive.resources.sh import quote, word

_EDIT = r"""config=%(config)s
new=$config.golive-new
strip() {  # takes out what golive put in, brings back what it put aside
  awk -v tag=%(tag)s '
    index($0, "#" tag " ") == 1 { print substr($0, length(tag) + 3); next }
    substr($0, length($0) - length(tag) - 1) == "# " tag { next }
    { print }' "$config"
}
put_in() {
  haproxy -c -q -f "$new" ||
    { echo "haproxy refuses the new configuration; nothing was changed"; rm -f "$new"; exit 1; }
  cmp -s "$new" "$config" ||
    { chmod --reference="$config" "$new" && chown --reference="$config" "$new" && mv -f "$new" "$config"; } || exit 1
  rm -f "$new"
  systemctl reload haproxy || exit 1
}
"""

_INSERT = r"""insert() {  # puts $lines into the section; fails when there is no such section
  awk -v tag=%(tag)s -v section=%(section)s -v name=%(name)s -v aside=%(aside)s '
    index(" %(sections)s ", " " $1 " ") { inside = ($1 == section && $2 == name) }
    inside && aside != "" && ($1 == aside || $1 == aside "-template") { print "#" tag " " $0; next }
    { print }
    inside && $1 == section {
      found = 1
      count = split(ENVIRON["lines"], line, "\n")
      for (i = 1; i <= count; i++) print "    " line[i] "  # " tag
    }
    END { exit !found }'
}
"""


_SECTIONS = (
    "global defaults frontend backend listen peers resolvers mailers userlist cache program ring http-errors"
    " log-forward log-profile fcgi-app crt-store traces acme"
)
"""Words that begin a section, however they are indented."""


def _edit(config: str, tag: str) -> str:
    return _EDIT % {"config": quote(config), "tag": quote(tag)}


def _set(config: str, tag: str, section: str, name: str, lines: str, aside: str = "") -> str:
    parts = {"tag": quote(tag), "section": section, "name": quote(name), "aside": quote(aside), "sections": _SECTIONS}
    missing = quote(f"no section '{section} {name}' in {config}")
    return (
        _edit(config, tag)
        + _INSERT % parts
        + f"export lines={word(lines)}\n"
        + f'strip | insert > "$new" || {{ echo {missing}; rm -f "$new"; exit 1; }}\nput_in\n'
    )


def _unset(config: str, tag: str) -> str:
    return _edit(config, tag) + 'strip > "$new" || { rm -f "$new"; exit 1; }\nput_in\n'


class HaproxyFence(Fence):
    """Writes are answered with 503, Retry-After and `X-Golive: fence` at the front door; reads go on."""

    kind: ClassVar[str] = "haproxy"
    releases: ClassVar[bool] = True
    proof: ClassVar[str] = "the front door took the new configuration"
    haproxy: str = Field(pattern=r"^[A-Za-z0-9_.:-]+$", description="Name of the frontend.")
    config: AbsolutePath = Field("/etc/haproxy/haproxy.cfg", description="The configuration on the host.")

    def close(self) -> str:
        deny = "http-request deny status 503 hdr Retry-After 1 hdr X-Golive fence unless METH_GET or METH_OPTIONS"
        return _set(self.config, "golive:fence", "frontend", self.haproxy, deny)

    def open(self) -> str:
        return _unset(self.config, "golive:fence")


class HaproxySwitch(Switch):
    """The servers of a backend are put aside, the hosts of a role take their place; requests can be held meanwhile."""

    kind: ClassVar[str] = "haproxy"
    holds: ClassVar[bool] = True
    haproxy: str = Field(pattern=r"^[A-Za-z0-9_.:-]+$", description="Name of the backend.")
    to: Name = Field(description="Role whose hosts become the servers.")
    port: int = Field(ge=1, le=65535, description="Port on those hosts.")
    options: Shell = Field("check", pattern=r"^[^\n#]*$", description="What stands behind each server's address.")
    config: AbsolutePath = Field("/etc/haproxy/haproxy.cfg", description="The configuration on the host.")
    frontend: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_.:-]+$",
        description="Frontend at which requests are held; by default named as the backend.",
    )

    def _servers(self, peers: Peers) -> str:
        return "\n".join(f"server {host.name} {host.address}:{self.port} {self.options}" for host in peers[self.to])

    def front_door(self) -> tuple[str, str]:
        return self.config, self.haproxy

    def forward(self, peers: Peers) -> str:
        return _set(self.config, "golive:switch", "backend", self.haproxy, self._servers(peers), "server")

    def back(self) -> str:
        return _unset(self.config, "golive:switch")

    def promise(self, holding: bool) -> str:
        if not holding:
            return "nothing is held: requests under way end on the old servers, later ones go to the new ones"
        return "requests are held while the fence stands, and none is refused; it needs HAProxy 2.4 or later with Lua"

    def door(self, peers: Peers, register: Register, host: HostRef) -> str:
        edit, front = _edit(self.config, "golive:door"), self.frontend or self.haproxy
        return edit + put_in(register.name, host.name, front, self.haproxy, self._servers(peers), register, _SECTIONS)

    def undoor(self, register: Register) -> str:
        return _edit(self.config, "golive:door") + take_out(register.name)

    def begin_with(self, register: Register, side: str) -> str:
        return begin_with(register.name, side)
