"""The host shows the time of this zone."""

from typing import ClassVar

from pydantic import Field

from golive.model import FILLED_IN
from golive.resources.former import put_back, saved
from golive.resources.interface import Resource
from golive.resources.sh import quote

_APPLY = r"""zone=%s
[ -f "/usr/share/zoneinfo/$zone" ] || { echo "there is no time zone $zone here; is tzdata installed?"; exit 1; }
rm -f /etc/localtime.golive-new /etc/timezone.golive-new
if [ -f /etc/timezone ]; then
  printf '%%s\n' "$zone" > /etc/timezone.golive-new
  mv -fT /etc/timezone.golive-new /etc/timezone
fi
ln -s "/usr/share/zoneinfo/$zone" /etc/localtime.golive-new
mv -fT /etc/localtime.golive-new /etc/localtime"""


class Timezone(Resource):
    """The time zone of the host. What runs already keeps the old one until it is started again."""

    kind: ClassVar[str] = "timezone"
    timezone: str = Field(
        pattern=rf"^([A-Za-z][A-Za-z0-9_+/-]*|{FILLED_IN})$", description="Name of the zone, such as Europe/Paris."
    )

    def check(self) -> str:
        zone = quote(self.timezone)
        return (
            "link=$(readlink /etc/localtime)\n"
            f'[ "${{link##*/usr/share/zoneinfo/}}" = {zone} ] || return 1\n'
            f'[ ! -f /etc/timezone ] || [ "$(cat /etc/timezone)" = {zone} ]'
        )

    def apply(self) -> str:
        return _APPLY % quote(self.timezone)

    def diff(self) -> str:
        found = "$(readlink /etc/localtime || echo none) $(cat /etc/timezone 2>/dev/null)"
        return f'differs "{found}" {quote(self.timezone)}'

    def keep(self) -> str:
        return f'mkdir "$keep"\n{saved("/etc/localtime")}\n{saved("/etc/timezone", "name")}'

    def undo(self) -> str:
        return f"path=/etc/localtime\n{put_back()}\npath=/etc/timezone\n{put_back('name')}"
