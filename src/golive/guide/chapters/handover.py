"""Handover and acceptance: what is taken over, how access moves, what was tested, what is open, and who signs."""

from collections.abc import Iterator

from golive.graph.words import span
from golive.guide.context import Context
from golive.guide.document import (
    Block,
    Cell,
    Column,
    Missing,
    Section,
    code,
    facts,
    line,
    link,
    para,
    prose,
    row,
    table,
)
from golive.guide.words import listed, visible
from golive.words import several


def write(context: Context) -> tuple[Block, ...]:
    """The chapter."""
    return (
        Section("Version description", (_version(context),)),
        Section("Traceability of tests", (_tests(context),)),
        Section("Register of defects", (_defects(context),)),
        Section("Operations Manual", (para(*_MANUAL), _procedures(context))),
        Section("Access", tuple(_access(context))),
        Section("Contracts and service levels", tuple(prose(context.plan.standards.service_levels, _SILENT))),
        Section("Sign-off", tuple(_sign_off(context))),
        *context.gap(_missing(context)),
    )


_SILENT = "The plan does not say."
_MANUAL = (
    "Each procedure is installed as a command on its hosts and exercised there; what was exercised is what the "
    "operators call. They stand in full in the appendix ",
    link("Operations Manual", "operations"),
    ".",
)


def _version(context: Context) -> Block:
    plan = context.plan
    files = sum(len(held) for held in context.loaded.artifacts.values())
    return facts(
        ("Solution", f"{plan.solution.name} {plan.solution.version}"),
        ("Components", listed(list(plan.components)) or "none"),
        ("Artifacts", line(f"{several(files, 'file')}, with digests in the appendix ", link("Artifacts", "artifacts"))),
        ("Configuration", line("as it is rendered, in the appendix ", link("Configuration files", "configuration"))),
    )


def _tests(context: Context) -> Block:
    deploy = context.plan.gates.deploy if context.plan.gates else None
    testing = deploy.testing if deploy else None
    rows = [row("component", name, pattern) for name, pattern in (testing.components if testing else {}).items()]
    rows += [row("scenario", name, pattern) for name, pattern in (testing.scenarios if testing else {}).items()]
    rows += [row("results", "", file) for file in (testing.results if testing else ())]
    rows += [row("evidence", one.version or "", one.file) for one in context.plan.evidence.tests]
    heads = (Column("What", 0.8), Column("Of", 1.4), Column("Shown by", 2.4))
    return table(heads, rows, "The plan names no results of tests.", name="handover.tests")


def _defects(context: Context) -> Block:
    deploy = context.plan.gates.deploy if context.plan.gates else None
    defects = deploy.defects if deploy else None
    rows = [row(defects.file, name, str(most)) for name, most in defects.at_most.items()] if defects else []
    heads = (Column("Register", 2), "Priority", Column("May be open", 1, number=True))
    return table(heads, rows, "The plan names no register.", name="handover.defects")


def _procedures(context: Context) -> Block:
    handover = context.plan.handover
    heads = (Column("Procedure", 1.4), Column("Purpose", 2.6), Column("Hosts of", 0.8), Column("Does it", 1.2))
    names = dict.fromkeys(name for site in context.sites for name in context.names("operator", site))
    roles = listed(list(names)) or "the operators"
    rows = (
        row(
            line(link(item.name, f"procedure-{item.name}")),
            item.purpose or "",
            item.on,
            roles if len(roles) < 60 else "the operators",
        )
        for item in (handover.procedures if handover else ())
    )
    return table(heads, rows, "The plan names no procedures.", name="handover.procedures")


def _access(context: Context) -> Iterator[Block]:
    handover, access = context.plan.handover, context.plan.access
    if not (handover and handover.access and access.operators):
        yield para("The plan does not hand access over.", tone="dim")
        return
    yield para(
        "On each host of the new system, the key of the operators (login ",
        code(access.operators.user),
        ") goes on and a login with it is proven. Then the key of the team (login ",
        code(access.team.user),
        ") comes off, and it is proven that a login with it is refused.",
    )


def _sign_off(context: Context) -> Iterator[Block]:
    sign_off = context.plan.handover.sign_off if context.plan.handover else None
    if sign_off is None:
        yield para("The plan asks nobody to sign.", tone="dim")
        return
    yield para(
        f"Asked is: “{visible(sign_off.question)}” The question stands for {span(sign_off.valid_for)}; whoever signs "
        f"for a site must have the role {sign_off.role} and a key in the plan."
    )
    heads = (Column("Site", 1), Column("May sign", 1.4), Column("Date", 0.9), Column("Signature on paper", 1.8))
    rows = (
        row(context.label(site), listed(context.names(sign_off.role, site, signing=True)) or "nobody", Cell(), Cell())
        for site in context.sites
    )
    yield table(heads, rows, "", kind="sign", name="handover.sign_off")


def _missing(context: Context) -> Iterator[Missing]:
    handover = context.plan.handover
    procedures = handover.procedures if handover else ()
    if not procedures:
        yield Missing("the procedures that keep the service working", ("handover.procedures",), "handover")
    unproven = tuple(f"handover.procedures[{index}].proof" for index, item in enumerate(procedures) if not item.proof)
    if unproven:
        yield Missing("a proof that each procedure worked", unproven, "handover")
    usual = [name for name in ("start", "stop", "backup", "restore") if name not in {item.name for item in procedures}]
    if procedures and usual:
        said = f"procedures that operators usually need: {listed(usual)}"
        yield Missing(said, ("handover.procedures",), "handover")
    if not (handover and handover.access):
        said = "how access moves from the team to the operators"
        yield Missing(said, ("handover.access", "access.operators"), "handover")
    if not (handover and handover.sign_off):
        yield Missing("who signs that the service was taken over", ("handover.sign_off",), "handover")
    if not context.plan.standards.service_levels:
        yield Missing("contracts and service levels", ("standards.service_levels",), "handover")
    deploy = context.plan.gates.deploy if context.plan.gates else None
    if not (deploy and deploy.defects):
        yield Missing("the register of open defects", ("gates.deploy.defects",), "deploy")
