"""Go/no-go: what must be proven before each stage, what is checked last before the release, and who decides."""

from collections.abc import Iterator
from dataclasses import dataclass

from golive.graph.step import Stage
from golive.guide.context import Context, Missing
from golive.guide.rows import StepRow, row
from golive.guide.words import several


@dataclass(frozen=True)
class Gate:
    """The entry of a stage at a site: what opens it."""

    stage: str
    opens_on: str


@dataclass(frozen=True)
class SiteGates:
    """The gates of one site."""

    site: str
    gates: tuple[Gate, ...]
    last_checks: tuple[StepRow, ...]
    """What must hold in the cutover before the point of no return."""
    decisions: tuple[StepRow, ...]


@dataclass(frozen=True)
class Gates:
    """All gates and decisions."""

    sites: tuple[SiteGates, ...]
    missing: tuple[Missing, ...]


def write(context: Context) -> Gates:
    """The chapter."""
    return Gates(tuple(_site(context, site) for site in context.sites), tuple(_missing(context)))


def _site(context: Context, site: str) -> SiteGates:
    steps = context.steps(site)
    crossing = next((step for step in steps if step.no_return), None)
    proofs = [step for step in steps if step.stage is Stage.CUTOVER and not step.undo and not step.kept]
    checks = tuple(row(context, step) for step in proofs if crossing and step is not crossing)
    decisions = tuple(row(context, step) for step in steps if step.do.kind == "decision")
    return SiteGates(context.label(site), tuple(_gates(context, site)), checks, decisions)


def _gates(context: Context, site: str) -> Iterator[Gate]:
    for stage in Stage:
        steps = context.steps(site, stage)
        own = {step.id for step in steps}
        before = {need for step in steps for need in step.needs} - own
        if steps:
            numbers = sorted(before, key=lambda name: [int(part) for part in context.numbers[name].split(".")])
            shown = ", ".join(context.numbers[name] for name in numbers)
            said = f"{several(len(numbers), 'step')} done and verified: {shown}" if numbers else "nothing: it may begin"
            yield Gate(stage, said)


def _missing(context: Context) -> Iterator[Missing]:
    if not any(step.do.kind == "decision" for step in context.graph.steps):
        yield Missing("a decision that a person signs", ("handover.sign_off",))
    if context.plan.cutover and not context.plan.cutover.verify:
        yield Missing("what must hold through the front door before the release", ("cutover.verify",))
    yield Missing("tests passed and open defects, as evidence for the entry of the deploy stage")
    yield Missing("a signed decision before the fence goes up")
