"""A unit of systemd is there as a file, and systemd has read it."""

from typing import ClassVar

from pydantic import Field

from golive.resources.file import File
from golive.resources.interface import Resource
from golive.resources.systemd import FOLDER, UNIT, UnitFiles


class Unit(UnitFiles):
    """A unit of systemd in /etc/systemd/system. Nothing is started: a service or a timer does that."""

    kind: ClassVar[str] = "unit"
    stale: ClassVar[str] = "NeedDaemonReload=yes|LoadState=(not-found|error|bad-setting)"
    unit: str = Field(pattern=UNIT, description="Name of the unit with its suffix, such as `kinto.service`.")
    content: str = Field(description="The whole file; Jinja expressions are filled in.")

    @property
    def units(self) -> tuple[str, ...]:
        return (self.unit,)

    def parts(self) -> tuple[Resource, ...]:
        return (File.model_validate({"file": f"{FOLDER}/{self.unit}", "content": self.content}),)
