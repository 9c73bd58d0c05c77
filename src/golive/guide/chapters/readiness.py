"""Site readiness: what each site is, what has to be prepared there, and who sees to it."""

from collections.abc import Iterator

from golive.graph.step import Stage, Step
from golive.guide.context import Context
from golive.guide.document import Block, Column, Row, Section, para, row, table
from golive.guide.rows import number, who
from golive.guide.words import PARTIES, visible
from golive.words import several


def write(context: Context) -> tuple[Block, ...]:
    """The section."""
    return (
        Section("Sites", (_sites(context),)),
        Section(
            "Site preparation",
            (
                para(
                    "Each host is surveyed and then brought to the baseline of its role. What differs is changed by "
                    "golive, what it cannot change is told before anything is deployed, and named people see to it."
                ),
                _preparation(context),
            ),
        ),
    )


def _sites(context: Context) -> Block:
    heads = ("Site", Column("Hosts", 0.6), Column("How it is reached", 2.6), "Installed by", Column("Line", 1.1))
    return table(
        heads, (_site(context, site) for site in context.sites), "The plan has no sites.", name="readiness.sites"
    )


def _site(context: Context, site: str) -> Row:
    spec, method = context.site(site), context.method(site)
    link = f"{spec.link.megabits:g} Mbit/s" if spec.link else "not told"
    return row(context.label(site), str(len(spec.hosts)), method.route, PARTIES[method.installer], link)


def _preparation(context: Context) -> Block:
    heads = (Column("No.", 0.5), Column("Site", 0.9), Column("What is prepared", 3), Column("Who", 1.4))
    rows = [
        row(number(context, step), context.label(step.site), _title(step), who(context, step))
        for step in _steps(context)
    ]
    return table(heads, rows, "The plan prepares no host.", name="readiness.preparation")


def _steps(context: Context) -> Iterator[Step]:
    """What changes hosts before the deployment, and what people do by hand until then."""
    for site in context.sites:
        for step in context.steps(site, Stage.BASELINE):
            if step.undo or step.kept or step.do.kind in ("person", "decision"):
                yield step


def _title(step: Step) -> str:
    scripted = step.do.kind == "script"
    many = len(step.do.inputs.get("resources", ())) if scripted else 0
    return visible(step.title) + (f" ({several(many, 'resource')})" if many else "")
