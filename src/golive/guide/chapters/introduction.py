"""Introduction: what is taken live and where, its components and how they depend, the architecture, the risks."""

from collections.abc import Iterator

from golive.guide.context import Context
from golive.guide.document import (
    Block,
    Column,
    Missing,
    Row,
    Section,
    cell,
    dim,
    para,
    prose,
    row,
    shown,
    strong,
    table,
)
from golive.guide.words import binary, listed, need_words, visible
from golive.kinds.artifact import Archive, Wheels
from golive.kinds.interface import Artifact
from golive.pictures import risks
from golive.plan.role import Hardware, Role
from golive.words import several


def write(context: Context) -> tuple[Block, ...]:
    """The chapter."""
    standards = context.plan.standards
    return (
        Section("Purpose", tuple(_purpose(context))),
        Section("Components and their dependencies", (_components(context),)),
        Section("Technical architecture", (_roles(context),)),
        Section("Constraints", tuple(prose(standards.constraints, "The plan names none."))),
        Section("Assumptions", tuple(prose(standards.assumptions, "The plan names none."))),
        Section(
            "Risks",
            (
                *shown(
                    risks.sheets(context.plan, legend=False), "By likelihood and impact; the numbers are those below."
                ),
                _risks(context),
            ),
        ),
        *context.gap(_missing(context)),
    )


def _purpose(context: Context) -> Iterator[Block]:
    plan = context.plan
    existing = [f"{name} ({role.purpose.rstrip('.')})" if role.purpose else name for name, role in _existing(context)]
    instead = f" in place of what runs there now: {listed(existing)}" if existing and plan.cutover else ""
    where = f"{several(len(context.sites), 'site')}, {listed([context.label(site) for site in context.sites])}"
    yield para(f"This guide tells how {plan.solution.name} {plan.solution.version} is taken live at {where}{instead}.")
    if plan.solution.summary:
        yield para(plan.solution.summary)
    yield para(
        "It says what is installed and how it is checked, how users and data are moved, how all of it is taken back "
        "if need be, and how the client's people take over. All of it is computed from the deployment plan and from "
        "the graph of steps that golive runs: what stands here is what will be done."
    )


def _existing(context: Context) -> Iterator[tuple[str, Role]]:
    cutover = context.plan.cutover
    sources = {mover.source for mover in cutover.move} if cutover else set[str]()
    for name, role in context.plan.roles.items():
        if role.existing and (not sources or name in sources):
            yield name, role


def _components(context: Context) -> Block:
    heads = ("Component", Column("Role of its hosts", 0.8), "Needs", "What is delivered", "Healthy when")
    return table(
        heads,
        (_component(context, name) for name in context.plan.components),
        "The plan has no components.",
        name="introduction.components",
    )


def _component(context: Context, name: str) -> Row:
    part = context.plan.components[name]
    check = visible(part.check.sentence()) if part.check else "no check is planned"
    needs = listed([*map(need_words, part.needs)]) or "nothing"
    return row(
        cell(strong(name), dim(part.purpose or "")),
        part.on,
        needs,
        artifact_words(part.artifact) or "configuration only",
        check,
    )


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


def _roles(context: Context) -> Block:
    heads = (Column("Role", 1.2), "Hosts", "Required", Column("Baseline", 1.5))
    return table(
        heads,
        (_role(context, name, role) for name, role in context.plan.roles.items()),
        "The plan has none.",
        name="introduction.roles",
    )


def _role(context: Context, name: str, role: Role) -> Row:
    hosts = [f"{site}/{host}" for site in context.sites for host in context.site(site).with_role(name)]
    shown = hosts if len(hosts) <= 12 else [*hosts[:8], f"{len(hosts) - 8} more"]
    baseline = [visible(resource.title) for resource in role.baseline]
    if role.existing:
        baseline = ["existing: surveyed, not changed before the cutover"]
    return row(
        cell(strong(name), dim(role.purpose or "")),
        listed(shown) or "none",
        cell(*hardware_words(role.hardware)),
        cell(*baseline or ["nothing declared"]),
    )


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


def _risks(context: Context) -> Block:
    people = context.plan.people
    heads = (
        Column("No.", 0.4),
        Column("Risk", 2.4),
        Column("Likelihood", 1),
        Column("Impact", 0.8),
        "Watched by",
        Column("Answer", 2.4),
    )
    ranked = sorted(enumerate(context.plan.risks, 1), key=lambda one: -(one[1].likelihood.order + one[1].impact.order))
    rows = (
        row(
            str(place),
            cell(strong(risk.name), risk.about),
            risk.likelihood,
            risk.impact,
            people[risk.owner].name,
            risk.response,
        )
        for place, risk in ranked
    )
    return table(heads, rows, "The plan names none.", name="introduction.risks")


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
        yield Missing("how the health of each component is told", unchecked, "deploy")
    bare = tuple(
        f"roles.{name}.hardware" for name, role in plan.roles.items() if len(hardware_words(role.hardware)) < 2
    )
    if bare:
        yield Missing("the hardware and operating system that each role needs", bare)
    for key in ("constraints", "assumptions"):
        if not getattr(plan.standards, key):
            yield Missing(f"{key} of the rollout", (f"standards.{key}",))
    if not plan.risks:
        yield Missing("the risks, who watches them and what is done about them", ("risks",))
