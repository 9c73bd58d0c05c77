"""Mounting a host's root and, above all, never leaving or removing a mounted one."""

import re
from pathlib import Path

from golive.lab.shell import run

MOUNTINFO = Path("/proc/self/mountinfo")


def mounted_below(path: Path) -> list[Path]:
    """What is mounted at the path or below it, the innermost first."""
    points = [Path(_unescape(line.split()[4])) for line in MOUNTINFO.read_text().splitlines()]
    return [point for point in reversed(points) if point == path or path in point.parents]


def is_mounted(path: Path) -> bool:
    """Whether something is mounted at the path itself."""
    return path in mounted_below(path)


def is_lower_layer(path: Path) -> bool:
    """Whether an overlay that is mounted now stands on the directory."""
    pattern = re.compile(rf"lowerdir\+?={re.escape(str(path))}(,|$)")
    return any(pattern.search(_unescape(line)) for line in MOUNTINFO.read_text().splitlines())


def mount_overlay(lower: Path, upper: Path, work: Path, target: Path) -> None:
    """Mounts a writable layer over a read-only one."""
    options = f"lowerdir={lower},upperdir={upper},workdir={work}"
    run(["mount", "-t", "overlay", "overlay", "-o", options, str(target)])


def unmount_tree(path: Path) -> None:
    """Unmounts all that is at the path or below."""
    for point in mounted_below(path):
        if run(["umount", str(point)], check=False).returncode:
            # Busy: somebody's shell stands in it. Detach it, so that the removal that follows cannot reach through it.
            run(["umount", "--lazy", str(point)])


def _unescape(field: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), field)
