"""Makes a step fail on its host, at a chosen moment of it, and tells whether a back-out left the host as it was.

The fault is the host's: the shell with which golive's scripts are run there ends, or is killed, when the attempt is one
at the chosen step. Nothing of golive is replaced. Used by the tests for a sample, and by ``scripts/prove`` for every
position of the example.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from ground import Host

DOCUMENTED = Path(__file__).parents[2] / "docs/operating.md"
SHELL = "/usr/local/bin/sh"
ROOTS = ("/etc", "/opt", "/srv", "/usr/local", "/home", "/root", "/var/backups", "/var/lib/golive/depot")
"""What is compared: all that deploy and cutover of the plans touch, and much that they do not."""

_FAULTY = """#!/bin/sh
case ${{1-}} in
*/attempts/*/script)
  about=${{1%/script}}/attempt
  if [ "$(sed -n 2,3p "$about" | tr '\\n' ' ')" = "{action} {step} " ]; then
    case {moment} in
    before) echo "a fault: nothing was done"; exit 9 ;;
    middle) timeout -s KILL {seconds} /bin/sh "$@"; echo "a fault: it was killed in the middle"; exit 9 ;;
    after) /bin/sh "$@"; echo "a fault: everything was done"; exit 9 ;;
    esac
  fi ;;
esac
exec /bin/sh "$@"
"""

_SERVICES = """
not='^(user@|user-runtime-dir@|systemd-|ssh@|getty|dbus|apt-|dpkg-|e2scrub|logrotate|fstrim|man-db|golive-switch)'
systemctl list-units --type=service --state=running --plain --no-legend | cut -d' ' -f1 | grep -vE "$not" | sort
systemctl list-unit-files --state=enabled --plain --no-legend | cut -d' ' -f1 | grep -vE "$not" | sort
"""
_DATA = """
command -v psql >/dev/null || exit 0
cd /
runuser -u postgres -- psql -XAtc "SELECT rolname FROM pg_roles ORDER BY 1"
runuser -u postgres -- psql -XAtc "SELECT datname FROM pg_database ORDER BY 1"
runuser -u postgres -- psql -XAtc "SELECT setdatabase <> 0, setconfig FROM pg_db_role_setting ORDER BY 2"
"""


class Moment(StrEnum):
    """When in its course the step fails."""

    BEFORE = "before"
    MIDDLE = "middle"
    AFTER = "after"


@contextmanager
def failing(host: Host, step: str, moment: Moment, seconds: float = 0.4, action: str = "do") -> Iterator[None]:
    """Within the block a step, or its inverse, fails on its host.

    Args:
        host: the host.
        step: the step's id.
        moment: when it fails.
        seconds: after how long it is killed in the middle.
        action: ``do`` or ``undo``.
    """
    text = _FAULTY.format(step=step, moment=moment, seconds=seconds, action=action)
    host.sh(f"cat > {SHELL} <<'END'\n{text}END\nchmod 755 {SHELL}")
    try:
        yield
    finally:
        host.sh(f"rm -f {SHELL}")


@contextmanager
def no_depot(host: Host) -> Iterator[None]:
    """Within the block nothing can be delivered to a host: a file stands where its depot has to be."""
    host.sh("rmdir /var/lib/golive/depot 2>/dev/null; mkdir -p /var/lib/golive; : > /var/lib/golive/depot")
    try:
        yield
    finally:
        host.sh("rm -f /var/lib/golive/depot")


@contextmanager
def no_answer(host: Host) -> Iterator[None]:
    """Within the block the host's database cannot be asked: the program that asks it ends before it does."""
    host.sh("printf '#!/bin/sh\necho a fault: nothing is told; exit 9\n' > /usr/local/bin/psql")
    host.sh("chmod 755 /usr/local/bin/psql")
    try:
        yield
    finally:
        host.sh("rm -f /usr/local/bin/psql")


@contextmanager
def login(host: Host, works: bool) -> Iterator[None]:
    """Within the block a key of root's that was taken away still works, or that of the operators does not.

    Args:
        host: the host.
        works: whether a login works that must not; otherwise one does not that must.
    """
    key = host.lab.key.with_suffix(".pub").read_text(encoding="utf-8")
    stays = f"cat > /root/.ssh/authorized_keys2 <<'END'\n{key}\nEND"
    host.sh(stays if works else "chmod 777 /home/ops")  # a home that anybody may change: sshd takes no key from there
    try:
        yield
    finally:
        host.sh("rm -f /root/.ssh/authorized_keys2; chmod 700 /home/ops")


def seen(hosts: Iterable[Host]) -> dict[str, str]:
    """File systems, services and data of hosts, as far as a back-out has to restore them."""
    found: dict[str, str] = {}
    for host in hosts:
        tree = host.tree(*ROOTS)
        tree.pop("/var/lib/golive/depot", None)  # golive's own folder: it may stay, empty
        found |= {f"{host.name}:{path}": about for path, about in tree.items()}
        found[f"{host.name} services"] = host.sh(_SERVICES, check=False)
        found[f"{host.name} data"] = host.sh(_DATA, check=False)
    return found


def differences(before: Mapping[str, str], after: Mapping[str, str], but: str = "$^") -> list[str]:
    """How hosts differ from what they were, except where a pattern says that it is kept on purpose."""
    keys = sorted({*before, *after})
    return [
        f"{key}: {before.get(key, 'absent')!r} before, {after.get(key, 'absent')!r} now"
        for key in keys
        if before.get(key) != after.get(key) and not re.search(but, key)
    ]


def documented(stage: str, past: bool) -> tuple[int, int | None]:
    """What the operator's page says of a failure at a position: the exit code of the run, and of a back-out after it.

    Args:
        stage: the stage of the step that fails.
        past: whether it is the point of no return, or stands behind it.
    """
    wanted = {"cutover": "cutover, from the release on" if past else "cutover, before the release"}.get(stage, stage)
    for line in DOCUMENTED.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] == wanted and len(cells) == 4:
            after = re.match(r"\d+", cells[2])
            return int(cells[1].split(" ")[0]), int(after[0]) if after else None
    raise AssertionError(f"{DOCUMENTED} says nothing about {wanted}")


def holds(problems: list[str], what: str, condition: Callable[[], bool] | bool) -> None:
    """Notes a problem when a condition does not hold."""
    if not (condition() if callable(condition) else condition):
        problems.append(what)
