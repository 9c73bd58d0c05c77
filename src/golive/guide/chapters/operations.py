"""Appendix: the Operations Manual, which stays with the client: every procedure with its command and its proof."""

from collections.abc import Iterator

from golive.graph.words import span
from golive.guide.context import Context
from golive.guide.document import Block, Code, Section, code, facts, line, para, prose
from golive.guide.words import listed, visible
from golive.plan.handover import Procedure


def write(context: Context) -> tuple[Block, ...]:
    """The appendix."""
    handover, standards = context.plan.handover, context.plan.standards
    procedures = handover.procedures if handover else ()
    if not procedures:
        return (para("The plan names no procedures: the client's operators take nothing over.", tone="dim"),)
    return (
        para(
            f"For those who run {context.plan.solution.name} {context.plan.solution.version} from now on. Every "
            "procedure was exercised on its hosts before the handover."
        ),
        Section("Whom to call", tuple(prose(standards.support, "The plan does not say."))),
        *(_procedure(context, item) for item in procedures),
    )


def _procedure(context: Context, item: Procedure) -> Section:
    return Section(item.name.capitalize(), tuple(_blocks(context, item)), f"procedure-{item.name}")


def _blocks(context: Context, item: Procedure) -> Iterator[Block]:
    hosts = [f"{site}/{host}" for site in context.sites for host in context.site(site).with_role(item.on)]
    shown = hosts if len(hosts) <= 12 else [*hosts[:8], f"{len(hosts) - 8} more"]
    if item.purpose:
        yield para(item.purpose)
    proof = visible(item.proof.strip()) if item.proof else ""
    worked = [("It worked when", code(proof))] if proof and "\n" not in proof else []
    yield facts(
        ("Command", code(f"/usr/local/sbin/{context.plan.solution.name}-{item.name}")),
        ("Hosts", listed(shown) or "none"),
        ("Takes about", span(item.planned)),
        *worked,
    )
    yield Code(visible(item.command.strip()), line("What it does"))
    if proof and not worked:
        yield Code(proof, line("How it is known that it worked"))
    elif not proof:
        yield para("It worked when it ends without an error.")
