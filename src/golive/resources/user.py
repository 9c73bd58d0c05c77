"""A user of the operating system exists."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from golive.model import AbsolutePath, Unix
from golive.resources.glance import Question, Sight
from golive.resources.interface import Resource
from golive.resources.sh import quote

LOOK = Question(
    "user",
    """getent passwd "$@" | while IFS=: read -r name _ _ _ _ _ shell; do echo "user $name $shell"; done""",
)

_ENTRY = r"""entry() {  # passwd|group NAME: sets "is" to its line, or fails; what was shown is not asked again
  case ${shown%%"$nl"*} in
  "users $2 "* | "users "*" $2 "*) ;;
  *) is=$(getent "$1" "$2"); return ;;
  esac
  if [ "$1" = passwd ]; then is=${shown%%"${nl}groups$nl"*}; else is=${shown#*"${nl}groups"}; fi
  case $is in *"$nl$2:"*) is=${is#*"$nl$2:"} ;; *) return 1 ;; esac
  is=$2:${is%%"$nl"*}
}"""


class User(Resource):
    """A user; by default a system user that nobody logs in as."""

    kind: ClassVar[str] = "user"
    looks_first: ClassVar[bool] = True
    user: Unix = Field(description="Name of the user; a group of the same name is made.")
    home: AbsolutePath | None = Field(None, description="Home directory, created; by default none.")
    shell: AbsolutePath = Field("/usr/sbin/nologin", description="Login shell.")
    groups: tuple[Unix, ...] = Field((), description="Further groups, which must exist.")

    @property
    def together(self) -> str:
        return "" if self.home else "for name; do\n" + self._made('"$name"') + "\ndone"

    def item(self) -> str:
        return quote(self.user)

    def prepare(self) -> str:
        return _ENTRY

    def look(self) -> str:
        return 'echo "users $* "\ngetent passwd "$@"\necho groups\ngetent group "$@"'

    def check(self) -> str:
        name = quote(self.user)
        there = f'entry passwd {name} && [ "${{is##*:}}" = {quote(self.shell)} ]'
        groups = [f"id -nG {name} | tr ' ' '\\n' | grep -qxF -e {quote(group)}" for group in self.groups]
        return " &&\n".join([there, *groups])

    def sights(self) -> Sequence[Sight]:
        return () if self.groups else (Sight(LOOK, self.user, f"user {self.user} {self.shell}"),)

    def apply(self) -> str:
        return self._made(quote(self.user))

    def _made(self, name: str) -> str:
        """Shell text that makes the user of this name (a shell word) as this one is to be."""
        shell = quote(self.shell)
        home = "--no-create-home" if self.home is None else f"--create-home --home-dir {quote(self.home)}"
        kind = "--system " if self.home is None else ""
        lines = [
            f"if entry passwd {name}; then usermod --shell {shell} {name}",
            f"elif entry group {name}; then useradd {kind}--gid {name} {home} --shell {shell} {name}",
            f"else useradd {kind}--user-group {home} --shell {shell} {name}; fi",
        ]
        lines += [f"usermod --append --groups {quote(','.join(self.groups))} {name}"] if self.groups else []
        return "\n".join(lines)

    def diff(self) -> str:
        name = quote(self.user)
        groups = f"+ in {' '.join(self.groups)}" if self.groups else ""
        wanted = quote(f"{self.user}, {self.shell} {groups}".rstrip())
        found = f'if entry passwd {name}; then is="$is, in $(id -nG {name})"; else is="no such user"; fi'
        return f'{found}\ndiffers "$is" {wanted}'

    def keep(self) -> str:
        name = quote(self.user)
        return f': > "$keep"\nif getent passwd {name} > "$keep"; then id -nG {name} >> "$keep"; fi'

    def undo(self) -> str:
        name = quote(self.user)
        return (
            'if [ -s "$keep" ]; then\n'
            '  shell=$(sed -n 1p "$keep" | cut -d: -f7) groups=$(sed -n 2p "$keep" | cut -s -d" " -f2- | tr " " ,)\n'
            f'  usermod --shell "$shell" --groups "$groups" {name}\n'
            f"elif getent passwd {name} >/dev/null; then userdel {name}; fi"
        )
