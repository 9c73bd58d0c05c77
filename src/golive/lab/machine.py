"""A host's processes: started by systemd-nspawn, found again and ended for certain.

Each machine has a control group of its own. It tells which processes are the machine's (no pid is remembered, so none
can be mistaken for a later one), and the kernel ends all of them at once. It also keeps the hosts' systemds apart:
``--keep-unit`` alone would put all of them into one group, where they would see each other's services.
"""

import os
import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from golive.errors import GoliveError
from golive.lab.mounts import MOUNTINFO

ENTER_GROUPS = 'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs" || exit; shift; done; shift; exec "$@"'
"""A shell that joins the groups before the -- and becomes the command after it."""

AGAIN_AFTER_REBOOT = 'while :; do "$@"; [ $? = 133 ] || exit; done'
"""A shell that runs the command after it, again whenever it ends as nspawn does when the host has rebooted itself."""

CLEAN_ENV = ("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8")
LISTENING_SSH = re.compile(r"^\s*\d+: [0-9A-F]+:0016 [0-9A-F]+:0000 0A ", re.MULTILINE)
_started: list[subprocess.Popen[bytes]] = []  # our children, to be reaped when they have ended


def group_roots(mountinfo: str) -> tuple[Path, ...]:
    """Where control groups are kept: version 2, and systemd's own tree where version 1 is used beside it. Pure."""
    found: list[Path] = []
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        kind, _, options = right.split(" ", 2)
        if kind == "cgroup2":
            found.insert(0, Path(left.split()[4]))
        elif kind == "cgroup" and "name=systemd" in options.split(","):
            found.append(Path(left.split()[4]))
    return tuple(found)


def nspawn_argv(machine: str, hostname: str, root: Path, bridge: str) -> list[str]:
    """The command that boots a host. Pure."""
    argv = [
        "systemd-nspawn",
        "--quiet",
        "--boot",
        f"--directory={root}",
        f"--machine={machine}",
        f"--hostname={hostname}",
    ]
    argv += [f"--network-bridge={bridge}", "--register=no", "--keep-unit", "--console=passive"]
    # What a machine's root may do and a container's may not: the pace of a copy needs it.
    argv += ["--system-call-filter=pidfd_getfd"]
    return [*argv, "--resolv-conf=off", "--timezone=off", "--link-journal=no"]


@dataclass(frozen=True)
class Machine:
    """The running (or not running) machine of one host; ``group`` is its path below the roots of control groups."""

    name: str
    group: str

    def boot(self, hostname: str, root: Path, bridge: str, log: Path) -> None:
        """Starts the host in a session of its own; returns at once."""
        # Two groups: nspawn must be alone in the one that it divides among itself and the host.
        nspawn = self._joining("boot", nspawn_argv(self.name, hostname, root, bridge))
        argv = self._joining("loop", ["sh", "-c", AGAIN_AFTER_REBOOT, "sh", *nspawn])
        # Version 2 inside, whatever is outside; our own lock is enough, nspawn's would leave files behind.
        env = {**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1", "SYSTEMD_NSPAWN_LOCK": "0"}
        with log.open("ab") as out:
            process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, start_new_session=True
            )
        _started.append(process)

    def leader(self) -> int | None:
        """The pid of the host's PID 1, or None when it is not running."""
        _reap()
        supervisors = _read(_roots()[0] / self.group / "boot/supervisor/cgroup.procs").split()
        for parent in supervisors:
            for child in _read(Path(f"/proc/{parent}/task/{parent}/children")).split():
                if re.search(r"^NSpid:.*\t1$", _read(Path(f"/proc/{child}/status")), re.MULTILINE):
                    return int(child)
        return None

    def alive(self) -> bool:
        """Whether any process of the machine is left."""
        return "populated 1" in _read(_roots()[0] / self.group / "cgroup.events")

    def listens(self) -> bool:
        """Whether its sshd listens; seen from outside, without a connection that sshd would hold against us."""
        leader = self.leader()
        tables = [_read(Path(f"/proc/{leader}/net/{name}")) for name in ("tcp", "tcp6")] if leader else []
        return any(LISTENING_SSH.search(table) for table in tables)

    def entering(self, leader: int, argv: Sequence[str]) -> list[str]:
        """The command that runs ``argv`` inside the host, with no network or login in between."""
        inside = ["nsenter", "--target", str(leader), "--all", "--", "env", "-i", *CLEAN_ENV, *argv]
        return self._joining("visitors", inside)

    def _joining(self, part: str, argv: Sequence[str]) -> list[str]:
        """The command as a member of one of the machine's control groups, which are made if need be."""
        groups = [base / self.group / part for base in _roots()]
        for group in groups:
            group.mkdir(parents=True, exist_ok=True)
        return ["sh", "-c", ENTER_GROUPS, "sh", *map(str, groups), "--", *argv]

    def kill(self, patience: float = 60) -> None:
        """Cuts the power: ends every process of the machine and forgets its control groups."""
        switch = _roots()[0] / self.group / "cgroup.kill"
        if switch.exists():
            switch.write_text("1")
        deadline = time.monotonic() + patience
        while self.alive():
            if time.monotonic() > deadline:
                raise GoliveError(f"machine {self.name} does not end", f"look at {switch.parent}/**/cgroup.procs")
            time.sleep(0.01)
        _reap()
        for base in _roots():
            _remove_groups(base / self.group, deadline)
        # nspawn removes it when it ends by itself.
        propagated = Path("/run/systemd/nspawn/propagate") / self.name
        if propagated.is_dir():
            propagated.rmdir()


def remove_empty_group(group: str) -> None:
    """Removes the lab's own control group when no machine is left in it."""
    for base in _roots():
        path = base / group
        if path.is_dir() and not any(child.is_dir() for child in path.iterdir()):
            path.rmdir()


def _roots() -> tuple[Path, ...]:
    roots = group_roots(MOUNTINFO.read_text())
    if not roots or not (roots[0] / "cgroup.procs").exists():
        raise GoliveError(
            "control groups (version 2) are not mounted here", "run: mount -t cgroup2 none /sys/fs/cgroup"
        )
    return roots


def _remove_groups(top: Path, deadline: float) -> None:
    """Control groups go with rmdir, the innermost first; a group is busy for a moment after its last process."""
    for path, _, _ in os.walk(top, topdown=False):
        while True:
            try:
                os.rmdir(path)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)


def _reap() -> None:
    _started[:] = [process for process in _started if process.poll() is None]


def _read(path: Path) -> str:
    """The file's text; nothing when the process or the group is gone by now."""
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError, NotADirectoryError):
        return ""
