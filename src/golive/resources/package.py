"""A Debian package is installed."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from golive.model import AbsolutePath, OneLine
from golive.resources.glance import Question, Sight
from golive.resources.interface import Resource
from golive.resources.sh import quote

_INSTALL = (
    "export DEBIAN_FRONTEND=noninteractive\n"
    "install() {\n"
    '  apt-get -q -y -o DPkg::Lock::Timeout=120 --no-install-recommends --allow-downgrades install "$@"\n'
    "}\n"
    # What a host was about to install when it went down is brought to its end first; then what apt knows may be old.
    'install "$@" || { dpkg --configure -a || :; apt-get -q update && install "$@"; }'
)

_STATE = "package ${Package} ${db:Status-Eflag} ${db:Status-Status}"
LOOK = Question("package", f"dpkg-query -W -f '{_STATE}\\n{_STATE} ${{Version}}\\n' \"$@\"")


class Package(Resource):
    """A package that apt knows, or one in a file on the host. With ``version`` exactly that one is wanted."""

    kind: ClassVar[str] = "package"
    package: str = Field(pattern=r"^[a-z0-9][a-z0-9+.-]+$", description="Name of the Debian package.")
    version: OneLine | None = Field(None, description="Exact version; by default any installed version will do.")
    hold: bool | None = Field(
        None, description="Whether upgrades leave it alone, as `apt-mark hold` does; by default that stays as it is."
    )
    deb: AbsolutePath | None = Field(None, description="A file on the host from which it is installed.")

    @property
    def together(self) -> str:
        """A file is looked at before apt has it, and holding comes after: these go alone."""
        return _INSTALL if self.deb is None and self.hold is None else ""

    def _installed(self) -> str:
        shown, wanted = "${db:Status-Eflag} ${db:Status-Status}", "ok installed"
        if self.version is not None:
            shown, wanted = f"{shown} ${{Version}}", f"{wanted} {self.version}"
        return f'[ "$(dpkg-query -W -f {quote(shown)} {quote(self.package)} 2>/dev/null)" = {quote(wanted)} ]'

    def check(self) -> str:
        if self.hold is None:
            return self._installed()
        want = f"\"$(dpkg-query -W -f '${{db:Status-Want}}' {quote(self.package)})\""
        return f"{self._installed()} && [ {want} {'=' if self.hold else '!='} hold ]"

    def sights(self) -> Sequence[Sight]:
        version = "" if self.version is None else f" {self.version}"
        answer = f"package {self.package} ok installed{version}"
        return (Sight(LOOK, self.package, answer),) if self.hold is None else ()

    def apply(self) -> str:
        install = f"set -- {self.item()}\n{_INSTALL}"
        if self.together:
            return install
        # Whoever declares the hold may change the version under it.
        flag = "" if self.hold is None else "--allow-change-held-packages "
        lines = [f"if {self._installed()}; then :; else", *self._right_file(), f"set -- {flag}{self.item()}", _INSTALL]
        lines += ["fi"] if self.hold is None else ["fi", f"apt-mark {self._mark} {quote(self.package)}"]
        return "\n".join(lines)

    @property
    def _mark(self) -> str:
        return "hold" if self.hold else "unhold"

    def _right_file(self) -> list[str]:
        if self.deb is None:
            return []
        holds = f'holds="$(dpkg-deb -f {quote(self.deb)} Package) $(dpkg-deb -f {quote(self.deb)} Version)"'
        wanted = f"{quote(f'{self.package} ')}*" if self.version is None else quote(f"{self.package} {self.version}")
        return [holds, f'case $holds in {wanted}) ;; *) echo "in the file is $holds"; exit 1 ;; esac']

    def item(self) -> str:
        if self.deb is not None:
            return quote(self.deb)
        return quote(self.package if self.version is None else f"{self.package}={self.version}")

    def diff(self) -> str:
        name = quote(self.package)
        called = quote(f"{self.package}: ")
        state = "${Version} (${db:Status-Status})" if self.hold is None else "${Version} (${db:Status-Abbrev})"
        found = f"$(dpkg-query -W -f '{state}' {name} 2>/dev/null || echo not installed)"
        offered = f"$(apt-cache policy {name} | sed -n 's/^ *Candidate: //p')"
        if self.deb:
            offered = f"$(dpkg-deb -f {quote(self.deb)} Version 2>/dev/null || echo no such file)"
        held = "" if self.hold is None else f", {self._mark}"
        if self.version:
            return f'differs {called}"{found}" {quote(f"{self.package}: {self.version}{held}")}'
        return f'differs {called}"{found}" {called}"{offered}{held}"'
