"""All resources of one host in one readable POSIX sh script, and the script that takes it back.

The script says what it did in framed lines (RS, state, TAB, title) among the plain output of its commands.
Where the script lies tells its run, under which former states are kept; secrets come as assignments on its stdin.
"""

from collections.abc import Iterable, Sequence

from golive.digest import digest
from golive.resources.interface import Resource
from golive.resources.sh import quote, secrets_in

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

_CONVERGE = r"""marks=$GOLIVE_ROOT/restart
mkdir -p "$marks"
resource() {  # NUMBER TITLE KEEP [SERVICE...]: check, apply, check again
  number=$1 title=$2 keep=$3
  shift 3
  if ("check_$number") >/dev/null 2>&1; then say ok "$title"; return; fi
  for service in "$@"; do : > "$marks/$service"; done
  (set -e; "keep_$number"; "apply_$number")
  code=$?
  if [ "$code" -eq 0 ] && ("check_$number"); then say changed "$title"; return; fi
  [ "$code" -ne 0 ] || echo "it was applied, and its own check still says no"
  say failed "$title"
  exit 1
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


def prologue(needs_stdin: bool = True) -> str:
    """The head of every script that golive sends: secrets are read, names are set, nothing has been done."""
    return _PROLOGUE if needs_stdin else _PROLOGUE.replace('eval "$(cat)"\n', "")


def function(name: str, body: str) -> str:
    """A shell function with this body, left as it is, since indenting could change a quoted text."""
    return f"{name}() {{\n{body or ':'}\n}}\n"


def slot(scope: str, resource: Resource) -> str:
    """Where the former state of a resource is kept on the host, by run and by the scope (a step's id)."""
    return f'"$GOLIVE_ROOT/keep/$GOLIVE_RUN"/{digest([scope, resource.kind, resource.main])[:16]}'


def _marks(resource: Resource, others: Iterable[Resource]) -> str:
    heard = [other.main for other in others if resource.main in other.restarts_on()]
    return "".join(f" {quote(name)}" for name in heard)


def converge(resources: Sequence[Resource], keep: str = "") -> str:
    """The body that brings a host to the desired state, resource by resource, in the order of declaration.

    Args:
        resources: the desired state.
        keep: a scope (a step's id) under which the former state is saved on the host; empty saves nothing.
    """
    parts = [_CONVERGE, 'mkdir -p "$GOLIVE_ROOT/keep/$GOLIVE_RUN"\n' if keep else ""]
    for number, resource in enumerate(resources, 1):
        saved = _KEEP % resource.keep() if keep and resource.keep() else ""
        parts.append(
            f"\n# {number}. {resource.title}\n"
            + function(f"check_{number}", resource.check())
            + function(f"keep_{number}", saved)
            + function(f"apply_{number}", resource.apply())
            + f"resource {number} {quote(resource.title)} {slot(keep, resource)}{_marks(resource, resources)}\n"
        )
    return "".join(parts)


def revert(resources: Sequence[Resource], keep: str) -> str:
    """The body that restores what ``converge(resources, keep)`` found, in reverse order. Exits 1 when residue stays.

    Without residue the kept states are removed in the end: what is converged later is kept anew.
    """
    numbered = list(enumerate(resources, 1))
    parts = [_UNDO]
    for number, resource in reversed(numbered):
        if resource.undo():
            call = f"undo {number} {quote(resource.title)} {slot(keep, resource)}\n"
            parts.append(f"\n# {number}. {resource.title}\n" + function(f"undo_{number}", resource.undo()) + call)
        else:
            parts.append(f"say kept {quote(resource.title)}\n")
    for number, resource in numbered:
        if resource.settle():
            call = f"settle {number} {quote(resource.title)} {slot(keep, resource)}\n"
            parts.append(function(f"settle_{number}", resource.settle()) + call)
    kept = " ".join(slot(keep, resource) for _, resource in numbered if resource.undo())
    forget = f'[ "$status" -ne 0 ] || rm -rf {kept}\n' if kept else ""
    return "".join([*parts, forget, 'exit "$status"\n'])


def secrets_of(script: str) -> tuple[str, ...]:
    """The names of the secrets that a rendered script reads, sorted."""
    return tuple(sorted(secrets_in(script)))
