"""Where each part of the plan was written, also after parts of it have been left out."""

from dataclasses import dataclass, field
from typing import Any, cast

Loc = tuple[str | int, ...]
"""A path in the plan as it was written: keys of mappings and indices of lists."""


@dataclass(frozen=True, order=True)
class Position:
    """A place in a file of the plan; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Problem:
    """One mistake: where, what, and what to do."""

    position: Position
    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{self.position}: {where}{self.message}" + (f"\n    hint: {self.hint}" if self.hint else "")


@dataclass
class Positions:
    """The place of every part, and the parts that were left out because something is wrong with them."""

    start: Position
    by_path: dict[Loc, Position] = field(default_factory=dict[Loc, Position])
    gone: set[Loc] = field(default_factory=set[Loc])
    _left: dict[Loc, list[int]] = field(default_factory=dict[Loc, list[int]])
    _paths: dict[int, Loc] = field(default_factory=dict[int, Loc])
    _alive: list[Any] = field(default_factory=list[Any])

    def without_gone(self, value: Any, path: Loc = ()) -> Any:
        """A copy of the data without what was left out; remembers what stands where in the copy."""
        if isinstance(value, dict):
            items = cast("dict[str, Any]", value).items()
            copy: Any = {key: self.without_gone(item, (*path, key)) for key, item in items if self._stays(path, key)}
        elif isinstance(value, list):
            whole = cast("list[Any]", value)
            left = self._left[path] = [index for index in range(len(whole)) if self._stays(path, index)]
            copy = [self.without_gone(whole[index], (*path, index)) for index in left]
        else:
            return value
        self._same(copy, path)
        return copy

    def _stays(self, path: Loc, part: str | int) -> bool:
        return (*path, part) not in self.gone

    def _same(self, value: Any, path: Loc) -> None:
        """Remembers that this object is what stands at this path; keeps it alive, since identity is its key."""
        self._alive.append(value)
        self._paths[id(value)] = path

    def alias(self, derived: Any, original: Any) -> None:
        """Says that ``derived`` was made of parts of ``original`` and stands where that stood."""
        self._same(derived, self.path_of(original))

    def path_of(self, value: Any) -> Loc:
        """Where a mapping or list of the copy was written."""
        return self._paths.get(id(value), ())

    def written(self, path: Loc, start: Loc = ()) -> Loc:
        """The path as it was written of what stands at ``path`` in the copy, below ``start`` (as written)."""
        found = start
        for part in path:
            left = self._left.get(found, [])
            found = (*found, left[part] if isinstance(part, int) and part < len(left) else part)
        return found

    def whole(self, path: Loc) -> bool:
        """Whether nothing was left out at this path (as written), below it or around it."""
        return not any(gone[: len(path)] == path or path[: len(gone)] == gone for gone in self.gone)

    def at(self, path: Loc) -> Position:
        """The position of the path (as written), or of the nearest part around it that was written."""
        while path and path not in self.by_path:
            path = path[:-1]
        return self.by_path.get(path, self.start)


def dotted(path: Loc) -> str:
    """A path as people write it: ``components.api.install[2].file``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
