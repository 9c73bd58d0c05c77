"""What all resources share that put files of units into place: they are ok once systemd has read them."""

from typing import ClassVar

from golive.resources.parts import Composite
from golive.resources.sh import quote

FOLDER = "/etc/systemd/system"
UNIT = r"^[A-Za-z0-9@:._\\-]+\.(service|socket|target|timer|path|mount|automount|swap|slice)$"
FILE_NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,80}$"
RELOAD = "systemctl daemon-reload"


class UnitFiles(Composite):
    """Base of resources whose parts are files of units. A crash before daemon-reload is found by asking systemd."""

    stale: ClassVar[str] = "NeedDaemonReload=yes"
    """What systemd must not say of the units, as an extended regular expression."""

    @property
    def units(self) -> tuple[str, ...]:
        """The units that the files are about."""
        raise NotImplementedError

    def _states(self) -> str:
        # Of a template systemd knows the instances only.
        names = " ".join(quote(name.replace("@.", "@*.")) for name in self.units)
        return f"systemctl show -p NeedDaemonReload -p LoadState {names}"

    def check(self) -> str:
        return f"{super().check()} &&\n! {self._states()} | grep -qxE {quote(self.stale)}"

    def apply(self) -> str:
        return f"{super().apply()}\n{RELOAD}"

    def diff(self) -> str:
        stale = f"{self._states()} 2>/dev/null | grep -xE {quote(self.stale)}"
        return f"{super().diff()}\n{stale} | sed 's/^/- /'"

    def undo(self) -> str:
        return f"{super().undo()}\n{RELOAD}"
