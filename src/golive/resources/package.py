"""A Debian package is installed."""

from typing import ClassVar

from pydantic import Field

from golive.model import OneLine
from golive.resources.interface import Resource
from golive.resources.sh import quote


class Package(Resource):
    """A package that apt knows. With ``version`` exactly that one is wanted."""

    kind: ClassVar[str] = "package"
    package: str = Field(pattern=r"^[a-z0-9][a-z0-9+.-]+$", description="Name of the Debian package.")
    version: OneLine | None = Field(None, description="Exact version; by default any installed version will do.")

    def check(self) -> str:
        name = quote(self.package)
        wanted = "ii " if self.version is None else f"ii {self.version}"
        shown = "${db:Status-Abbrev}" if self.version is None else "${db:Status-Abbrev}${Version}"
        return f'[ "$(dpkg-query -W -f {quote(shown)} {name})" = {quote(wanted)} ]'

    def apply(self) -> str:
        what = quote(self.package if self.version is None else f"{self.package}={self.version}")
        install = f"apt-get -q -y -o DPkg::Lock::Timeout=120 --no-install-recommends --allow-downgrades install {what}"
        return f"export DEBIAN_FRONTEND=noninteractive\n{install} || {{ apt-get -q update && {install}; }}"
