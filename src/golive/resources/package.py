"""A Debian package is installed."""

from typing import ClassVar

from pydantic import Field

from golive.model import OneLine
from golive.resources.interface import Resource
from golive.resources.sh import quote


class Package(Resource):
    """A package that apt knows. With ``version`` exactly that one is wanted."""

    kind: ClassVar[str] = "package"
    together: ClassVar[str] = (
        "export DEBIAN_FRONTEND=noninteractive\n"
        "install() {\n"
        '  apt-get -q -y -o DPkg::Lock::Timeout=120 --no-install-recommends --allow-downgrades install "$@"\n'
        "}\n"
        'install "$@" || { apt-get -q update && install "$@"; }'
    )
    package: str = Field(pattern=r"^[a-z0-9][a-z0-9+.-]+$", description="Name of the Debian package.")
    version: OneLine | None = Field(None, description="Exact version; by default any installed version will do.")

    def check(self) -> str:
        name = quote(self.package)
        wanted = "ii " if self.version is None else f"ii {self.version}"
        shown = "${db:Status-Abbrev}" if self.version is None else "${db:Status-Abbrev}${Version}"
        return f'[ "$(dpkg-query -W -f {quote(shown)} {name})" = {quote(wanted)} ]'

    def apply(self) -> str:
        return f"set -- {self.item()}\n{self.together}"

    def item(self) -> str:
        return quote(self.package if self.version is None else f"{self.package}={self.version}")

    def diff(self) -> str:
        name = quote(self.package)
        found = f"$(dpkg-query -W -f '${{Version}} (${{db:Status-Status}})' {name} 2>/dev/null || echo not installed)"
        offered = f"$(apt-cache policy {name} | sed -n 's/^ *Candidate: //p')"
        wanted = quote(f"{self.package}: {self.version}") if self.version else f'"{self.package}: {offered}"'
        return f'differs "{self.package}: {found}" {wanted}'
