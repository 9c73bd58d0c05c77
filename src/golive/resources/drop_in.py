"""A drop-in changes a unit of systemd that somebody else brought."""

from typing import ClassVar

from pydantic import Field

from golive.resources.directory import Directory
from golive.resources.file import File
from golive.resources.interface import Resource
from golive.resources.systemd import FILE_NAME, FOLDER, UNIT, UnitFiles


class DropIn(UnitFiles):
    """A drop-in of a unit: /etc/systemd/system/UNIT.d/NAME.conf. Nothing is restarted: a service hears of the unit."""

    kind: ClassVar[str] = "drop-in"
    drop_in: str = Field(alias="drop-in", pattern=UNIT, description="The unit, such as `postgresql@.service`.")
    name: str = Field("golive", pattern=FILE_NAME, description="Name of the file, without `.conf`.")
    content: str = Field(description="The whole file; Jinja expressions are filled in.")

    @property
    def identity(self) -> str:
        """One unit may have several."""
        return f"{self.main} {self.name}"

    @property
    def title(self) -> str:
        return f"{self.kind} {self.name} of {self.main}"

    @property
    def units(self) -> tuple[str, ...]:
        return (self.drop_in,)

    def parts(self) -> tuple[Resource, ...]:
        folder = f"{FOLDER}/{self.drop_in}.d"
        return (
            Directory.model_validate({"directory": folder}),
            File.model_validate({"file": f"{folder}/{self.name}.conf", "content": self.content}),
        )
