"""A key may log in as a user."""

import re
from typing import ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from golive.model import TextLine, Unix
from golive.resources.edited import Edited
from golive.resources.interface import printable
from golive.resources.sh import quote

_KEY = re.compile(r"(?:^|\s)(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-\S+\s+([A-Za-z0-9+/]{4,}=*)(?:\s+(.*))?$")

_ONE_KEY = r"""text=%s blob=%s awk 'BEGIN {
  text = ENVIRON["text"] ""; blob = ENVIRON["blob"] ""
}
$1 !~ /^#/ { for (one = 1; one <= NF; one++) if ($one == blob) { if (!there) print text; there = 1; next } }
{ print }
END { if (!there) print text }' "$1" """

_LOCATE = """home=$(getent passwd %s | cut -d: -f6)
path=${home:-/nonexistent}/.ssh/authorized_keys"""

_FOLDER = r"""[ -d "$home" ] || { echo %(nobody)s; exit 1; }
! [ -L "$home/.ssh" ] || { echo "$home/.ssh is a link, which root does not follow"; exit 1; }
! [ -L "$path" ] || { echo "$path is a link, which root does not follow"; exit 1; }
if [ ! -d "$home/.ssh" ]; then
  rm -rf "$home/.ssh.golive-new"
  mkdir -m 0700 "$home/.ssh.golive-new"
  chown %(owner)s "$home/.ssh.golive-new"
  mv -T "$home/.ssh.golive-new" "$home/.ssh"
fi
"""
_NO_FOLDER = """rm -rf "$home/.ssh.golive-new"
if [ -e "$keep/folder" ] && [ -d "$home/.ssh" ]; then rmdir "$home/.ssh"; fi"""


class AuthorizedKey(Edited):
    """A line of a user's ~/.ssh/authorized_keys. A line with the same key and other options is replaced."""

    kind: ClassVar[str] = "authorized-key"
    authorized_key: TextLine = Field(
        alias="authorized-key", description="The public key as the file holds it: options if any, type, key, comment."
    )
    user: Unix = Field(description="The user, who has a home directory.")

    @model_validator(mode="after")
    def _is_a_key(self) -> Self:
        if not _KEY.search(self.authorized_key) and "{" not in self.authorized_key:
            hint = {"hint": "write the line of the .pub file, such as ssh-ed25519 AAAA... anna"}
            raise PydanticCustomError("public_key", "this is not a public key", hint)
        return self

    @property
    def _blob(self) -> str:
        found = _KEY.search(self.authorized_key)
        return found[1] if found else self.authorized_key

    @property
    def identity(self) -> str:
        return f"{self.user} {self._blob}"

    @property
    def title(self) -> str:
        found = _KEY.search(self.authorized_key)
        called = printable(found[2] or found[1][-16:]) if found else printable(self.authorized_key)
        return f"authorized-key {called} for {self.user}"

    @property
    def edited(self) -> str:
        return f"~{self.user}/.ssh/authorized_keys"

    def locate(self) -> str:
        return _LOCATE % quote(self.user)

    def edit(self) -> str:
        return (_ONE_KEY % (quote(self.authorized_key), quote(self._blob))).strip()

    def make(self) -> str:
        return f': > "$new"\n  chmod 0600 "$new"\n  chown {quote(f"{self.user}:")} "$new"'

    def foreseen(self) -> str:
        return f"getent passwd {quote(self.user)}"

    def apply(self) -> str:
        nobody = quote(f"there is no user {self.user} with a home directory: declare one before")
        locate, replace = self.locate(), super().apply().removeprefix(self.locate())
        return f"{locate}\n{_FOLDER % {'nobody': nobody, 'owner': quote(f'{self.user}:')}}{replace.strip()}"

    def keep(self) -> str:
        return f'{super().keep()}\n[ -d "$home/.ssh" ] || : > "$keep/folder"'

    def undo(self) -> str:
        gone = '[ -n "$home" ] || return 0  # the user has gone, and all that was there'
        restore = super().undo().removeprefix(self.locate()).strip()
        return f"{self.locate()}\n{gone}\n{restore}\n{_NO_FOLDER}"
