r"""The dead man's switch: a change that can lock golive out is taken back by the host, unless golive confirms it.

How it goes, on the host, for each run of neighbours among the resources that are risky:

1. Before the first change a switch is *armed*: a directory with all that is needed to take the change back, and a unit
   of systemd, enabled and started. All of it is synced; only then the former state is kept, synced, and changed.
2. After the last one the script asks (frame ``prove``) and waits. golive opens a new connection, becomes root, and
   *confirms*. The script goes on.
3. When the time is over, or the host was started again, the unit *reverts*; the script says so and fails.

The state is the name of one file, changed by rename: ``armed`` to ``confirmed`` (by golive) or to ``reverting`` (by the
unit) and then ``reverted``, or ``residue`` when not all could be taken back. So exactly one of the two wins, whatever
dies when. A unit that finds ``reverting`` was cut off, and does it again. A script that still makes changes is killed
before the unit reverts: nothing changes beside it.

    ATTEMPT/switch/former/N    the former state of resource N, before this attempt
    ATTEMPT/switch/N/          the switch that was armed when resource N was to be changed first
        watch, revert          what the unit runs, and what takes the changes back
        limit                  "BOOT CENTISECONDS": until when, by the boot's own clock
        waiting                the script has asked: it changes nothing any more
        said                   what the revert reported
"""

from collections.abc import Sequence
from dataclasses import dataclass

from golive.digest import digest
from golive.resources.interface import Resource
from golive.resources.lockout import Changes, to_keep, to_prove, to_restore, to_start_again
from golive.resources.sh import function, hush, quote

Numbered = tuple[int, Resource]


@dataclass(frozen=True)
class Guard:
    """What a script needs to know in order to arm.

    Attributes:
        seconds: how long the host waits for the confirmation; 0: it is never armed.
        login: the user as whom golive logs in, as far as the plan says.
    """

    seconds: float
    login: str = ""

    def among(self, numbered: Sequence[Numbered]) -> Sequence[Numbered]:
        """Those whose change is armed: they are risky, or heard of by one that is, and there is a way back."""
        risky = [one for _, one in numbered if self.seconds > 0 and one.risky(self.login)]
        if not risky:
            return []  # as a rule
        heard = {name for one in risky for name in one.restarts_on()}
        return [
            (number, one)
            for number, one in numbered
            if (one in risky or one.main in heard) and one.keep() and one.undo()
        ]


_WATCH = r"""#!/bin/sh
# The switch of golive on this host: takes back what was changed, unless golive confirms in time that it can log in.
# As root: sh watch SWITCH UNIT
set -u
umask 022
unit=$2
cd "$1" || exit 1
read -r boot </proc/sys/kernel/random/boot_id
over() {
  read -r armed_in end <limit || return 0
  [ "$armed_in" = "$boot" ] || return 0
  read -r now _ </proc/uptime
  [ "${now%.*}${now#*.}" -ge "$end" ]
}
end_script() {  # unless it waits: the process group that the attempt's runner leads
  [ ! -e waiting ] && read -r pid start was_boot _ <../../runner && [ "$was_boot" = "$boot" ] || return 0
  stat=$(cat "/proc/$pid/stat" 2>/dev/null) || stat=
  # shellcheck disable=SC2086  # numbers and letters, wanted as words
  set -- ${stat##*) }
  [ "${20-}" = "$start" ] || return 0
  kill -KILL "-$pid"
  for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "-$pid" 2>/dev/null || break; sleep 0.2; done
}
while [ -e armed ]; do
  if over && mv armed reverting 2>/dev/null; then break; fi
  sleep 0.3
done
if [ -e reverting ]; then
  end_script
  sh ./revert "${PWD%/attempts/*}" "${PWD%/*}/former" >said 2>&1
  code=$?
  sync
  if [ "$code" -eq 0 ]; then mv reverting reverted; else mv reverting residue; fi
  sync .
fi
systemctl disable -q "$unit"
rm -f "/etc/systemd/system/$unit"
systemctl daemon-reload
"""

_UNIT = r"""[Unit]
Description=golive: takes back what was changed here unless it is confirmed
RequiresMountsFor=$switch
# Rules that are loaded at boot are there before they are taken back.
After=network-pre.target nftables.service
[Service]
Type=exec
ExecStart=/bin/sh $switch/watch $switch $unit
Restart=on-failure
RestartSec=1
OOMScoreAdjust=-900
[Install]
WantedBy=multi-user.target"""

_REVERT = r"""# Takes back what one attempt of golive changed. As root: sh revert ROOT FORMER
set -u
exec </dev/null
export LC_ALL=C
cd /
# shellcheck disable=SC2034
GOLIVE_ROOT=$1 former=$2 marks=$1/restart status=0
umask 022
say() { printf '\036%s\t%s\n' "$1" "$2"; }
back() {  # VERB NUMBER TITLE: what nothing was kept of was never changed
  # shellcheck disable=SC2034
  keep=$former/$2
  [ -e "$keep" ] || return 0
  (set -e; "$1_$2")  # never inside an if: a shell ignores set -e there
  code=$?
  if [ "$code" -ne 0 ]; then say residue "$3"; status=1; elif [ "$1" = undo ]; then say reverted "$3"; fi
}
"""

_RESTORE = r"""(set -e; restore)
code=$?
[ "$code" -eq 0 ] || { say residue 'what runs'; status=1; }
exit "$status"
"""

_FUNCTIONS = r"""patience=%d  # centiseconds in which golive has to confirm what can lock it out
read -r boot </proc/sys/kernel/random/boot_id
former=${here:+$here/switch/former} switch=''
renew() {  # the whole time again, from now
  clock
  limit=$((now + patience))
  printf '%%s %%s\n' "$boot" "$limit" > "$switch/limit.new"
  mv -f "$switch/limit.new" "$switch/limit"
}
arm() {  # sets armed; durable before anything is changed
  armed=yes
  if [ -z "${here-}" ]; then return; fi  # by hand: nobody would confirm
  if [ -n "$switch" ]; then renew; [ -e "$switch/armed" ] || armed=no; return; fi  # no: the host reverts already
  if ! [ -d /run/systemd/system ]; then
    echo "nothing was changed: without systemd nothing here could take it back (access: confirm: 0 s does without)"
    armed=no
    return
  fi
  switch=$here/switch/$number
  unit=golive-switch-$(basename "${here%%/*}")-${here##*/}-$number.service
  (set -e
    mkdir -p "$former"
    chmod 0700 "$here/switch"
    mkdir "$switch"
    watch_text > "$switch/watch"
    revert_text > "$switch/revert"
    save_live
    renew
    : > "$switch/armed"
    unit_text > "/etc/systemd/system/$unit"
    sync -f "$switch"
    systemctl enable -q "$unit"
    sync -f /etc/systemd/system
    systemctl start "$unit")
  code=$?
  if [ "$code" -ne 0 ]; then rm -f "$switch/armed"; switch='' armed=no; fi
}
keep_at() { keep=$1; "keep_$number"; }
guarded() {  # NUMBER TITLE KEEP [SERVICE...]: as resource, and the host takes it back unless golive confirms
  number=$1 title=$2 slot=$3
  shift 3
  wants "$number" "$title" "$@" || return 0
  arm  # never inside an if, or behind it an ||: a shell ignores set -e there
  [ "$armed" = yes ] || { tell failed; prove; exit 1; }
  [ -z "$switch" ] || tell armed
  (set -e
    if [ -n "$switch" ]; then keep_at "$former/$number"; sync -f "$former"; fi
    if [ -n "$slot" ]; then keep_at "$slot"; fi
    "apply_$number")
  code=$?
  blur
  if [ "$code" -eq 0 ] && as_wanted; then tell changed; return; fi
  [ "$code" -ne 0 ] || echo "it was applied, and its own check still says no"
  tell failed
  prove
  exit 1
}
prove() {  # asks golive to log in anew, and waits until it has, or the host has taken back what was changed
  [ -n "$switch" ] || return 0
  renew
  : > "$switch/waiting"
  if have_read; then printf '\036prove\t%%s\n' "${switch##*/}"
  else echo "sshd does not accept what was changed"; printf '%%s 0\n' "$boot" > "$switch/limit"; fi
  until [ -e "$switch/confirmed" ] || [ -e "$switch/reverted" ] || [ -e "$switch/residue" ]; do
    clock
    if [ "$now" -gt $((limit + 18000)) ]; then echo "neither confirmed nor taken back: look at $switch"; exit 1; fi
    sleep 0.1
  done
  if [ -e "$switch/confirmed" ]; then printf '\036proven\t%%s\n' "${switch##*/}"; switch=''; return 0; fi
  echo "not confirmed by a new login within $((patience / 100)) s"
  if [ -e "$switch/reverted" ]; then echo "taken back by the host itself"; else echo "COULD NOT be taken back whole"; fi
  cat "$switch/said"
  exit 1
}
"""


def _changes(risky: Sequence[Numbered]) -> Changes:
    return [(resource.kind, resource.main) for _, resource in risky]


def _printing(name: str, text: str, mark: str = "") -> str:
    """A function that prints a text; the mark that ends it depends on the text, so that it cannot stand in it."""
    end = mark or f"END_{digest(text)[:16]}"
    return f"{name}() {{ cat <<{end if mark else quote(end)}\n{text.rstrip()}\n{end}\n}}\n"


def _back(verb: str, number: int, resource: Resource, body: str) -> str:
    call = f"{hush(resource.title)}back {verb} {number} {quote(resource.title)}\n"
    return function(f"{verb}_{number}", body) + call


def inverse(risky: Sequence[Numbered]) -> str:
    """The script that takes these back, in reverse order, from what the attempt has kept."""
    changes = _changes(risky)
    undone = [_back("undo", number, resource, resource.undo()) for number, resource in reversed(risky)]
    settled = [_back("settle", number, resource, resource.settle()) for number, resource in risky if resource.settle()]
    parts = [_REVERT, function("restore", to_restore(changes)), *undone, to_start_again(changes), *settled]
    return "".join([*parts, _RESTORE])


def watch() -> str:
    """The script that the host's unit runs."""
    return _WATCH


_CONFIRM = """cd %s/switch/%d 2>/dev/null || { echo absent; exit 0; }
[ ! -e armed ] || sync  # what was changed, before it counts
if mv armed confirmed 2>/dev/null; then sync .; fi
for state in confirmed reverting reverted residue; do if [ -e "$state" ]; then echo "$state"; fi; done
"""

_STANDING = """for switch in %s/switch/[0-9]*; do
  for state in armed confirmed reverting reverted residue; do if [ -e "$switch/$state" ]; then echo "$state"; fi; done
done
"""


def confirm(attempt: str, number: int) -> str:
    """Shell text that confirms, if it is not too late, and prints how the switch stands then.

    Args:
        attempt: the attempt's directory on the host.
        number: which of its switches.
    """
    return _CONFIRM % (quote(attempt), number)


def standing(attempt: str) -> str:
    """Shell text that prints how all switches of an attempt stand, a line each."""
    return _STANDING % quote(attempt)


def functions(guard: Guard, risky: Sequence[Numbered]) -> str:
    """What ``converge`` needs in order to arm for these resources."""
    return (
        _printing("watch_text", _WATCH)
        + _printing("revert_text", inverse(risky))
        + _printing("unit_text", _UNIT, "END_OF_UNIT")
        + function("save_live", to_keep(_changes(risky)))
        + function("have_read", to_prove(_changes(risky)))
        + _FUNCTIONS % round(guard.seconds * 100)
    )
