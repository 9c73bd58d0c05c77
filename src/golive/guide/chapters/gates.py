"""Go/no-go: what must be proven before each stage, what is checked last, who decides, and what stands against it."""

from collections.abc import Iterator

from golive.flags.all import FLAGS
from golive.flags.facts import Facts
from golive.flags.needs import NO_CLOCK
from golive.graph.step import Stage, Step
from golive.guide.context import Context
from golive.guide.document import Block, Column, Missing, Row, Section, cell, code, dim, para, row, strong, table
from golive.guide.rows import brief, number, ranges, who
from golive.guide.words import visible
from golive.words import several


def write(context: Context) -> tuple[Block, ...]:
    """The chapter."""
    return (
        para("A gate opens on evidence: what is named here was done and verified. Nobody can open it by assertion."),
        *(Section(context.label(site), tuple(_site(context, site)), f"gates-{site}") for site in context.sites),
        Section(
            "Gates and yellow flags of the rollout",
            (
                para(
                    "Judged by ",
                    code("golive flags"),
                    ", from what the plan claims, its evidence and earlier runs. What the plan says nothing about is "
                    "not judged.",
                ),
                _flags(context),
            ),
        ),
        *context.gap(_missing(context)),
    )


def _flags(context: Context) -> Block:
    facts = Facts(context.loaded, context.graph, NO_CLOCK)
    heads = (Column("Gate or flag", 1.2), Column("What it wants", 3.2), "Answered by", "Weight", "Judged")
    rows = [
        row(
            strong(flag.title),
            flag.explanation,
            flag.owner,
            str(flag.severity),
            "yes" if flag.claimed(facts) else "not judged",
        )
        for flag in FLAGS
    ]
    return table(heads, rows, "", name="gates.flags")


def _site(context: Context, site: str) -> Iterator[Block]:
    steps = context.steps(site)
    crossing = next((step for step in steps if step.no_return), None)
    yield Section("Checkpoints", (_checkpoints(context, site),))
    kinds = ("decision", "person", "message")
    proofs = [step for step in steps if step.stage is Stage.CUTOVER and not step.undo and not step.kept]
    checks = [step for step in proofs if crossing and step is not crossing and step.do.kind not in kinds]
    if checks:
        said = "Each must hold before the point of no return; if one does not, the site goes back to the old system."
        yield Section("Last checks", (para(said), brief(context, checks, "")))
    decisions = [step for step in steps if step.do.kind == "decision"]
    heads = (Column("No.", 0.6), Column("Asked is", 3), Column("Signed by", 2), Column("Before or after", 1))
    rows = (_decision(context, step) for step in decisions)
    yield Section(
        "Signatures", (table(heads, rows, "No decision of a person is planned here.", name="gates.signatures"),)
    )


def _decision(context: Context, step: Step) -> Row:
    return row(number(context, step), visible(step.title), who(context, step), f"stage {step.stage}")


def _checkpoints(context: Context, site: str) -> Block:
    heads = (Column("Before stage", 0.9), Column("Opens on", 2.6), Column("Criteria of the plan's gate", 2.6))
    rows = (_checkpoint(context, site, stage) for stage in Stage if context.steps(site, stage))
    return table(heads, rows, "The site has no steps.", name="gates.checkpoints")


def _checkpoint(context: Context, site: str, stage: Stage) -> Row:
    steps = context.steps(site, stage)
    own = {step.id for step in steps}
    before = {need for step in steps for need in step.needs} - own
    opens = f"{several(len(before), 'step')} done and verified: {ranges(context, [*before])}" if before else ""
    gate = next((step for step in steps if step.do.kind == "gate"), None)
    found = [_criterion(one) for one in gate.do.inputs["criteria"]] if gate else []
    return row(stage, opens or "nothing: it may begin", cell(*found) if found else cell(dim("no gate in the plan")))


def _criterion(one: dict[str, str]) -> str:
    said = {
        "hardware": "hosts are as the architecture wants them",
        "baseline": "every host is at its baseline",
        "drift": "what has changed on hosts since their baseline is told",
        "tests": "tests passed, of the version and artifacts that are installed",
        "defects": "open defects are within the limits",
    }
    return f"{one['id']}: {visible(str(one.get('said') or said.get(one['kind'], one['kind'])))}"


def _missing(context: Context) -> Iterator[Missing]:
    if not any(step.do.kind == "decision" for step in context.graph.steps):
        yield Missing("a decision that a person signs", ("handover.sign_off",), "handover")
    if context.plan.cutover and not context.plan.cutover.verify:
        yield Missing("what must hold through the front door before the release", ("cutover.verify",), "cutover")
    gates = context.plan.gates
    deploy = gates.deploy if gates else None
    if not (deploy and deploy.testing):
        yield Missing(
            "tests passed, as evidence for the entry of the deploy stage", ("gates.deploy.testing",), "deploy"
        )
    if not (deploy and deploy.defects):
        yield Missing("open defects by priority, and how many may be open", ("gates.deploy.defects",), "deploy")
    if context.plan.cutover and not (
        (gates and gates.cutover) or any(one.at == "before cutover" for one in context.plan.approvals)
    ):
        yield Missing("a signed decision before the cutover begins", ("approvals", "gates.cutover"), "cutover")
