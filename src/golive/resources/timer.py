"""A command runs at times that systemd keeps."""

from typing import ClassVar

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from golive.model import Name, OneLine, Shell, Unix
from golive.resources.file import File
from golive.resources.interface import Resource
from golive.resources.service import Service
from golive.resources.sh import quote, secrets_in
from golive.resources.systemd import FOLDER, UnitFiles

_SERVICE = """# Written by golive.
[Unit]
Description={title}
[Service]
Type=oneshot
User={user}
ExecStart=/bin/sh -c "{command}"
"""

_TIMER = """# Written by golive.
[Unit]
Description={title}
[Timer]
OnCalendar={schedule}
Persistent={persistent}
[Install]
WantedBy=timers.target
"""

_ESCAPES = {"\\": "\\\\", '"': '\\"', "%": "%%", "$": "$$", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Timer(UnitFiles):
    """A timer of systemd, enabled and started, and the service that it starts: NAME.timer and NAME.service."""

    kind: ClassVar[str] = "timer"
    timer: Name = Field(description="Name of both units, without a suffix.")
    command: Shell = Field(description="POSIX shell text. It may read secrets from a file; it must not hold any.")
    schedule: str = Field(
        pattern=r"^[A-Za-z0-9*][A-Za-z0-9*,:./~+_ -]*$",
        description="When: an OnCalendar expression of systemd, such as `daily` or `Mon..Fri 02:30`.",
    )
    user: Unix = Field("root", description="The user who runs it.")
    persistent: bool = Field(True, description="Whether a time that the host slept through is made up for.")
    description: OneLine | None = Field(None, description="What it is for, as systemctl shows it.")

    @field_validator("command")
    @classmethod
    def _no_secret(cls, command: str) -> str:
        if secrets_in(command):
            hint = {"hint": "everybody on the host can read a unit: put the secret into a file that the command reads"}
            raise PydanticCustomError("timer_secret", "a timer's command cannot hold a secret", hint)
        return command

    @property
    def units(self) -> tuple[str, ...]:
        return (f"{self.timer}.service", f"{self.timer}.timer")

    def parts(self) -> tuple[Resource, ...]:
        title = (self.description or self.timer).replace("%", "%%")
        service = _SERVICE.format(title=title, user=self.user, command=_escaped(self.command.strip()))
        persistent = str(self.persistent).lower()
        timer = _TIMER.format(title=title, schedule=self.schedule, persistent=persistent)
        return (
            File.model_validate({"file": f"{FOLDER}/{self.timer}.service", "content": service}),
            File.model_validate({"file": f"{FOLDER}/{self.timer}.timer", "content": timer}),
            Service.model_validate({"service": f"{self.timer}.timer"}),
        )

    def apply(self) -> str:
        return f"systemd-analyze calendar {quote(self.schedule)} >/dev/null\n{super().apply()}"

    def undo(self) -> str:
        stamp = quote(f"/var/lib/systemd/timers/stamp-{self.timer}.timer")
        return f'{super().undo()}\n[ -e "$all/2/was" ] || rm -f {stamp}'


def _escaped(command: str) -> str:
    """As it stands between double quotes in a unit: neither systemd's specifiers nor its variables apply."""
    return "".join(_ESCAPES.get(letter, letter) for letter in command)
