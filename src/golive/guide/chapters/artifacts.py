"""Appendix: every file that is delivered, with its size and its digest."""

from golive.guide.context import Context
from golive.guide.document import Block, Column, Section, code, para, row, table
from golive.guide.words import listed, size
from golive.words import several


def write(context: Context) -> tuple[Block, ...]:
    """The appendix."""
    held = context.loaded.artifacts
    if not held:
        return (para("Nothing is delivered: the plan's components have no artifacts.", tone="dim"),)
    return (
        para("What arrives on a host is compared with these digests before it is used."),
        *(_component(context, name) for name in held),
    )


def _component(context: Context, name: str) -> Section:
    files = context.loaded.artifacts[name]
    role = context.plan.components[name].on
    total = size(sum(file.size for file in files))
    heads = (Column("File", 1.75), Column("Size", 0.4, number=True), Column("SHA-256", 2.35))
    rows = (row(code(file.file), size(file.size), code(file.sha256)) for file in files)
    said = f"{several(len(files), 'file')}, {total}, to the hosts of {listed([role])} at each site."
    return Section(name, (para(said), table(heads, rows, "It has no files.", name="artifacts")), f"artifact-{name}")
