"""A file system is mounted, now and after a restart."""

from typing import ClassVar

from pydantic import Field

from golive.model import AbsolutePath, TextLine
from golive.resources.edited import Edited
from golive.resources.sh import SECRET_MARK, quote, word

_FSTAB = r"""place=%s wanted=%s awk 'BEGIN {
  place = ENVIRON["place"] ""; wanted = ENVIRON["wanted"] ""
}
$1 !~ /^#/ && $2 == place {
  line = $0
  $1 = $1
  if (!there) print ($0 == wanted ? line : wanted)
  there = 1
  next
}
{ print }
END { if (!there) print wanted }' "$1" """

_APPLY = r"""[ -d %(at)s ] || mkdir %(at)s
if mounted; then
  edit /etc/fstab 2>/dev/null | cmp -s - /etc/fstab || mount -o %(remount)s %(at)s
else
  if findmnt -n -M %(at)s >/dev/null; then umount %(at)s; fi
  mount -t %(type)s -o %(options)s %(device)s %(at)s
fi
"""

_KEEP = r"""if findmnt -n -M %(at)s >/dev/null; then
  for column in SOURCE FSTYPE OPTIONS; do findmnt -n -M %(at)s -o "$column" | tail -n 1; done > "$keep/mounted"
fi
[ -d %(at)s ] || : > "$keep/no-directory"
"""

_UNDO = r"""now=$(findmnt -n -M %(at)s -o SOURCE | tail -n 1)
device='' type='' options=''
[ ! -e "$keep/mounted" ] || { read -r device; read -r type; read -r options; } < "$keep/mounted"
if [ -n "$now" ] && [ "$now" != "$device" ]; then umount %(at)s; now=; fi
if [ -n "$device" ]; then
  if [ -n "$now" ]; then mount -o "%(reset)s,$options" %(at)s
  else mount -t "$type" -o "$options" "$device" %(at)s; fi
fi
if [ -e "$keep/no-directory" ] && [ -d %(at)s ]; then rmdir %(at)s; fi
"""

_RESET = "remount,rw,suid,dev,exec"
"""With what a remount begins, since flags that it does not name stay."""
_RELOAD = "if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi  # it makes units from fstab"


def _escaped(text: str) -> str:
    """As fstab(5) has it, whose fields end at a space."""
    return "".join(f"\\{ord(char):03o}" if char in " \t\\#" else char for char in text)


class Mount(Edited):
    """A file system that is mounted and stands in /etc/fstab. The directory is made, those around it must be there."""

    kind: ClassVar[str] = "mount"
    mount: AbsolutePath = Field(description="The directory at which it is mounted.")
    device: TextLine = Field(description="What is mounted: a device, `UUID=...`, `server:/path`, `tmpfs`.")
    type: str = Field(pattern=r"^[a-z0-9_.-]+$", description="Type of the file system.")
    options: str = Field("defaults", pattern=r"^[^\s\x00]+$", description="Options of mount, with commas between.")
    fsck: int = Field(0, ge=0, le=2, description="When fsck looks at it after a start: 1 for the root, 2 for others.")

    @property
    def edited(self) -> str:
        return "/etc/fstab"

    def foreseen(self) -> str:
        return ":"

    def edit(self) -> str:
        place = _escaped(self.mount)
        wanted = f"{_escaped(self.device)} {place} {self.type} {_escaped(self.options)} 0 {self.fsck}"
        return (_FSTAB % (word(place), word(wanted))).strip()

    def _fill(self, text: str) -> str:
        words = {"at": self.mount, "type": self.type, "options": self.options, "device": self.device}
        words |= {"remount": f"{_RESET},{self.options}"}
        return text % ({name: word(value) for name, value in words.items()} | {"reset": _RESET})

    @property
    def _looked_for(self) -> str:
        """What findmnt must find; where the kernel names the device otherwise than people do, it is not compared."""
        own = {"bind", "rbind", "loop"} & set(self.options.split(","))
        typed = not own and self.type not in ("auto", "none") and not self.type.startswith("nfs")
        named = not own and self.device.startswith(("/dev/", "UUID=", "LABEL=", "PARTUUID=", "PARTLABEL="))
        return (f" -t {quote(self.type)}" if typed else "") + (f" -S {quote(self.device)}" if named else "")

    def prepare(self) -> str:
        return f"mounted() {{ findmnt -n -M {quote(self.mount)}{self._looked_for} >/dev/null; }}\n{super().prepare()}"

    def check(self) -> str:
        return f"mounted || return 1\n{super().check()}"

    def diff(self) -> str:
        at = quote(self.mount)
        found = f"$(findmnt -n -M {at} -o SOURCE,FSTYPE,OPTIONS | tail -n 1)"
        wanted = SECRET_MARK.sub("‹secret›", f"{self.mount}: {self.device} {self.type} {self.options}")
        live = f'differs {at}": {found}" {quote(wanted)}'
        return f"mounted || {live}\n{super().diff()}"

    def apply(self) -> str:
        return f"{self._fill(_APPLY)}{super().apply()}\n{_RELOAD}"

    def keep(self) -> str:
        return f"{super().keep()}\n{self._fill(_KEEP).strip()}"

    def undo(self) -> str:
        return f"{super().undo()}\n{self._fill(_UNDO)}{_RELOAD}"
