"""A symbolic link leads where it should."""

from typing import ClassVar

from pydantic import Field

from golive.model import AbsolutePath, TextLine
from golive.resources.former import put_back, saved
from golive.resources.interface import Resource
from golive.resources.sh import quote


class Symlink(Resource):
    """A symbolic link, changed in one instant. It takes the place of a file, not of a directory."""

    kind: ClassVar[str] = "symlink"
    symlink: AbsolutePath = Field(description="Path of the link.")
    to: TextLine = Field(description="Where it leads; need not be there.")

    def check(self) -> str:
        path = quote(self.symlink)
        return f'[ -L {path} ] && [ "$(readlink {path})" = {quote(self.to)} ]'

    def apply(self) -> str:
        return (
            f"path={quote(self.symlink)}\n"
            'if [ -d "$path" ] && [ ! -L "$path" ]; then echo "$path is a directory: move it away"; exit 1; fi\n'
            'rm -f "$path.golive-new"\n'
            f'ln -s -- {quote(self.to)} "$path.golive-new"\n'
            'mv -fT "$path.golive-new" "$path"'
        )

    def diff(self) -> str:
        path = quote(self.symlink)
        return (
            f"is=$(readlink {path} || stat -c %F {path} 2>/dev/null || echo absent)\n"
            f'differs {path}": $is" {quote(f"{self.symlink}: {self.to}")}'
        )

    def keep(self) -> str:
        path = quote(self.symlink)
        return f'mkdir "$keep"\nif [ -L {path} ] || [ ! -d {path} ]; then {saved(path)}; fi'

    def undo(self) -> str:
        return f"path={quote(self.symlink)}\n{put_back()}"
