"""The host is called so, now and after a restart."""

from typing import ClassVar

from pydantic import Field

from golive.model import FILLED_IN
from golive.resources.former import put_back, saved
from golive.resources.interface import Resource
from golive.resources.sh import quote


class Hostname(Resource):
    """The host's name. Add a hosts-entry if it must lead to an address."""

    kind: ClassVar[str] = "hostname"
    hostname: str = Field(
        pattern=rf"^([A-Za-z0-9]([A-Za-z0-9.-]{{0,62}}[A-Za-z0-9])?|{FILLED_IN})$", description="The name."
    )

    def check(self) -> str:
        name = quote(self.hostname)
        return f'[ "$(cat /proc/sys/kernel/hostname)" = {name} ] && [ "$(cat /etc/hostname)" = {name} ]'

    def apply(self) -> str:
        name = quote(self.hostname)
        return (
            f"hostname {name}\n"
            "rm -f /etc/hostname.golive-new\n"
            f"printf '%s\\n' {name} > /etc/hostname.golive-new\n"
            "mv -fT /etc/hostname.golive-new /etc/hostname"
        )

    def diff(self) -> str:
        found = "$(cat /proc/sys/kernel/hostname), $(cat /etc/hostname 2>/dev/null || echo nothing) in /etc/hostname"
        return f'differs "{found}" {quote(f"{self.hostname}, {self.hostname} in /etc/hostname")}'

    def keep(self) -> str:
        return f'mkdir "$keep"\ncat /proc/sys/kernel/hostname > "$keep/live"\n{saved("/etc/hostname")}'

    def undo(self) -> str:
        return f'hostname "$(cat "$keep/live")"\npath=/etc/hostname\n{put_back()}'
