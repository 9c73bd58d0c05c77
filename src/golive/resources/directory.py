"""A directory exists, with its owner and mode."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from golive.model import AbsolutePath, FileMode, Unix
from golive.resources.glance import Question, Sight
from golive.resources.interface import Resource
from golive.resources.sh import quote

LOOK = Question("directory", "stat -L -c 'directory %f %U %G %n' -- \"$@\"")


class Directory(Resource):
    """A directory; parents that are missing are made with the default owner and mode."""

    kind: ClassVar[str] = "directory"
    directory: AbsolutePath = Field(description="Path of the directory.")
    owner: Unix = Field("root", description="Owner.")
    group: Unix = Field("root", description="Group.")
    mode: FileMode = Field("0755", description="Permission bits.")

    def check(self) -> str:
        path = quote(self.directory)
        stat = quote(f"{self.mode.lstrip('0') or 0} {self.owner} {self.group}")
        return f"[ -d {path} ] && [ \"$(stat -L -c '%a %U %G' {path})\" = {stat} ]"

    def sights(self) -> Sequence[Sight]:
        kind = f"{0o040000 | int(self.mode, 8):x}"
        return (Sight(LOOK, self.directory, f"directory {kind} {self.owner} {self.group} {self.directory}"),)

    @property
    def together(self) -> str:
        owner = quote(f"{self.owner}:{self.group}")
        return (
            "for path; do\n"
            "  shift\n"
            "  # of what is there already, install would change a link instead of the directory behind it\n"
            f'  if [ -d "$path" ]; then chown {owner} "$path"; chmod {self.mode:0>5} "$path"\n'
            '  else set -- "$@" "$path"; fi\n'
            "done\n"
            f'[ $# -eq 0 ] || install -d -o {quote(self.owner)} -g {quote(self.group)} -m {self.mode:0>5} "$@"'
        )

    def item(self) -> str:
        return quote(self.directory)

    def apply(self) -> str:
        return f"set -- {self.item()}\n{self.together}"

    def diff(self) -> str:
        path, wanted = quote(self.directory), f"{self.directory}: {self.mode:0>4} {self.owner} {self.group}"
        found = f"if [ -e {path} ]; then is=$(stat -L -c '%04a %U %G %F' {path}); else is=absent; fi"
        return f'{found}\ndiffers {path}": $is" {quote(wanted)}'

    def keep(self) -> str:
        return (
            f"path={quote(self.directory)}\n"
            'if [ -d "$path" ]; then stat -L -c \'was %a %U:%G\' "$path" > "$keep"; else\n'
            '  while [ ! -d "$path" ]; do\n'
            "    printf 'none %s\\n' \"$path\"\n"
            "    path=${path%/*}\n"
            "    path=${path:-/}\n"
            '  done > "$keep"\n'
            "fi"
        )

    def undo(self) -> str:
        return (
            f"path={quote(self.directory)}\n"
            "while IFS= read -r line; do\n"
            "  rest=${line#* }\n"
            "  case $line in\n"
            '  "was "*) chown "${rest#* }" "$path"; chmod "00${rest%% *}" "$path" ;;\n'
            '  *) if [ -d "$rest" ]; then  # a parent that is in use by now stays\n'
            '       if [ "$rest" = "$path" ]; then rmdir "$rest"; else rmdir "$rest" 2>/dev/null || break; fi\n'
            "     fi ;;\n"
            "  esac\n"
            'done < "$keep"'
        )
