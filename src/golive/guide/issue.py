"""Issues of the guide: versions that were given out, what changed since the last one, and who approved it. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from golive.digest import digest
from golive.graph.graph import Graph
from golive.plan.plan import Loaded

Flat = Mapping[str, str]
"""What a plan says, by dotted path."""


@dataclass(frozen=True)
class Issue:
    """A version of the guide as it was given out."""

    number: int
    at: str
    """When, as people read it."""
    author: str
    note: str
    graph: str
    """Digest of the graph."""
    plan: Flat = field(default_factory=dict[str, str])
    """What the plan said."""


@dataclass(frozen=True)
class History:
    """All issues, oldest first, and what is to be said beside them."""

    issues: tuple[Issue, ...] = ()
    changes: tuple[str, ...] = ()
    """What the plan says now and did not say at the last issue, in words."""
    approved: Mapping[str, str] = field(default_factory=dict[str, str])
    """By person: that the last issue was approved, and how that is known."""

    @property
    def version(self) -> str:
        """The version of a guide that is written now."""
        if not self.issues:
            return "draft"
        last = self.issues[-1].number
        return f"{last}, draft of {last + 1}" if self.changes else str(last)


def to_text(issue: Issue) -> str:
    """The issue as it is stored and signed."""
    return json.dumps(asdict(issue), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def from_text(text: str) -> Issue:
    """The issue that ``to_text`` wrote. Raises ValueError, KeyError or TypeError on anything else."""
    return Issue(**json.loads(text))


def issued(loaded: Loaded, graph: Graph, earlier: tuple[Issue, ...], at: str, author: str, note: str) -> Issue:
    """The next issue."""
    return Issue(len(earlier) + 1, at, author, note, graph.digest, flat(loaded))


def flat(loaded: Loaded) -> Flat:
    """What a plan says, value by value; of files that it names, only their digests. It holds no secrets."""
    said = loaded.plan.model_dump(mode="json", by_alias=True, exclude_unset=True)
    found = {path: value for path, value in _values("", said)}
    found |= {f"files.{name}": f"digest {digest(text)[:12]}" for name, text in loaded.files.items()}
    found |= {f"sources.{name}": f"digest {held.sha256[:12]}" for name, held in loaded.sources.items()}
    for component, files in loaded.artifacts.items():
        found |= {f"artifacts.{component}.{file.file}": f"digest {file.sha256[:12]}" for file in files}
    return found


def _values(path: str, value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, part in value.items():  # pyright: ignore[reportUnknownVariableType]
                yield from _values(f"{path}.{key}" if path else str(key), part)  # pyright: ignore[reportUnknownArgumentType]
        case list():
            for index, part in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                yield from _values(f"{path}[{_named(part, index)}]", part)
        case None:
            return
        case _:
            yield path, str(value)


def _named(part: Any, index: int) -> str:
    """An item of a list by its name where it has one, so that one more before it changes nothing about it."""
    name: Any = part.get("name") if isinstance(part, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return str(name) if isinstance(name, str) else str(index + 1)


_ONE = {
    "sites": "site",
    "hosts": "host",
    "roles": "role",
    "people": "person",
    "components": "component",
    "waves": "wave",
    "skills": "skill",
    "secrets": "secret",
    "licences": "licence",
    "files": "file",
    "sources": "file",
    "artifacts": "artifact",
    "procedures": "procedure",
    "tasks": "task",
    "approvals": "approval",
    "messages": "message",
    "milestones": "milestone",
    "risks": "risk",
    "windows": "window",
    "freezes": "freeze",
}


def changes(old: Flat, new: Flat) -> tuple[str, ...]:
    """What is different, in words: ``site lyon, host app-1: address is 10.0.0.2, was 10.0.0.1``.

    A part that is new or gone as a whole is told in one sentence.
    """
    before, after = _groups(old), _groups(new)
    told: list[str] = []
    for group in dict.fromkeys((*before, *after)):
        was, now = before.get(group, {}), after.get(group, {})
        where = ", ".join(group)
        if was == now:
            continue
        if not was or not now:
            told.append(f"{where} is {'new' if now else 'gone'}{_summary(now or was)}")
            continue
        for key in dict.fromkeys((*was, *now)):
            if was.get(key) != now.get(key):
                told.append(f"{where}: {_change(key, was.get(key), now.get(key))}")
    return tuple(told)


def _change(key: str, was: str | None, now: str | None) -> str:
    if was is None:
        return f"{key} is now {_short(now)}"
    if now is None:
        return f"{key} is gone (it was {_short(was)})"
    return f"{key} is {_short(now)}, was {_short(was)}"


def _summary(values: Mapping[str, str]) -> str:
    said = [f"{key} {_short(value)}" if key else _short(value) for key, value in list(values.items())[:4]]
    more = f" and {len(values) - 4} more" if len(values) > 4 else ""
    return f" ({', '.join(said)}{more})" if said else ""


def _short(value: str | None) -> str:
    text = " ".join((value or "").split())
    return f"“{text[:80]}…”" if len(text) > 80 else text or "nothing"


def _groups(flat: Flat) -> dict[tuple[str, ...], dict[str, str]]:
    """Values by the thing that they are about: the named things on the way, and the key within the last of them."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for path, value in flat.items():
        group, key = _about(path)
        found.setdefault(group, {})[key] = value
    return found


def _about(path: str) -> tuple[tuple[str, ...], str]:
    head, _, rest = path.partition(".")
    if head in ("files", "sources", "artifacts"):
        return (f"{_ONE[head]} {rest}",), "content"
    parts = path.replace("[", ".[").split(".")
    group: list[str] = []
    at = 0
    while at + 1 < len(parts) and parts[at] in _ONE:
        group.append(f"{_ONE[parts[at]]} {parts[at + 1].strip('[]')}")
        at += 2
    if not group:
        group, at = [parts[0].partition("[")[0]], 1
    key = " ".join(
        part.strip("[]") if not part.strip("[]").isdigit() else f"no. {part.strip('[]')}" for part in parts[at:]
    )
    return tuple(group), key
