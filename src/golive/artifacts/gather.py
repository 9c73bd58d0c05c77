"""Gathers artifacts on the controller: wheels by uv and pip, archives from the plan's folder; digests go into a lock.

uv resolves for the hosts' Python and platform, pip downloads exactly that; nothing is built, and nothing of the
controller's own environment gets in.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from golive.errors import StepFailed
from golive.kinds.artifact import Wheels
from golive.plan.files import locked
from golive.plan.plan import Locked

_RESOLVE = ("--only-binary", ":all:", "--no-header", "--no-annotate", "--quiet", "--python-platform", "linux")
_TAGS = (*(f"manylinux_2_{minor}_x86_64" for minor in (36, 35, 34, 31, 28, 27, 24, 17)), "manylinux2014_x86_64")
"""What hosts from Debian 12 on can take (glibc 2.36 and older)."""


async def resolve(wheels: Wheels) -> list[str]:
    """The exact versions of all that the requirements need, on the hosts' Python. Raises StepFailed."""
    import uv

    command = (uv.find_uv_bin(), "pip", "compile", "-", "--python-version", wheels.python, *_RESOLVE)
    text = await _run(command, "\n".join(wheels.wheels))
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


async def download(pins: Sequence[str], python: str, folder: Path) -> None:
    """Downloads wheels of exactly these versions into a folder. Raises StepFailed."""
    tags = [word for tag in _TAGS for word in ("--platform", tag)]
    bare = [pin.partition(";")[0].strip() for pin in pins]
    pip = (sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps")
    await _run((*pip, "--only-binary=:all:", "--python-version", python, *tags, "-d", str(folder), *bare))


async def gather_wheels(wheels: Wheels, folder: Path) -> tuple[list[str], list[Locked]]:
    """Resolves and downloads; returns the pins and the files, sorted by name."""
    pins = await resolve(wheels)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as fresh:
        await download(pins, wheels.python, Path(fresh))
        files = sorted(Path(fresh).iterdir())
        for file in files:
            shutil.move(file, folder / file.name)
    return pins, [locked(folder / file.name) for file in files]


async def fetch_locked(files: Sequence[Locked], python: str, folder: Path) -> int:
    """Downloads what the lock names and the folder lacks, and verifies every digest; returns how many were fetched.

    Raises StepFailed when a file is not what the lock says; it is not kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [file for file in files if not _holds(folder, file)]
    if missing:
        await download([_pin(file.file) for file in missing], python, folder)
    for file in missing:
        if not _holds(folder, file):
            (folder / file.file).unlink(missing_ok=True)
            hint = "somebody changed it, or the lock is old: look, then run golive gather"
            raise StepFailed(f"{file.file} has not the checksum of the lock", hint)
    return len(missing)


def copy_archive(source: Path, file: Locked, folder: Path) -> None:
    """Copies an archive into the store and verifies it. Raises StepFailed."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, folder / file.file)
    except OSError as error:
        raise StepFailed(f"{source} cannot be read: {error.strerror}", "build it, or mend the path") from error
    if not _holds(folder, file):
        (folder / file.file).unlink(missing_ok=True)
        raise StepFailed(f"{file.file} has not the checksum that the plan was compiled with", "it changed since: amend")


def _holds(folder: Path, file: Locked) -> bool:
    path = folder / file.file
    return path.is_file() and locked(path) == file


def _pin(wheel: str) -> str:
    name, version = wheel.split("-")[:2]
    return f"{name}=={version}"


async def _run(command: Sequence[str], stdin: str = "") -> str:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
    out, err = await process.communicate(stdin.encode())
    if process.returncode != 0:
        lines = err.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        said = next((line for line in reversed(lines) if "ERROR" in line or "×" in line or "error" in line), lines[-1])
        raise StepFailed(f"wheels cannot be gathered: {said.strip()}", "is the package index reachable from here?")
    return out.decode()
