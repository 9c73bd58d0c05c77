"""An archive that lies on the host is unpacked."""

from typing import ClassVar

from pydantic import Field

from golive.model import FILLED_IN, AbsolutePath, Unix
from golive.resources.interface import Resource
from golive.resources.sh import quote

STAMP = ".golive-archive"
"""The file in the directory that says from what it was unpacked."""

_UNPACK = r"""path=%(path)s from=%(source)s new=$path.golive-new
found=$(sha256sum < "$from")
[ "${found%%%% *}" = %(sha256)s ] || { echo "$from has the digest ${found%%%% *}, not the one of the plan"; exit 1; }
if [ -L "$path" ] || { [ -e "$path" ] && [ ! -e "$path"/%(stamp)s ] && ! rmdir "$path" 2>/dev/null; }; then
  echo "$path is there and was not unpacked by golive: move it away, or choose another place"
  exit 1
fi
rm -rf "$new"
mkdir "$new"
tar --force-local -xf "$from" -C "$new" --no-same-owner%(strip)s
chown -R %(owner)s "$new"
printf '%%s\n' %(made)s > "$new"/%(stamp)s
if [ -e "$path" ]; then
  rm -rf "$path.golive-old"
  mv -T "$path" "$path.golive-old"
fi
mv -T "$new" "$path"
rm -rf "$path.golive-old"
"""

_KEEP = r"""mkdir "$keep"
path=%(path)s
if [ -e "$path.golive-old" ] && [ ! -e "$path" ]; then mv -T "$path.golive-old" "$path"; fi
if [ -L "$path" ] || [ ! -d "$path" ]; then :
elif [ -e "$path"/%(stamp)s ] || [ -z "$(ls -A "$path")" ]; then cp -a "$path" "$keep/was"; fi
"""

_UNDO = r"""path=%(path)s
rm -rf "$path.golive-new"
if [ -d "$keep/was" ]; then
  cp -a "$keep/was" "$path.golive-new"
  rm -rf "$path.golive-old"
  if [ -e "$path" ]; then mv -T "$path" "$path.golive-old"; fi
  mv -T "$path.golive-new" "$path"
elif [ -e "$path"/%(stamp)s ] && [ ! -L "$path" ]; then
  rm -rf "$path.golive-old"
  mv -T "$path" "$path.golive-old"
fi
rm -rf "$path.golive-old"
"""


class Unpacked(Resource):
    """A directory of golive's own, with what a tar archive holds; later changes in it are not looked for.

    It is unpacked beside and moved in. Other things that stand there are not touched: then it fails.
    """

    kind: ClassVar[str] = "archive"
    archive: AbsolutePath = Field(description="The directory; the one around it must be there.")
    source: AbsolutePath = Field(alias="from", description="Path of the archive on the host: .tar, .tar.gz, .xz, .zst.")
    sha256: str = Field(pattern=rf"^([0-9a-f]{{64}}|{FILLED_IN})$", description="Digest that the archive must have.")
    strip: int = Field(0, ge=0, le=20, description="How many leading parts of the names in it are left out.")
    owner: Unix = Field("root", description="Owner of all that is in it.")
    group: Unix = Field("root", description="Group of all that is in it.")

    @property
    def _made(self) -> str:
        return f"{self.sha256} {self.strip} {self.owner}:{self.group}"

    def _fill(self, text: str) -> str:
        parts = {"path": quote(self.archive), "source": quote(self.source), "stamp": STAMP, "made": quote(self._made)}
        parts |= {"sha256": quote(self.sha256), "owner": quote(f"{self.owner}:{self.group}")}
        return (text % (parts | {"strip": f" --strip-components={self.strip}" if self.strip else ""})).strip()

    def check(self) -> str:
        stamped = f'[ "$(cat {quote(self.archive)}/{STAMP} 2>/dev/null)" = {quote(self._made)} ]'
        return f"{stamped} && [ ! -e {quote(self.archive + '.golive-old')} ]"

    def apply(self) -> str:
        return self._fill(_UNPACK)

    def diff(self) -> str:
        path = quote(self.archive)
        found = f"$(cat {path}/{STAMP} 2>/dev/null || stat -c %F {path} 2>/dev/null || echo absent)"
        return f'differs {path}": {found}" {quote(f"{self.archive}: {self._made}")}'

    def keep(self) -> str:
        return self._fill(_KEEP)

    def undo(self) -> str:
        return self._fill(_UNDO)
