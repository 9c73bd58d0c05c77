"""Installation Plan: for each site the method, the hosts, the artifacts, and the numbered procedure."""

from collections.abc import Iterator

from golive.graph.step import Stage
from golive.graph.words import span
from golive.guide.chapters.introduction import hardware_words
from golive.guide.context import Context
from golive.guide.document import (
    Block,
    Column,
    Missing,
    Row,
    Section,
    cell,
    dim,
    facts,
    line,
    link,
    para,
    row,
    shown,
    strong,
    table,
)
from golive.guide.rows import procedure
from golive.guide.words import PARTIES, at, listed, size
from golive.method.choose import Mechanism
from golive.pictures import dependencies, topology
from golive.words import several


def write(context: Context) -> tuple[Block, ...]:
    """The chapter."""
    return (
        para(
            "Each step has a number in this guide and an id in the graph; the id is what golive prints while it runs. "
            "“Planned” is how long a step should take, “T” the beginning of the rollout. A step begins when all steps "
            "that it stands behind are done and verified. What a step needs people to know stands in the chapter ",
            link("Roles", "people"),
            ".",
        ),
        *_controller(context),
        *(
            Section(context.label(site), tuple(_site(context, site)), f"installation-{site}", place > 0)
            for place, site in enumerate(context.sites)
        ),
    )


def _controller(context: Context) -> Iterator[Block]:
    steps = tuple(procedure(context, None))
    where = para("On the controller, the machine on which golive runs.")
    if steps:
        yield Section("Before any site", (where, *steps), anchor="installation-controller")


_MECHANISMS = {Mechanism.SSH: "over SSH", Mechanism.BUNDLE: "from a bundle on a USB stick"}


def _site(context: Context, site: str) -> Iterator[Block]:
    method, steps = context.method(site), context.steps(site)
    start = min((context.start(step) for step in steps), default=0.0)
    end = max((context.times.end[step.id] for step in steps), default=0.0)
    yield facts(
        ("Mechanism", _MECHANISMS[method.mechanism]),
        ("Route", method.route),
        ("Installer", PARTIES[method.installer]),
        ("Because", cell(*method.reasons)),
        ("Expected", f"begins at {at(start)}, ends {span(end - start)} later"),
    )
    yield Section("Topology", tuple(shown(topology.sheets(context.plan, site), _TOPOLOGY.format(context.label(site)))))
    yield Section("Hosts", (_hosts(context, site),))
    yield Section("Artifacts", (_artifacts(context, site),))
    yield Section("Procedure", tuple(procedure(context, site)))
    drawn = tuple(shown(dependencies.sheets(context.graph, site), _GRAPH))
    if drawn:
        yield Section("Dependencies", drawn)
    yield from context.gap(_missing(context, site))


_TOPOLOGY = "{}: how it is reached, its hosts by role, and what the cutover moves. Dashed: the existing system."
_GRAPH = "The same steps, each below all that it needs; twins on several hosts are one box."


def _hosts(context: Context, site: str) -> Block:
    heads = (
        Column("Host", 0.9),
        Column("Address", 1.3),
        Column("Login", 0.7),
        Column("Role", 1),
        Column("Required", 2.4),
    )
    return table(heads, _host_rows(context, site), "The site has no hosts.", name="installation.hosts")


def _host_rows(context: Context, site: str) -> Iterator[Row]:
    for name, host in context.site(site).hosts.items():
        role = context.plan.roles[host.role]
        address = f"{host.address} port {host.port}" if host.port else host.address
        login = host.user or context.plan.access.team.user
        existing = dim("existing system") if role.existing else ""
        yield row(strong(name), address, login, cell(host.role, existing), "; ".join(hardware_words(role.hardware)))


def _artifacts(context: Context, site: str) -> Block:
    heads = ("Component", Column("To", 2), "What", Column("Size", 0.7, number=True), Column("Digests", 1))
    rows = (
        row(
            strong(component),
            listed(context.site(site).with_role(context.plan.components[component].on)),
            several(len(files), "file"),
            size(sum(file.size for file in files)),
            cell(line(link("in the appendix", f"artifact-{component}"))),
        )
        for component, files in context.loaded.artifacts.items()
    )
    return table(heads, rows, "Nothing is delivered.", name="installation.artifacts")


def _missing(context: Context, site: str) -> Iterator[Missing]:
    if not context.steps(site, Stage.BASELINE):
        yield Missing("hosts that are surveyed", (f"sites.{site}.hosts",), "baseline", site)
    if not context.loaded.artifacts:
        yield Missing(
            "artifacts: nothing is delivered", ("components.NAME.archive", "components.NAME.wheels"), "deploy"
        )
    if not context.steps(site, Stage.DEPLOY):
        yield Missing("components to deploy", ("components",), "deploy")
    if not context.steps(site, Stage.CUTOVER):
        yield Missing("a cutover from the existing system", ("cutover",), "cutover")
    if not context.steps(site, Stage.HANDOVER):
        yield Missing("a handover to the client's people", ("handover",), "handover")
