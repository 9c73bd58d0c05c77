"""Inventory: what a host has beside what the architecture asks: packages, ports, services, logins and more. Pure."""

from collections.abc import Iterator, Mapping

from golive.method.survey import read
from golive.resources.report import State, parse

INVENTORY = r"""
fact() { printf 'fact\t%s\t%s\n' "$1" "$2"; }
dpkg-query -W -f '${db:Status-Status}\t${Package}\t${Version}\n' |
  awk -F '\t' '$1 == "installed" { print "fact\tpackage " $2 "\t" $3 }'
awk '
  function number(hex, i, sum) {
    for (i = 1; i <= length(hex); i++) sum = sum * 16 + index("123456789ABCDEF", substr(hex, i, 1))
    return sum
  }
  $4 == "0A" {
    split($2, at, ":")
    from = at[1] ~ /^(0100007F|.*01000000)$/ ? "loopback" : "anywhere"
    print "fact\tport " number(at[2]) "\t" from
  }' /proc/net/tcp* | sort -u
if command -v systemctl >/dev/null; then
  systemctl list-units --type=service --state=running --plain --no-legend |
    awk '{ print "fact\tservice " $1 "\trunning" }'
fi
awk '$1 ~ /^\// || $3 ~ /^(overlay|nfs|cifs|tmpfs)/ { print "fact\tmount " $2 "\t" $3 }' /proc/mounts
if command -v pg_lsclusters >/dev/null; then
  pg_lsclusters -h | awk '{ print "fact\tcluster " $1 "/" $2 "\tport " $3 ", " $4 }'
fi
getent passwd | while IFS=: read -r name _ _ _ _ home shell; do
  case $shell in */nologin | */false | */sync | '') continue ;; esac
  keys=$(grep -c '^[^#]' "$home/.ssh/authorized_keys" 2>/dev/null)
  fact "login $name" "$shell, ${keys:-0} keys"
done
"""
"""The script's body that prints a host's inventory; each fact's name is a word for its sort and what it is about."""

SORTS: Mapping[str, str] = {
    "package": "packages",
    "port": "ports",
    "service": "services",
    "mount": "mounts",
    "cluster": "database clusters",
    "login": "logins",
}
"""The sorts of facts, and how a person calls several."""

LASTING = frozenset({"package", "mount", "login"})
"""What the stages after the baseline leave alone, unless the plan says otherwise: measured again as drift."""


def of_sort(facts: Mapping[str, str], sort: str) -> Mapping[str, str]:
    """The facts of one sort, by what they are about."""
    return {name.partition(" ")[2]: value for name, value in facts.items() if name.startswith(f"{sort} ")}


def differences(before: Mapping[str, str], after: Mapping[str, str], sorts: frozenset[str]) -> Iterator[str]:
    """In words, how two inventories differ: the same host at two times, or twins at one.

    Args:
        before: facts by name.
        after: the others.
        sorts: which sorts count.
    """
    for name in sorted({*before, *after}):
        one, other = before.get(name, "absent"), after.get(name, "absent")
        if one != other and name.partition(" ")[0] in sorts:
            yield f"{name}: {one} → {other}"


def changes(before: Mapping[str, str], output: str) -> tuple[str, ...]:
    """In words, what is no longer as the baseline left it.

    Args:
        before: the inventory that the baseline's script told.
        output: what a script said that examines the resources of the baseline, and tells the inventory.
    """
    states = (State.WOULD, State.MAY)
    resources = [f"{one.title} is not as planned" for one in parse(output) if one.state in states]
    return (*resources, *differences(before, read(output), LASTING))
