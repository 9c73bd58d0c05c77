"""A parameter of the kernel has this value, now and after a restart."""

from typing import ClassVar

from pydantic import Field

from golive.model import TextLine
from golive.resources.content import Content
from golive.resources.file import File
from golive.resources.interface import Resource
from golive.resources.sh import quote


def _proc(name: str) -> str:
    """Where the kernel shows a parameter; as in sysctl(8), the separator that comes first is the one that separates."""
    dots = "." in name and ("/" not in name or name.index(".") < name.index("/"))
    return "/proc/sys/" + (name.translate(str.maketrans("./", "/.")) if dots else name)


class Sysctl(Resource):
    """A parameter of the kernel, in a file of /etc/sysctl.d and in the kernel that runs."""

    kind: ClassVar[str] = "sysctl"
    sysctl: str = Field(
        pattern=r"^[A-Za-z0-9_]+([./][A-Za-z0-9_:-]+)+$", description="Name of the parameter, as sysctl(8) has it."
    )
    value: TextLine | int = Field(description="Its value.")
    runtime: bool = Field(True, description="Set it in the kernel that runs, too; otherwise after the next restart.")

    @property
    def _file(self) -> File:
        path = f"/etc/sysctl.d/60-golive-{self.sysctl.replace('/', '-')}.conf"
        content = f"# Written by golive.\n{self.sysctl} = {self.value}\n"
        return File.model_validate({"file": path, "content": content})

    @property
    def _live(self) -> str:
        # Between its parts the kernel shows tabs, people write spaces.
        return f"$(awk '{{ $1 = $1; print }}' {quote(_proc(self.sysctl))} 2>/dev/null)"

    @property
    def _wanted(self) -> str:
        return quote(" ".join(str(self.value).split()))

    def prepare(self) -> str:
        return self._file.prepare()

    def check(self) -> str:
        live = f'[ "{self._live}" = {self._wanted} ] || return 1\n' if self.runtime else ""
        return f"{live}{self._file.check()}"

    def apply(self) -> str:
        if not self.runtime:
            return self._file.apply()
        path = quote(_proc(self.sysctl))
        absent = quote(f"the kernel has no parameter {self.sysctl}; is its module loaded?")
        return (
            f"[ -e {path} ] || {{ echo {absent}; exit 1; }}\n"
            f"printf '%s\\n' {self._wanted} > {path}\n{self._file.apply()}"
        )

    def diff(self) -> str:
        live = f"differs {quote(self.sysctl)}\": {self._live}\" {quote(self.sysctl)}': '{self._wanted}\n"
        return f"{live if self.runtime else ''}{self._file.diff()}"

    def keep(self) -> str:
        live = f'\ncat {quote(_proc(self.sysctl))} > "$keep/live" 2>/dev/null || rm -f "$keep/live"'
        return self._file.keep() + (live if self.runtime else "")

    def contents(self) -> tuple[Content, ...]:
        return self._file.contents()

    def undo(self) -> str:
        path = quote(_proc(self.sysctl))
        live = f'if [ -e "$keep/live" ] && [ -e {path} ]; then cat "$keep/live" > {path}; fi\n'
        return (live if self.runtime else "") + self._file.undo()
