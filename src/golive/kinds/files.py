"""Files and directories: rsync in passes while the old system serves, and once more under the fence, with proof.

The target runs an rsync daemon for the move alone, the source pushes to it; going back it fetches. What is compared by
content under the fence is what changed since everything was: the stall does not grow with the data.
"""

from typing import ClassVar

from pydantic import Field

from golive.digest import digest
from golive.kinds.interface import PACE, Mover, Peers
from golive.model import AbsolutePath, Duration, OneLine, Size
from golive.resources.sh import quote, variable

_HEAD = """umask 077
export LC_ALL=C
dir=/var/lib/golive/%(name)s
"""

_TOOLS = """command -v rsync >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get -q -y install rsync >/dev/null ||
  { echo "there is no rsync here, and it cannot be installed"; exit 1; }
"""

_RECEIVE = r"""set -e
at=%(at)s
mkdir -p "$dir" "$at"
[ -e "$dir/ours" ] || [ -z "$(ls -A "$at")" ] ||
  { echo "$at is not empty, and what is not on the old host would be deleted: see what it is"; exit 1; }
: > "$dir/ours"
: > "$at/.golive-files"
printf 'golive:%%s\n' "$password" > "$dir/secrets"
cat > "$dir/rsyncd.conf" <<END
use chroot = no
munge symlinks = no
numeric ids = no
[files]
  path = $at
  uid = root
  gid = root
  read only = no
  hosts allow = %(source)s
  auth users = golive
  secrets file = $dir/secrets
END
cat > /etc/systemd/system/%(name)s.service <<END
[Unit]
Description=golive: takes the files of a cutover from %(source)s
After=network.target
[Service]
ExecStart=/usr/bin/rsync --daemon --no-detach --port=%(port)d --config=$dir/rsyncd.conf
Restart=always
[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload
systemctl -q enable %(name)s
systemctl restart %(name)s
echo "$at takes files from %(source)s"
"""

_STOP = """systemctl -q disable --now %(name)s 2>/dev/null || :
rm -f /etc/systemd/system/%(name)s.service
systemctl daemon-reload
"""

_DISCARD = """at=%(at)s
[ ! -e "$dir/ours" ] || find "$at" -mindepth 1 -delete
rm -rf "$dir"
"""

_SYNC = r"""gently=
from=%(files)s
door=rsync://golive@%(target)s:%(port)d/files
sync_files() {  # sync_files FROM TO [OPTION...]
  one=$1 other=$2
  shift 2
  $gently rsync -aHAX --delete --exclude=/.golive-files%(exclude)s --password-file="$dir/password" "$@" \
    "$one/" "$other/"
}
alike() {  # alike OPTION...: nothing is left to be done
  sync_files "$from" "$door" -n -i "$@" > "$dir/differ" || exit 1
  [ ! -s "$dir/differ" ] || { echo "these differ:"; head -n 20 "$dir/differ"; exit 1; }
}
"""

_PASSES = r"""gently="nice -n 19 ionice -c 3 -t"
mkdir -p "$dir"
printf '%%s\n' "$password" > "$dir/password"
tries=0
until rsync --password-file="$dir/password" "$door/.golive-files" >/dev/null 2>"$dir/said"; do
  tries=$((tries + 1))
  [ $tries -lt 20 ] || { cat "$dir/said"; echo "%(target)s does not take files at port %(port)d"; exit 1; }
  sleep 0.5
done
pass=0
while :; do
  pass=$((pass + 1))
  began=$(date +%%s%%3N)
  : > "$dir/stamp.new"
  # The second one compares all contents; what changes from its beginning on is compared again under the fence.
  set --
  [ $pass -ne 2 ] || set -- --checksum
  code=0
  sync_files "$from" "$door" --bwlimit=%(most)d "$@" --stats > "$dir/stats" 2>"$dir/said" || code=$?
  case $code in 0 | 24) ;; *) cat "$dir/said"; exit 1 ;; esac  # 24: files vanished meanwhile
  [ $pass -ne 2 ] || mv -f "$dir/stamp.new" "$dir/stamp"
  took=$(($(date +%%s%%3N) - began))
  moved=$(sed -n 's/^Number of regular files transferred: //p' "$dir/stats")
  echo "pass $pass: $moved files, $took ms"
  [ $pass -le 2 ] || [ $took -gt %(enough)d ] || break
  [ $pass -lt %(passes)d ] ||
    {
      echo "after %(passes)d passes one still takes more than %(enough)d ms: users would wait about as long"
      echo "a larger enough: allows that, a larger most: sends more quickly, passes: is how many there may be"
      exit 1
    }
done
"""

_LAST = r"""(cd "$from" && find . -type f -cnewer "$dir/stamp" -print0) > "$dir/changed"
by_content() {  # by_content OPTION...: of what changed since all contents were compared
  rsync -aHAX --checksum --from0 --files-from="$dir/changed"%(exclude)s --password-file="$dir/password" "$@" \
    "$from/" "$door/"
}
by_content
sync_files "$from" "$door" --stats > "$dir/stats"
alike
by_content -n -i > "$dir/differ"
[ ! -s "$dir/differ" ] || { echo "these differ:"; head -n 20 "$dir/differ"; exit 1; }
all=$(sed -n 's/^Number of files: \([0-9,]*\).*/\1/p' "$dir/stats")
last=$(tr -dc '\0' < "$dir/changed" | wc -c)
echo "%(files)s: $all files and directories are alike, $last that changed last by checksum"
"""

_PROVE = r"""alike --checksum
echo "%(files)s: all contents are alike"
"""

_BACK = r"""rsync --password-file="$dir/password" "$door/.golive-files" >/dev/null ||
  { echo "%(at)s on the new host is not what was filled: nothing is fetched"; exit 1; }
sync_files "$door" "$from" --stats > "$dir/stats"
alike
echo "%(files)s: $(sed -n 's/^Number of regular files transferred: //p' "$dir/stats") files fetched, all are alike"
"""


class Files(Mover):
    """Files below a directory, by rsync: passes while the old system serves, the last one under the fence."""

    kind: ClassVar[str] = "files"
    alone: ClassVar[bool] = True
    compared: ClassVar[str] = "the contents of all files are equal on both sides"
    files: AbsolutePath = Field(description="The directory on the source.")
    at: AbsolutePath | None = Field(None, description="The directory on the target; by default the same path.")
    password: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Secret with which both hosts know each other.")
    exclude: tuple[OneLine, ...] = Field((), description="Patterns, as rsync has them, of what stays behind.")
    port: int = Field(7873, ge=1, le=65535, description="Port on the target that takes the files until it is settled.")
    passes: int = Field(10, ge=3, le=1000, description="How many passes there may be before the fence.")
    enough: Duration = Field(1.0, gt=0, description="A pass that takes no longer is the last one before the fence.")
    most: Size = Field(
        PACE, description="Bytes a second that a pass sends at most while the old system serves; 0: no limit."
    )

    def _text(self, peers: Peers, *parts: str) -> str:
        where = self.at or self.files
        names = {
            "name": f"golive-files-{digest([self.files, where])[:8]}",
            "files": quote(self.files.rstrip("/")),
            "at": quote(where),
            "source": peers[self.source][0].address,
            "target": peers[self.target][0].address,
            "port": self.port,
            "exclude": "".join(f" --exclude={quote(one)}" for one in self.exclude),
            "passes": self.passes,
            "enough": int(self.enough * 1000),
            "most": -(-self.most // 1024),  # in KiB, never down to 0, which is no limit
        }
        return "".join(part % names for part in (_HEAD, *parts))

    def _password(self) -> str:
        return f'password="${{{variable(self.password)}}}"\n'

    @property
    def ends_under_fence(self) -> bool:
        return True

    @property
    def comes_back(self) -> bool:
        return True

    @property
    def compares_on(self) -> str:
        return self.source

    def copy_data(self, peers: Peers) -> str:
        return self._password() + self._text(peers, _TOOLS, _RECEIVE)

    def passes_before(self, peers: Peers) -> str:
        return self._password() + self._text(peers, _TOOLS, _SYNC, _PASSES)

    def last_pass(self, peers: Peers) -> str:
        return self._text(peers, _SYNC, _LAST)

    def pass_back(self, peers: Peers) -> str:
        return self._text(peers, _SYNC, _BACK)

    def compare(self, peers: Peers) -> str:
        return self._text(peers, _SYNC, _LAST + _PROVE)

    def discard(self, peers: Peers) -> str:
        return self._text(peers, _STOP, _DISCARD)

    def settle(self, peers: Peers) -> str:
        return self._text(peers, _STOP, 'rm -f %(at)s/.golive-files\nrm -rf "$dir"\n')

    def clear_source(self, peers: Peers) -> str:
        return self._text(peers, 'rm -rf "$dir"\n')
