"""Appendix: configuration files as they are rendered for each host; secrets stand in them as their names."""

from collections.abc import Iterator

from golive.graph.render import Renderer
from golive.guide.context import Context
from golive.guide.document import Block, Code, code, dim, line, para
from golive.guide.words import listed, visible
from golive.kinds.interface import HostRef
from golive.resources.file import File


def write(context: Context) -> tuple[Block, ...]:
    """The appendix: each different text once, with the hosts that get it."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for site in context.sites:
        for host in context.site(site).hosts:
            for file, text in _files(context, site, host):
                found.setdefault((file.file, text, f"{file.owner}:{file.group} {file.mode}"), []).append(
                    f"{site}/{host}"
                )
    if not found:
        return (para("The plan writes no files of its own.", tone="dim"),)
    ordered = sorted(found.items(), key=lambda one: one[0][0])
    return (
        para("As golive writes them, host by host; one that is alike on several hosts stands here once."),
        *(
            Code(text, line(code(path), dim(f" {mode} on {_shown(hosts)}")), folded=True)
            for (path, text, mode), hosts in ordered
        ),
    )


def _shown(hosts: list[str]) -> str:
    return listed(hosts if len(hosts) <= 8 else [*hosts[:6], f"{len(hosts) - 6} more"])


def _files(context: Context, site: str, host: str) -> Iterator[tuple[File, str]]:
    """The files with a text that the baseline and the components write on one host."""
    spec, plan = context.site(site).hosts[host], context.plan
    renderer = Renderer(context.loaded, site, HostRef(host, spec.address))
    lists = [(f"roles.{spec.role}.baseline", plan.roles[spec.role].baseline)]
    lists += [(f"components.{name}.install", of.install) for name, of in plan.components.items() if of.on == spec.role]
    for where, resources in lists:
        for index, resource in enumerate(resources):
            if isinstance(resource, File):
                made = renderer.model(resource, f"{where}[{index}]")
                yield made, _text(made)


def _text(file: File) -> str:
    if file.sensitive:
        return "(its content is shown nowhere: the plan calls it sensitive)"
    if held := file.outside():
        return f"(its bytes are those of SHA-256 {held.sha256})" if not file.content else visible(file.content)
    return visible(file.content or "")
