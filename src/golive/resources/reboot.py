"""The host has been rebooted because something needed it."""

from typing import ClassVar

from pydantic import Field

from golive.digest import digest
from golive.model import OneLine, Shell
from golive.resources.interface import Resource
from golive.resources.sh import code

_PREPARE = """needed() (
cd / || exit
%s
)
reboots=$GOLIVE_ROOT/reboot
mark=$reboots/%s
boot() { cat /proc/sys/kernel/random/boot_id; }
rebooted() {  # in this run, and the boot that the mark names is over
  [ -e "$mark" ] && read -r marked in_run < "$mark" && [ "$in_run" = "$GOLIVE_RUN" ] && [ "$marked" != "$(boot)" ]
}"""

_APPLY = """mkdir -p "$reboots"
printf '%s %s\\n' "$(boot)" "$GOLIVE_RUN" > "$mark.new"
mv -f "$mark.new" "$mark"
sync
systemctl reboot
while :; do sleep 60; done"""


class Reboot(Resource):
    """A reboot, when one is needed. The run waits for the host, and the boot id proves that it was rebooted.

    Within a run it happens once, also when what needed it goes on to say so. Two reboots in one run need two reasons.
    """

    kind: ClassVar[str] = "reboot"
    reboot: OneLine = Field(description="The reason, for people.")
    when_needed: Shell = Field("[ -e /run/reboot-required ]", description="Shell text that exits 0 when it is needed.")

    def prepare(self) -> str:
        return _PREPARE % (code(self.when_needed).strip(), digest(self.reboot)[:16])

    def check(self) -> str:
        return "rebooted || ! needed >/dev/null 2>&1"

    def apply(self) -> str:
        return _APPLY

    def diff(self) -> str:
        return 'differs "up since $(uptime -s)" "rebooted"'
