r"""All resources of one host in one readable POSIX sh script; the script that takes it back; the one that only looks.

A script says what it did in framed lines among the plain output of its commands: RS, state, TAB, title, TAB,
centiseconds, TAB, reason. How a resource differed stands before that, between the frames ``diff`` and ``end``.
Where the script lies tells its run, under which former states are kept; secrets come as assignments on its stdin.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from golive.digest import digest
from golive.resources.glance import WORTH, Sights, as_wanted
from golive.resources.interface import IN_TURN, Resource, first_line
from golive.resources.sh import code, function, hush, quote, secrets_in
from golive.resources.switch import Guard, Numbered, functions

_PROLOGUE = r"""# Written by golive. By hand, as root: sh THIS < SECRETS
# where SECRETS holds lines GOLIVE_SECRET_name='value', and may be /dev/null when there are none.
set -u
eval "$(cat)"
exec </dev/null
export LC_ALL=C
case $0 in
*/attempts/*/script)  # .../attempts/PROJECT/RUN-NUMBER/script
  here=${0%/*} GOLIVE_ROOT=${0%/attempts/*}
  GOLIVE_RUN=${here#"$GOLIVE_ROOT/attempts/"}
  GOLIVE_RUN=${GOLIVE_RUN%-*}
  ;;
*) : "${GOLIVE_ROOT:=/var/lib/golive}" "${GOLIVE_RUN:=by-hand}" ;;
esac
umask 022
say() { printf '\036%s\t%s\n' "$1" "$2"; }
"""

_FACTS = r"""
# what conditions may ask for
# shellcheck disable=SC1091,SC2034
{
os=$(. /etc/os-release; echo "$ID ${VERSION_ID:-}")
architecture=$(uname -m)
cpus=$(nproc)
memory=$(awk '$1 == "MemTotal:" { printf "%.0f", $2 * 1024 }' /proc/meminfo)
}
"""

TELL = r"""marks=$GOLIVE_ROOT/restart
view=blurred  # what the last glance told: clear: it holds; blurred: something may be otherwise; none: it is worth one
shown=''  # what was asked about neighbours, for their diffs
clock() { read -r now _ </proc/uptime; now=${now%.*}${now#*.}; }  # centiseconds, without a fork
begin() { clock; began=$now; }
tell() { clock; printf '\036%s\t%s\t%s\t%s\n' "$1" "$title" "$((now - began))" "${2-}"; }
explain() {
  [ -n "${digest_key-}" ] || digest_key=$(od -An -N16 -tx1 /dev/urandom)
  printf '\036diff\t%s\n' "$title"
  "diff_$number" 2>&1
  printf '\036end\t%s\n' "$title"
}
differs() { printf -- '- %s\n+ %s\n' "$1" "$2"; }
nl='
'
added() {  # PATH: what diff -u says of a file that is not there and is to hold "text"; a short one without a process
  if [ "${#text}" -gt 4096 ]; then
    content | diff -a -u -L "$1" -L "$1 (as planned)" /dev/null - | sed 500q
    return
  fi
  lines='' count=0 rest=$text
  while [ -n "$rest" ]; do
    count=$((count + 1)) lines="$lines+${rest%%"$nl"*}$nl"
    case $rest in
    *"$nl"*) rest=${rest#*"$nl"} ;;
    *) rest='' lines="$lines\\ No newline at end of file$nl" ;;
    esac
  done
  [ "$count" -eq 1 ] || count=1,$count
  [ -z "$lines" ] || printf -- '--- %s\n+++ %s (as planned)\n@@ -0,0 +%s @@\n%s' "$1" "$1" "$count" "$lines"
}
# of stdin, under a key of this run of the script: it tells that two texts differ, and nothing else about them
digest_of() { { printf %s "$digest_key"; cat; } | sha256sum | cut -c1-16; }
"""

_CONVERGE = r"""mkdir -p "$marks"
blur() { view=blurred shown=''; }
missing() {  # NUMBER TITLE: whether something is to be done
  number=$1 title=$2
  begin
  as_wanted || return 0
  [ "$view" = clear ] || view=none  # the changes may be over: the next one is worth a glance
  tell ok
  return 1
}
differing() {  # NUMBER TITLE [SERVICE...]: says how; who has to restart when it changes is marked before
  number=$1 title=$2
  shift 2
  for service in "$@"; do : > "$marks/$service"; done
  [ $# -eq 0 ] || blur  # the glance did not see the marks
  explain
}
wants() { missing "$1" "$2" && differing "$@"; }
settled() {  # NUMBER TITLE CODE [together]: what became of it; of several, the first that is not as wanted has failed
  number=$1 title=$2
  if [ "$3" -eq 0 ] || [ -n "${4-}" ] && as_wanted; then
    tell changed
    begin  # of several, the first took the time
    return
  fi
  [ "$3" -ne 0 ] || echo "it was applied, and its own check still says no"
  tell failed
  exit 1
}
resource() {  # NUMBER TITLE KEEP [SERVICE...]: check, apply, check again
  # shellcheck disable=SC2034  # where a former state is kept, if one is
  number=$1 title=$2 keep=$3
  shift 3
  wants "$number" "$title" "$@" || return 0
  (set -e; "keep_$number"; "apply_$number")
  code=$?
  blur
  settled "$number" "$title" "$code"
}
"""

_EXAMINE = r"""stale=' '
examine() {  # NUMBER TITLE [HEARER...]: what would become of it; those who hear of it are stale then
  number=$1 title=$2
  shift 2
  begin
  sure=$stale
  case $stale in
  *" $number "*) sure=' ' ;;
  *) if as_wanted; then tell ok; return; fi ;;
  esac
  explain
  if [ "$sure" = ' ' ] || ("foreseen_$number") >/dev/null 2>&1; then tell would
  else tell may 'it cannot be known before what stands ahead of it has been done'; fi
  stale="$stale- $* "
}
"""

_KEEP = r"""[ -e "$keep" ] || {
wanted=$keep
keep=$keep.new
rm -rf "$keep"
%s
mv "$keep" "$wanted"
}"""

_UNDO = r"""marks=$GOLIVE_ROOT/restart
status=0
undo() {  # NUMBER TITLE KEEP: restore what was kept; what nothing was kept of was never changed
  number=$1 title=$2 keep=$3
  if [ ! -e "$keep" ]; then say ok "$title"; return; fi
  (set -e; "undo_$number")  # never inside an if: a shell ignores set -e there
  code=$?
  if [ "$code" -eq 0 ]; then say undone "$title"; else say residue "$title"; status=1; fi
}
settle() {
  number=$1 title=$2 keep=$3
  [ -e "$keep" ] || return 0
  (set -e; "settle_$number")
  code=$?
  [ "$code" -eq 0 ] || { say residue "$title"; status=1; }
}
"""

NO_GUARD = Guard(seconds=0)


def prologue(needs_stdin: bool = True) -> str:
    """The head of every script that golive sends: secrets are read, names are set, nothing has been done.

    Args:
        needs_stdin: whether there are secrets to read, which costs a process.
    """
    return _PROLOGUE if needs_stdin else _PROLOGUE.replace('eval "$(cat)"\n', "")


def slot(scope: str, resource: Resource) -> str:
    """Where the former state of a resource is kept on the host, by run and by the scope (a step's id)."""
    return _slot(scope, resource.kind, resource.identity)


@lru_cache(maxsize=1024)
def _slot(scope: str, kind: str, identity: str) -> str:
    return f'"$GOLIVE_ROOT/keep/$GOLIVE_RUN"/{digest([scope, kind, identity])[:16]}'


def _hearers(resource: Resource, others: Iterable[Numbered]) -> Iterator[Numbered]:
    main = resource.main
    return ((number, other) for number, other in others if main in other.restarts_on())


def _marks(resource: Resource, others: Iterable[Numbered]) -> str:
    return "".join(f" {quote(other.main)}" for _, other in _hearers(resource, others))


def _facts(resources: Iterable[Resource]) -> str:
    return _FACTS if any(resource.when for resource in resources) else ""


def _sights(numbered: Iterable[Numbered]) -> Sights:
    seen = ((number, resource.sights()) for number, resource in numbered)
    return [(number, sights) for number, sights in seen if sights]


def _head(number: int, resource: Resource, prepared: str | None = None) -> str:
    """What every script that looks at a resource begins it with; ``prepared``: if not as the resource says."""
    prepared = resource.prepare() if prepared is None else prepared
    return (
        f"\n# {number}. {resource.title}\n"
        + (f"{prepared}\n" if prepared else "")
        + function(f"check_{number}", resource.check())
        + function(f"diff_{number}", resource.diff())
    )


def _guarded(number: int, resource: Resource, call: str) -> str:
    """The call, under the resource's condition if it has one."""
    if resource.when is None:
        return f"{hush(resource.title)}{call}\n"
    skip = f"title={quote(resource.title)}; begin; tell skipped {quote(f'when: {first_line(resource.when)}')}"
    condition = function(f"when_{number}", code(resource.when).strip())
    condition += hush(resource.title + resource.when)
    return f"{condition}if (when_{number}) >/dev/null 2>&1; then {call}; else {skip}; fi\n"


def converge(resources: Sequence[Resource], keep: str = "", guard: Guard = NO_GUARD) -> str:
    """The body that brings a host to the desired state, resource by resource, in the order of declaration.

    Args:
        resources: the desired state.
        keep: a scope (a step's id) under which the former state is saved on the host; empty saves nothing.
        guard: how changes are armed that can lock golive out.
    """
    numbered = list(enumerate(resources, 1))
    risky = guard.among(numbered)
    held = {number for number, _ in risky}
    parts = [TELL, f"last={len(numbered)}\n", as_wanted(_sights(numbered)), _CONVERGE]
    parts += [functions(guard, risky) if risky else "", _facts(resources)]
    parts += ['mkdir -p "$GOLIVE_ROOT/keep/$GOLIVE_RUN"\n'] if keep else []
    for together, group in groupby(numbered, key=lambda one: "" if one[0] in held else one[1].together):
        members = list(group)
        if together and len(members) > 1 and not (keep and any(resource.keep() for _, resource in members)):
            parts.append(_at_once(together, members, numbered))
        else:
            parts += [_one(number, resource, keep, numbered, held) for number, resource in members]
    # What was replaced may have been a secret; it is kept no longer than it can be wanted.
    parts += ['[ -z "$former" ] || rm -rf "$former"\n'] if risky else []
    return "".join(parts)


def _one(number: int, resource: Resource, keep: str, all_of_them: Sequence[Numbered], held: Collection[int]) -> str:
    holds = number in held
    former = resource.keep() if keep or holds else ""
    saved = _KEEP % former if former else ""
    place = slot(keep, resource) if keep or not holds else "''"
    how = "guarded" if holds else "resource"
    call = f"{how} {number} {quote(resource.title)} {place}{_marks(resource, all_of_them)}"
    functions = function(f"keep_{number}", saved) + function(f"apply_{number}", resource.apply())
    # Neighbours are proven together, before anything else is done.
    last = holds and number + 1 not in held
    return _head(number, resource) + functions + _guarded(number, resource, call) + ("prove\n" if last else "")


def _at_once(together: str, members: Sequence[Numbered], all_of_them: Sequence[Numbered]) -> str:
    """Neighbours of one kind: all are checked, those that are missing are applied in one go, and checked again."""
    first, (last, _) = members[0][0], members[-1]
    look = members[0][1].look()
    parts = [function(f"look_{first}", look) if look else "", function(f"together_{first}", together)]
    first_look = look and members[0][1].looks_first
    if first_look:
        items = " ".join(resource.item() for _, resource in members)
        parts.append(f'[ "$view" != blurred ] || shown=$(look_{first} {items})\n')
    parts.append("set --\npending=' '\n")
    for number, resource in members:
        item = str(number) if together.endswith(IN_TURN) else resource.item()
        then = f'set -- "$@" {item}; pending="${{pending}}{number} "'
        call = _guarded(number, resource, f"if missing {number} {quote(resource.title)}; then {then}; fi")
        parts.append(_member(number, resource, together, number == first) + call)
    parts += ["\ncode=0\nif [ $# -gt 0 ]; then\n"]
    parts += [f'[ -n "$shown" ] || shown=$(look_{first} "$@")\n'] if look else []
    for number, resource in members:
        differing = f"differing {number} {quote(resource.title)}{_marks(resource, all_of_them)}"
        parts.append(f'case $pending in *" {number} "*) {differing} ;; esac\n')
    parts.append(f'(set -e; together_{first} "$@")\ncode=$?\nblur\n')
    parts.append(f"[ $# -lt {WORTH} ] || {{ view=none last={last}; }}  # many are proven at a glance\n")
    for number, resource in members:
        ended = f'settled {number} {quote(resource.title)} "$code" together'
        parts.append(f'case $pending in *" {number} "*) {ended} ;; esac\n')
    parts += [f"blur\nlast={len(all_of_them)}\nfi\n", "shown=''\n" if first_look else ""]
    return "".join(parts)


def _member(number: int, resource: Resource, together: str, is_first: bool) -> str:
    """The head of one of several neighbours; what all of them prepare alike stands with the first."""
    if not together.endswith(IN_TURN):
        return _head(number, resource, None if is_first else "")
    if not resource.prepare():
        return _head(number, resource) + function(f"apply_{number}", resource.apply())
    # Another one's may have taken the place of what it prepared by the time that its turn has come.
    again = f"prepare_{number}\n"
    return (
        f"\n# {number}. {resource.title}\n"
        + function(f"prepare_{number}", resource.prepare())
        + function(f"check_{number}", again + resource.check())
        + function(f"diff_{number}", again + resource.diff())
        + function(f"apply_{number}", again + resource.apply())
    )


def examine(resources: Sequence[Resource]) -> str:
    """The body that says what ``converge(resources)`` would change, and changes nothing."""
    numbered = list(enumerate(resources, 1))
    parts = [TELL, f"last={len(numbered)}\n", as_wanted(_sights(numbered)), _EXAMINE, _facts(resources)]
    for number, resource in numbered:
        hearers = "".join(f" {other}" for other, _ in _hearers(resource, numbered))
        call = f"examine {number} {quote(resource.title)}{hearers}"
        foreseen = function(f"foreseen_{number}", resource.foreseen())
        parts.append(_head(number, resource) + foreseen + _guarded(number, resource, call))
    return "".join(parts)


def revert(resources: Sequence[Resource], keep: str) -> str:
    """The body that restores what ``converge(resources, keep)`` found, in reverse order. Exits 1 when residue stays.

    Without residue the kept states are removed in the end: what is converged later is kept anew.
    """
    numbered = list(enumerate(resources, 1))
    titles, undos = [resource.title for resource in resources], [resource.undo() for resource in resources]
    slots = [slot(keep, resource) for resource in resources]
    parts = [_UNDO]
    for (number, _), title, undo, place in reversed([*zip(numbered, titles, undos, slots, strict=True)]):
        if undo:
            call = f"{hush(title)}undo {number} {quote(title)} {place}\n"
            parts.append(f"\n# {number}. {title}\n" + function(f"undo_{number}", undo) + call)
        else:
            parts.append(f"{hush(title)}say kept {quote(title)}\n")
    for (number, resource), title, place in zip(numbered, titles, slots, strict=True):
        if settle := resource.settle():
            call = f"{hush(title)}settle {number} {quote(title)} {place}\n"
            parts.append(function(f"settle_{number}", settle) + call)
    kept = " ".join(place for undo, place in zip(undos, slots, strict=True) if undo)
    forget = f'[ "$status" -ne 0 ] || rm -rf {kept}\n' if kept else ""
    return "".join([*parts, forget, 'exit "$status"\n'])


def secrets_of(script: str) -> tuple[str, ...]:
    """The names of the secrets that a rendered script reads, sorted."""
    return tuple(sorted(secrets_in(script)))
