"""What two items of one host say against each other: it could never be as both of them want it. Pure.

Looked at is what a host gets as a whole: the baseline of its role and all components on it. Items under a condition
are left out, since two of them may never meet.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from golive.plan.plan import Plan
from golive.plan.positions import Loc, Positions, dotted
from golive.resources.archive import Unpacked
from golive.resources.directory import Directory
from golive.resources.edited import Edited
from golive.resources.file import File
from golive.resources.hosts_entry import HostsEntry
from golive.resources.interface import Resource
from golive.resources.parts import Composite
from golive.resources.symlink import Symlink

Found = Iterator[tuple[Loc, str, str]]


@dataclass(frozen=True)
class _Item:
    """A resource, and where it stands."""

    loc: Loc
    resource: Resource


def contradictions(plan: Plan, positions: Positions) -> Found:
    """All of them: where the later item stands, what is wrong, what to do."""
    for role in plan.roles:
        items = [item for item in _on(plan, role) if item.resource.when is None]
        for rule in (_declared, _paths, _parts, _names):
            for item, other, said, hint in rule(items):
                where = f"{dotted(positions.written(other.loc))} ({positions.at(positions.written(other.loc))})"
                yield item.loc, said.format(where=where), hint


def _on(plan: Plan, role: str) -> Iterator[_Item]:
    """All that the hosts of a role get, in the order in which they get it."""
    for loc, resources in plan.resource_lists():
        section, name, _ = loc
        if name == role if section == "roles" else plan.components[str(name)].on == role:
            for index, resource in enumerate(resources):
                yield _Item((*loc, index), resource)


_Pairs = Iterator[tuple[_Item, _Item, str, str]]


def _apart(one: _Item, other: _Item) -> bool:
    """Whether two items of one kind and name stand in two lists; within one list that is a mistake by itself."""
    return one.loc[:-1] != other.loc[:-1]


def _same(one: Resource, other: Resource) -> bool:
    return (one.kind, one.identity) == (other.kind, other.identity)


def _declared(items: list[_Item]) -> _Pairs:
    first: dict[tuple[str, str], _Item] = {}
    for item in items:
        other = first.setdefault((item.resource.kind, item.resource.identity), item)
        differ = item.resource.model_dump(exclude={"tags"}) != other.resource.model_dump(exclude={"tags"})
        if differ and _apart(item, other):
            said = f"{_braced(item.resource.title)} is declared otherwise at {{where}}"
            yield item, other, said, "make both alike, or take one of them out"


def _claims(resource: Resource) -> Iterator[tuple[str, Resource]]:
    """The paths that a resource sets as a whole, each with the part of it that does."""
    match resource:
        case Composite():
            for part in resource.parts():
                yield from _claims(part)
        case File() | Directory() | Symlink() | Unpacked():
            yield resource.main.rstrip("/"), resource
        case _:
            pass


def _paths(items: list[_Item]) -> _Pairs:
    first: dict[str, tuple[_Item, Resource]] = {}
    for item in items:
        for path, part in _claims(item.resource):
            other, held = first.setdefault(path, (item, part))
            if other is not item and not _same(item.resource, other.resource) and part != held:
                said = f"{_braced(path)} is a {held.kind} by {{where}} already"
                yield item, other, said, "what one item makes, the other one would replace: keep one of them"


def _parts(items: list[_Item]) -> _Pairs:
    whole = {path: item for item in items for path, part in _claims(item.resource) if isinstance(part, File)}
    for item in items:
        if isinstance(item.resource, Edited) and (other := whole.get(item.resource.edited)):
            said = f"a part of {_braced(item.resource.edited)} is set here, and all of it by {{where}}"
            yield item, other, said, "write it into the whole file, or set parts of it only"


def _names(items: list[_Item]) -> _Pairs:
    first: dict[tuple[str, bool], tuple[_Item, str]] = {}
    for item in items:
        if not isinstance(item.resource, HostsEntry) or "{" in item.resource.hosts_entry:
            continue
        address = item.resource.hosts_entry
        for name in item.resource.names:
            other, known = first.setdefault((name.lower(), ":" in address), (item, address))
            if known != address:
                said = f"{_braced(name)} leads to {known} by {{where}} already"
                yield item, other, said, "a name leads to one address of a family: the other entry would lose it"


def _braced(text: str) -> str:
    """A text of the plan, which may hold braces, inside of one that is to be filled in."""
    return text.replace("{", "{{").replace("}", "}}")
