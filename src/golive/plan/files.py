"""Reads what the plan names beside itself: templates, public keys, archives and the lock of gathered artifacts."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from golive.kinds.artifact import Archive, Wheels
from golive.plan.document import uncarried
from golive.plan.plan import Locked, Plan
from golive.plan.positions import Loc, Positions, Problem, dotted
from golive.resources.content import Content
from golive.resources.file import File

LOCK = "artifacts.lock"


@dataclass(frozen=True)
class Attachments:
    """Contents of the files that a plan names."""

    files: Mapping[str, str]
    sources: Mapping[str, Content]
    artifacts: Mapping[str, tuple[Locked, ...]]


def attach(plan: Plan, folder: Path, positions: Positions, locked: bool = True) -> tuple[Attachments, list[Problem]]:
    """Reads everything; what is missing is a problem at the line that names it. Without ``locked`` no artifacts."""
    problems: list[Problem] = []
    files: dict[str, str] = {}
    for loc, name in _named(plan):
        try:
            files[name] = _text(folder / name)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            said = f"the file {name} cannot be read: {reason}"
            problems.append(_problem(positions, loc, said, "paths begin at the plan's folder"))
    sources, unread = _sources(plan, folder, positions)
    artifacts, more = _artifacts(plan, folder, positions) if locked else ({}, [])
    return Attachments(files, sources, artifacts), problems + unread + more


def _sources(plan: Plan, folder: Path, positions: Positions) -> tuple[dict[str, Content], list[Problem]]:
    """Digest and size of the files whose bytes go to hosts as they are."""
    found: dict[str, Content] = {}
    problems: list[Problem] = []
    for loc, name in _files(plan, "source"):
        try:
            file = locked(folder / name)
            found[name] = Content(sha256=file.sha256, size=file.size, source=name)
        except OSError as error:
            said = f"the file {name} cannot be read: {error.strerror}"
            problems.append(_problem(positions, loc, said, "paths begin at the plan's folder"))
    return found, problems


def _text(path: Path) -> str:
    """The text of a file. Raises OSError, and ValueError when it is no text that a script can carry."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8 text") from error
    if strange := uncarried(text):
        raise ValueError(f"it holds U+{ord(strange):04X}, which no script can carry")
    return text


def _problem(positions: Positions, loc: Loc, message: str, hint: str) -> Problem:
    written = positions.written(loc)
    return Problem(positions.at(written), dotted(written), message, hint)


def _named(plan: Plan) -> Iterator[tuple[Loc, str]]:
    yield from _files(plan, "template")
    for name, person in plan.people.items():
        if person.key:
            yield ("people", name, "key"), person.key
    for party in ("team", "operators"):
        login = getattr(plan.access, party)
        if login is not None and login.key:
            yield ("access", party, "key"), login.key


def _files(plan: Plan, key: str) -> Iterator[tuple[Loc, str]]:
    """What the files of the plan name under a key, and where."""
    for loc, resources in plan.resource_lists():
        for index, resource in enumerate(resources):
            if isinstance(resource, File) and (name := getattr(resource, key)):
                yield (*loc, index, key), name


def _artifacts(plan: Plan, folder: Path, positions: Positions) -> tuple[dict[str, tuple[Locked, ...]], list[Problem]]:
    found: dict[str, tuple[Locked, ...]] = {}
    problems: list[Problem] = []
    lock = read_lock(folder / LOCK)
    for name, component in plan.components.items():
        loc: Loc = ("components", name)
        loc = (*loc, "artifact") if (*loc, "artifact") in positions.by_path else loc
        match component.artifact:
            case Archive(archive=path):
                try:
                    found[name] = (locked(folder / path),)
                except OSError as error:
                    said = f"the archive {path} cannot be read: {error.strerror}"
                    problems.append(_problem(positions, (*loc, "archive"), said, "build it, or mend the path"))
            case Wheels(wheels=wheels, python=python):
                entry = lock.get(name, {})
                if entry.get("wheels") == list(wheels) and entry.get("python") == python:
                    found[name] = tuple(Locked.model_validate(file) for file in entry["files"])
                else:
                    said = f"{LOCK} does not hold these wheels"
                    problems.append(_problem(positions, (*loc, "wheels"), said, "run: golive gather"))
            case _:
                pass
    return found, problems


def read_lock(path: Path) -> dict[str, Any]:
    """The lock file's entries by component; none when there is no such file, or it holds something else."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        for entry in entries.values():
            for file in entry["files"]:
                Locked.model_validate(file)
    except FileNotFoundError:
        return {}
    except (ValueError, ValidationError, KeyError, AttributeError, TypeError):
        return {}
    return entries


def locked(path: Path) -> Locked:
    """Name, digest and size of a file. Raises OSError when it cannot be read."""
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return Locked(file=path.name, sha256=sha256, size=path.stat().st_size)
