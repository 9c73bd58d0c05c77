"""Runs rendered scripts for real: dash and busybox, as root, in a directory of the test's own."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from golive.kinds.registry import kinds
from golive.resources.interface import Resource
from golive.resources.report import parse, plain
from golive.resources.script import prologue

SHELLS: Mapping[str, tuple[str, ...]] = {"dash": ("dash",), "busybox": ("busybox", "sh")}
DANGEROUS = (
    "cp",
    "mv",
    "mkdir",
    "chown",
    "chmod",
    "rm",
    "stat",
    "cmp",
    "touch",
    "rmdir",
    "ln",
    "cat",
    "awk",
    "tar",
    "sha256sum",
)
"""Commands before which a script may die."""


@dataclass(frozen=True)
class Ran:
    """What became of a script."""

    code: int
    reports: list[str]
    said: str
    errors: str


def resource(model: Mapping[str, Any]) -> Resource:
    """The resource that these keys describe."""
    registry = kinds().of("resource")
    kind = next(registry[name] for name in model if name in registry)
    made = kind.model_validate(model)
    assert isinstance(made, Resource)
    return made


def run(body: str, work: Path, shell: Sequence[str], stdin: str = "", path: str = "", **more: str) -> Ran:
    """Runs a script's body behind the prologue; ``$T`` is the directory ``work/t``."""
    script = work / "script"
    script.write_bytes((prologue() + body).encode("utf-8", "surrogateescape"))
    environment = {"PATH": f"{path}:{os.environ['PATH']}".lstrip(":"), "GOLIVE_ROOT": str(work / "golive")} | more
    done = subprocess.run(
        [*shell, str(script)],
        input=stdin.encode(),
        capture_output=True,
        env=environment | {"T": str(work / "t")},
        start_new_session=True,
        timeout=60,
        check=False,
    )
    said = done.stdout.decode("utf-8", "replace")
    reports = [f"{item.state} {item.title}" for item in parse(said)]
    return Ran(done.returncode, reports, plain(said), done.stderr.decode("utf-8", "replace"))


def mortal(work: Path) -> str:
    """A directory for PATH whose commands kill the script when the count in ``work/left`` is used up."""
    folder = work / "mortal"
    folder.mkdir()
    for name in DANGEROUS:
        real = subprocess.run(["which", name], capture_output=True, text=True, check=True).stdout.strip()
        stub = folder / name
        stub.write_text(
            f'#!/bin/sh\nread -r left < {work}/left\nleft=$((left - 1))\necho "$left" > {work}/left\n'
            f'[ "$left" -ne 0 ] || kill -9 0\nexec {real} "$@"\n'
        )
        stub.chmod(0o755)
    return str(folder)


def snapshot(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Kind, mode, owner and content of everything below a folder."""
    found: dict[str, tuple[Any, ...]] = {}
    for path in sorted(folder.rglob("*")):
        info = path.lstat()
        held = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[str(path.relative_to(folder))] = (oct(info.st_mode), info.st_uid, info.st_gid, held)
    return found
