"""A systemd service is enabled and running, and was restarted after what it reads had changed."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from golive.resources.glance import Question, Sight
from golive.resources.interface import Resource
from golive.resources.sh import quote

_SUFFIXES = (".service", ".socket", ".target", ".timer", ".path", ".mount", ".automount", ".slice", ".swap", ".scope")

# Of all units in one question each, which costs systemd much less than the properties of every one of them.
ACTIVE = Question(
    "active",
    """systemctl list-units --all --full --plain --no-legend -- "$@" |
  while read -r name _ state _; do
    case $state in inactive | failed) state='not active' ;; esac
    echo "$state $name"
  done""",
)
ENABLED = Question(
    "enabled",
    """systemctl list-unit-files --full --plain --no-legend -- "$@" |
  while read -r name state _; do case $state in enabled | static) echo "enabled $name" ;; esac done""",
)
UNMARKED = Question("unmarked", """for name; do [ -e "$marks/$name" ] || echo "unmarked $name"; done""")

UNITS = """units() {  # NAME...: <NAME ACTIVE, ENABLED;as-is> for each; "anew" when systemd has yet to read it
  systemctl show -p LoadState -p ActiveState -p UnitFileState -p NeedDaemonReload -- "$@" 2>/dev/null | {
    name=$1 is='' enabled='' read=as-is
    while IFS='=' read -r key value; do
      case $key=$value in
      ActiveState=*) is=$value ;;
      UnitFileState=*) enabled=$value ;;
      NeedDaemonReload=no | LoadState=loaded) ;;
      ?*=*) read=anew ;;
      *) printf '<%s %s, %s;%s>' "$name" "${is:-unknown}" "${enabled:-not installed}" "$read"
        shift
        name=${1-} is='' enabled='' read=as-is ;;
      esac
    done
    printf '<%s %s, %s;%s>' "$name" "${is:-unknown}" "${enabled:-not installed}" "$read"
  }
}"""

# systemd is made to read all units anew, which takes it long, only when one is new to it or was changed.
_START = r"""case $shown in *"<$1 "*) known=$shown ;; *) known=$(units "$@") ;; esac
stale=no
case $known in *';anew>'*) stale=yes ;; esac
for name; do [ ! -e "$marks/$name" ] || stale=yes; done
for name; do
  is=${known#*"<$name "}
  case ${is%%>*} in *', enabled;'* | *', static;'*) ;; *) stale=yes ;; esac
done
if [ "$stale" = yes ]; then
  systemctl daemon-reload
  systemctl enable -q -- "$@"
fi
marked=no
for name; do [ ! -e "$marks/$name" ] || marked=yes; done
# At once, as at every boot: what one needs of another its unit says. Where that fails, in the order of declaration.
if [ "$marked" = yes ] || ! systemctl start -- "$@" 2>/dev/null; then
  for name; do
    if [ -e "$marks/$name" ]; then systemctl VERB "$name"; else systemctl start "$name"; fi
    rm -f "$marks/$name"
  done
fi"""


class Service(Resource):
    """A service. What ``restart_on`` names marks the restart on the host before it changes: no crash forgets it."""

    kind: ClassVar[str] = "service"
    service: str = Field(pattern=r"^[A-Za-z0-9@:._-]+$", description="Name of the systemd service.")
    restart_on: tuple[str, ...] = Field((), description="Files or packages, declared before, whose change restarts it.")
    reload: bool = Field(False, description="Reload instead of restart, for a service that can.")

    @property
    def _mark(self) -> str:
        return f'"$marks"/{quote(self.service)}'

    def restarts_on(self) -> tuple[str, ...]:
        return self.restart_on

    def check(self) -> str:
        name = quote(self.service)
        return f"[ ! -e {self._mark} ] && systemctl is-active -q {name} && systemctl is-enabled -q {name}"

    def sights(self) -> Sequence[Sight]:
        unit = self.service if self.service.endswith(_SUFFIXES) else f"{self.service}.service"
        return (
            Sight(ACTIVE, unit, f"active {unit}"),
            Sight(ENABLED, unit, f"enabled {unit}"),
            Sight(UNMARKED, self.service, f"unmarked {self.service}"),
        )

    @property
    def together(self) -> str:
        return _START.replace("VERB", "reload-or-restart" if self.reload else "restart")

    def item(self) -> str:
        return quote(self.service)

    def apply(self) -> str:
        return f"set -- {self.item()}\n{self.together}"

    def prepare(self) -> str:
        return UNITS

    def look(self) -> str:
        return 'units "$@"'

    def diff(self) -> str:
        name, verb = quote(self.service), "reloaded" if self.reload else "restarted"
        entry = quote(f"<{self.service} ")
        return (
            f"case $shown in *{entry}*) known=$shown ;; *) known=$(units {name}) ;; esac\n"
            f"is=${{known#*{entry}}}\n"
            f'if [ -e {self._mark} ]; then again=", {verb}"; else again=; fi\n'
            f'differs {name}": ${{is%%;*}}" {name}": active, enabled$again"'
        )

    def foreseen(self) -> str:
        return f"systemctl cat {quote(self.service)}"

    def keep(self) -> str:
        name = quote(self.service)
        return (
            f'{{ systemctl is-active {name} || :; systemctl is-enabled {name} 2>/dev/null || echo absent; }} > "$keep"'
        )

    def undo(self) -> str:
        name = quote(self.service)
        return (
            f'if [ "$(systemctl is-active {name})" = active ]; then systemctl stop {name}; fi\n'
            # without its unit the inverse was here before, and stopped at another resource
            f'grep -qx enabled "$keep" || case "$(systemctl is-enabled {name} 2>/dev/null)" in\n'
            f"'' | not-found) ;;\n*) systemctl disable -q {name} ;;\nesac\nrm -f {self._mark}"
        )

    def settle(self) -> str:
        name = quote(self.service)
        return f'systemctl daemon-reload\nif [ "$(head -n 1 "$keep")" = active ]; then systemctl start {name}; fi'
