"""Reads a plan from one file or from a folder of documents, and reports all mistakes at once.

A folder's documents are merged: ``golive.yaml``, ``architecture.yaml``, ``people.yaml`` and any other ``*.yaml`` hold
top-level keys, each of them in one document only; ``sites/NAME.yaml`` holds the site of that name.

What is wrong is reported and left out, so that the rest can be checked too; what is wrong only because
something was left out is not reported.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from golive.digest import digest_bytes
from golive.errors import Exit, GoliveError, UsageError
from golive.kinds.registry import Kinds
from golive.model import Model
from golive.plan.cross import Names, cross_check
from golive.plan.document import Document, read
from golive.plan.explain import explain
from golive.plan.files import Attachments, attach
from golive.plan.pick import Context
from golive.plan.plan import Loaded, Plan
from golive.plan.positions import Loc, Position, Positions, Problem, dotted
from golive.words import several

ROOT = "golive.yaml"
_ROUNDS = 20
_STAND_IN: dict[str, Any] = {"golive": 1, "solution": {"name": "unknown", "version": "0"}}


class PlanError(GoliveError):
    """The plan has mistakes; ``problems`` holds all of them, in the order of files and lines."""

    exit = Exit.USAGE

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems), key=lambda problem: (problem.position, problem.path, problem.message))
        super().__init__(f"the plan has {several(len(self.problems), 'mistake')}")


def load(path: Path, kinds: Kinds, locked: bool = True) -> Loaded:
    """Reads, validates and cross-checks the plan at ``path`` (a file, or a folder with ``golive.yaml``).

    Args:
        path: a folder or a file.
        kinds: the registry.
        locked: whether artifacts.lock must hold what the plan asks for; ``golive gather`` writes it.

    Raises PlanError with every mistake that can be told, and UsageError when there is no plan at all.
    """
    reader = _Reader(plan_file(path), kinds)
    raw = reader.merged()
    plan, problems = reader.validated(raw), reader.problems
    if plan is None:
        raise PlanError(problems)
    attached, missing = attach(plan, reader.file.parent, reader.positions, locked)
    problems += missing + cross_check(plan, Names(raw, reader.positions), attached.files)
    if problems:
        raise PlanError(problems)
    lines = {dotted(path): f"{place.file}:{place.line}" for path, place in reader.positions.by_path.items()}
    return Loaded(
        plan=plan,
        files=attached.files,
        sources=attached.sources,
        artifacts=attached.artifacts,
        written=_written(raw, attached),
        positions=lines,
    )


def _written(raw: dict[str, Any], attached: Attachments) -> str:
    sources = {name: content.sha256 for name, content in attached.sources.items()}
    artifacts = {name: [[file.file, file.sha256] for file in files] for name, files in attached.artifacts.items()}
    parts = [raw, dict(attached.files), sources, artifacts]
    return digest_bytes(json.dumps(parts, sort_keys=True, default=str).encode())


def plan_file(path: Path) -> Path:
    """The main document of the plan at ``path``. Raises UsageError when there is none."""
    file = path / ROOT if path.is_dir() else path
    if not file.is_file():
        raise UsageError(f"no plan at {file}", "name a plan's folder or file, or write a new one with: golive init DIR")
    return file


def documents(file: Path) -> tuple[Path, ...]:
    """The documents of the plan whose main one this is."""
    return tuple(path for path, _ in _documents(file))


def _documents(file: Path) -> Iterator[tuple[Path, Loc]]:
    yield file, ()
    if file.name == ROOT:
        others = sorted(other for other in file.parent.glob("*.yaml") if other.name not in (ROOT, "lab.yaml"))
        yield from ((other, ()) for other in others)
        yield from ((site, ("sites", site.stem)) for site in sorted((file.parent / "sites").glob("*.yaml")))


def _shown(file: Path) -> str:
    return str(file.relative_to(Path.cwd()) if file.is_absolute() and file.is_relative_to(Path.cwd()) else file)


class _Reader:
    def __init__(self, file: Path, kinds: Kinds) -> None:
        self.file, self.kinds = file, kinds
        self.positions, self.problems = Positions(Position(_shown(file), 1, 1)), list[Problem]()

    def merged(self) -> dict[str, Any]:
        """All documents as one plain mapping; a key that two documents claim is a problem."""
        result: dict[str, Any] = {}
        for file, path in _documents(self.file):
            document = read(file, _shown(file), path)
            self.problems += document.problems
            self.positions.gone |= document.gone | ({path} if document.data is None else set())
            if path:
                self._add_site(result, document, path, Position(_shown(file), 1, 1))
            else:
                self._add_keys(result, document.data or {}, document.places)
        return result

    def _add_site(self, result: dict[str, Any], document: Document, path: Loc, start: Position) -> None:
        sites = result.setdefault("sites", {})
        if not isinstance(sites, dict) or path[1] in sites:
            said = f"this site stands at {self.positions.at(path)} already"
            self.problems.append(Problem(start, dotted(path), said, "keep one of them"))
            return
        cast("dict[str | int, Any]", sites)[path[1]] = document.data or {}
        self.positions.by_path.setdefault(("sites",), start)
        self.positions.by_path |= {path: start} | document.places

    def _add_keys(self, result: dict[str, Any], data: dict[str, Any], places: dict[Loc, Position]) -> None:
        for key in [key for key in data if key in result]:
            said = f"the key {key} stands at {self.positions.at((key,))} already"
            self.problems.append(Problem(places[(key,)], key, said, "keep one of them"))
        new = {key: value for key, value in data.items() if key not in result}
        result.update(new)
        self.positions.by_path |= {path: place for path, place in places.items() if path[0] in new}

    def validated(self, raw: dict[str, Any]) -> Plan | None:
        """The model of what is valid; what is not is reported in the first round, and left out in those after it."""
        unread = () in self.positions.gone
        for number in range(_ROUNDS):
            data = self.positions.without_gone(raw)
            plan, wrong = self._try(_STAND_IN | data if number or unread else data)
            if plan is not None:
                return plan
            if number == 0:
                self.problems += [problem for loc, problem in wrong if not self._hollow(loc)]
            self.positions.gone |= {_to_leave_out(raw, loc, self.positions.gone) for loc, _ in wrong} - {()}
        return None

    def _hollow(self, loc: Loc) -> bool:
        """Whether something was left out at a path, or below it."""
        return any(gone[: len(loc)] == loc for gone in self.positions.gone)

    def _try(self, data: dict[str, Any]) -> tuple[Plan | None, list[tuple[Loc, Problem]]]:
        found: list[tuple[Loc, Problem]] = []

        def note(start: Loc, model: type[Model], error: ValidationError) -> None:
            found.extend(explain(start, model, error, self.positions, self.kinds))

        def report(item: Any, model: type[Model], error: ValidationError) -> None:
            note(self.positions.path_of(item), model, error)

        try:
            return Plan.model_validate(data, context=Context(self.kinds, report, self.positions.alias)), found
        except ValidationError as error:
            note((), Plan, error)
        return None, found


def _to_leave_out(raw: Any, loc: Loc, gone: set[Loc]) -> Loc:
    """The path itself where something was written; otherwise (a key is missing) the part in which it is missing."""
    found: Loc = ()
    for part in loc:
        inside: Any = raw
        if (*found, part) in gone:
            break
        if isinstance(inside, dict) and part in inside:
            raw = cast("dict[str | int, Any]", inside)[part]
        elif isinstance(inside, list) and isinstance(part, int) and part < len(cast("list[Any]", inside)):
            raw = cast("list[Any]", inside)[part]
        else:
            break
        found = (*found, part)
    return found
