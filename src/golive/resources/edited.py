"""What resources share that change a part of a file and leave the rest, its mode and its owner as they are."""

from golive.resources.former import put_back, saved
from golive.resources.interface import Resource
from golive.resources.sh import quote, secrets_in

_PATH = '"$path"'
_REPLACE = r"""was=$path new=$path.golive-new
rm -f "$new"
if [ -f "$path" ]; then
  tr -d '\000' < "$path" | cmp -s - "$was" || { echo "$path is not a text file"; exit 1; }
  cp -a "$path" "$new"  # with its mode and owner, which writing into it does not change
else was=/dev/null
  %s
fi
edit "$was" > "$new"
mv -fT "$new" "$path"
"""


def unless_made(create: bool, path: str) -> str:
    """What ``make`` returns where the plan has to allow that the file is made."""
    said = quote(f"{path} is not there: declare it before, or set create: true")
    return ': > "$new"' if create else f"echo {said}; exit 1"


class Edited(Resource):
    """A file is as wanted when ``edit``, a filter that names it as ``$1``, prints what stands in it already.

    The filter must be idempotent. Links are followed: what is replaced is the file that they lead to.
    """

    @property
    def edited(self) -> str:
        """The path of the file."""
        raise NotImplementedError

    def edit(self) -> str:
        """Shell text that prints the file ``"$1"`` as it should be. It fails where it cannot tell."""
        raise NotImplementedError

    def hidden(self) -> bool:
        """Whether neither the old nor the new text may be shown."""
        return bool(secrets_in(self.edit()))

    def locate(self) -> str:
        """Shell text that sets ``path``. It stands in scripts that lack ``prepare``."""
        return f"path=$(readlink -f {quote(self.edited)} || echo {quote(self.edited)})"

    def make(self) -> str:
        """Shell text that makes ``"$new"`` where no file is yet."""
        return ': > "$new"'

    def prepare(self) -> str:
        return f"edit() {{\n{self.edit()}\n}}"

    def check(self) -> str:
        return f'{self.locate()}\n[ -f "$path" ] && edit "$path" | cmp -s - "$path"'

    def diff(self) -> str:
        if self.hidden():
            shown = f'differs {quote(self.edited)}", keyed digest: $(cat "$was" | digest_of)" '
            shown += f'{quote(self.edited)}", keyed digest: $(edit "$was" | digest_of)"'
        else:
            labels = f"-L {quote(self.edited)} -L {quote(self.edited + ' (as planned)')}"
            shown = f'edit "$was" | diff -a -U 0 {labels} "$was" - | sed 500q'
        return f'{self.locate()}\nif [ -f "$path" ]; then was=$path; else was=/dev/null; fi\n{shown}'

    def foreseen(self) -> str:
        return f"[ -f {quote(self.edited)} ]"

    def apply(self) -> str:
        return f"{self.locate()}\n{_REPLACE % self.make()}".strip()

    def keep(self) -> str:
        return f'mkdir "$keep"\n{self.locate()}\n{saved(_PATH)}'

    def undo(self) -> str:
        return f"{self.locate()}\n{put_back()}"
