"""Handover: the procedures that operators take over, how access moves to them, and who signs."""

from collections.abc import Iterator
from dataclasses import dataclass

from golive.graph.draw import span
from golive.guide.context import Context, Missing
from golive.guide.words import listed, visible
from golive.plan.handover import Procedure


@dataclass(frozen=True)
class ProcedureRow:
    """One procedure."""

    name: str
    called: str
    purpose: str
    hosts: str
    command: str
    proof: str
    planned: str


@dataclass(frozen=True)
class Signer:
    """Who signs at one site."""

    site: str
    names: str


@dataclass(frozen=True)
class Handover:
    """What is handed over."""

    procedures: tuple[ProcedureRow, ...]
    team: str
    operators: str
    access: bool
    question: str
    role: str
    valid_for: str
    signers: tuple[Signer, ...]
    missing: tuple[Missing, ...]


def write(context: Context) -> Handover:
    """The chapter."""
    handover, access = context.plan.handover, context.plan.access
    sign_off = handover.sign_off if handover else None
    return Handover(
        procedures=tuple(_procedure(context, item) for item in (handover.procedures if handover else ())),
        team=access.team.user,
        operators=access.operators.user if access.operators else "",
        access=bool(handover and handover.access),
        question=sign_off.question if sign_off else "",
        role=sign_off.role if sign_off else "",
        valid_for=span(sign_off.valid_for) if sign_off else "",
        signers=tuple(_signer(context, sign_off.role, site) for site in context.sites) if sign_off else (),
        missing=tuple(_missing(context)),
    )


def _procedure(context: Context, item: Procedure) -> ProcedureRow:
    hosts = [f"{site}/{host}" for site in context.sites for host in context.site(site).with_role(item.on)]
    return ProcedureRow(
        name=item.name,
        called=f"/usr/local/sbin/{context.plan.solution.name}-{item.name}",
        purpose=item.purpose or "",
        hosts=listed(hosts),
        command=visible(item.command.strip()),
        proof=visible(item.proof.strip()) if item.proof else "",
        planned=span(item.planned),
    )


def _signer(context: Context, role: str, site: str) -> Signer:
    return Signer(context.label(site), listed([person.name for _, person in context.acting(role, site) if person.key]))


def _missing(context: Context) -> Iterator[Missing]:
    handover = context.plan.handover
    procedures = handover.procedures if handover else ()
    if not procedures:
        yield Missing("the procedures that keep the service working", ("handover.procedures",))
    unproven = tuple(f"handover.procedures[{index}].proof" for index, item in enumerate(procedures) if not item.proof)
    if unproven:
        yield Missing("a proof that each procedure worked", unproven)
    usual = [name for name in ("start", "stop", "backup", "restore") if name not in {item.name for item in procedures}]
    if procedures and usual:
        yield Missing(f"procedures that operators usually need: {listed(usual)}", ("handover.procedures",))
    if not (handover and handover.access):
        yield Missing("how access moves from the team to the operators", ("handover.access", "access.operators"))
    if not (handover and handover.sign_off):
        yield Missing("who signs that the service was taken over", ("handover.sign_off",))
    yield Missing("contracts and service levels, and the register of open defects")
