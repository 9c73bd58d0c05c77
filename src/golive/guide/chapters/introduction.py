"""Introduction: what is taken live and where, its components and how they depend, and the technical architecture."""

from collections.abc import Iterator
from dataclasses import dataclass

from golive.guide.context import Context, Missing
from golive.guide.words import binary, listed, need_words, several, visible
from golive.kinds.artifact import Archive, Wheels
from golive.kinds.interface import Artifact
from golive.plan.role import Hardware, Role


@dataclass(frozen=True)
class ComponentRow:
    """One component."""

    name: str
    purpose: str
    role: str
    needs: str
    artifact: str
    check: str


@dataclass(frozen=True)
class RoleRow:
    """One role of the technical architecture."""

    name: str
    purpose: str
    existing: bool
    hosts: str
    hardware: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True)
class Introduction:
    """What the reader must know before the rest."""

    summary: str
    where: str
    replaces: str
    components: tuple[ComponentRow, ...]
    roles: tuple[RoleRow, ...]
    missing: tuple[Missing, ...]


def write(context: Context) -> Introduction:
    """The chapter."""
    plan = context.plan
    existing = [name for name, role in plan.roles.items() if role.existing]
    return Introduction(
        summary=plan.solution.summary or "",
        where=f"{several(len(context.sites), 'site')}: {listed([context.label(site) for site in context.sites])}",
        replaces=listed(existing),
        components=tuple(_component(context, name) for name in plan.components),
        roles=tuple(_role(context, name, role) for name, role in plan.roles.items()),
        missing=tuple(_missing(context)),
    )


def _component(context: Context, name: str) -> ComponentRow:
    part = context.plan.components[name]
    check, needs = visible(part.check.sentence()) if part.check else "", listed([*map(need_words, part.needs)])
    return ComponentRow(name, part.purpose or "", part.on, needs, artifact_words(part.artifact), check)


def artifact_words(artifact: Artifact | None) -> str:
    """What an artifact is, in a few words."""
    match artifact:
        case Wheels():
            return f"Python {artifact.python} wheels in {artifact.venv}: {listed(artifact.wheels)}"
        case Archive():
            return f"archive {artifact.archive}"
        case None:
            return ""
        case _:
            return artifact.kind


def _role(context: Context, name: str, role: Role) -> RoleRow:
    hosts = [f"{site}/{host}" for site in context.sites for host in context.site(site).with_role(name)]
    resources = tuple(visible(resource.title) for resource in role.baseline)
    return RoleRow(name, role.purpose or "", role.existing, listed(hosts), hardware_words(role.hardware), resources)


def hardware_words(wanted: Hardware) -> tuple[str, ...]:
    """What a host must have, requirement by requirement."""
    found = [
        wanted.os,
        f"{several(wanted.cpus, 'processor')} at least" if wanted.cpus else None,
        f"{binary(wanted.memory)} of memory at least" if wanted.memory else None,
        f"{binary(wanted.disk)} free disk at least" if wanted.disk else None,
        f"clock within {wanted.clock_within:g} s",
    ]
    return tuple(item for item in found if item)


def _missing(context: Context) -> Iterator[Missing]:
    plan = context.plan
    if not plan.solution.summary:
        yield Missing("what the solution does, in a sentence", ("solution.summary",))
    if not plan.components:
        yield Missing("the components that are installed", ("components",))
    unsaid = tuple(f"components.{name}.purpose" for name, part in plan.components.items() if not part.purpose)
    if unsaid:
        yield Missing("what each component does", unsaid)
    unchecked = tuple(f"components.{name}.check" for name, part in plan.components.items() if not part.check)
    if unchecked:
        yield Missing("how the health of each component is told", unchecked)
    bare = tuple(
        f"roles.{name}.hardware" for name, role in plan.roles.items() if len(hardware_words(role.hardware)) < 2
    )
    if bare:
        yield Missing("the hardware and operating system that each role needs", bare)
    yield Missing("constraints, assumptions and risks")
