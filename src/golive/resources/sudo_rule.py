"""Who may do what by sudo."""

from typing import ClassVar

from pydantic import Field

from golive.resources.content import Content
from golive.resources.file import File
from golive.resources.interface import Resource


class SudoRule(Resource):
    """A file of /etc/sudoers.d. What visudo does not accept never gets there; sudo must be installed before."""

    kind: ClassVar[str] = "sudo-rule"
    sudo_rule: str = Field(
        alias="sudo-rule", pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,60}$", description="Name of the file."
    )
    content: str = Field(description="The rules, as sudoers(5) has them.")

    @property
    def _file(self) -> File:
        whole = self.content if self.content.endswith("\n") else self.content + "\n"
        fields = {"file": f"/etc/sudoers.d/{self.sudo_rule}", "content": whole, "mode": "0440"}
        return File.model_validate(fields | {"validate": 'visudo -cqf "$new"'})

    def prepare(self) -> str:
        return self._file.prepare()

    def check(self) -> str:
        return self._file.check()

    def apply(self) -> str:
        return self._file.apply()

    def diff(self) -> str:
        return self._file.diff()

    def keep(self) -> str:
        return self._file.keep()

    def contents(self) -> tuple[Content, ...]:
        return self._file.contents()

    def undo(self) -> str:
        return self._file.undo()
