"""Installation Plan: for each site the method, the hosts, the artifacts, and the numbered procedure."""

from collections.abc import Iterator
from dataclasses import dataclass

from golive.graph.draw import span, svg
from golive.graph.step import Stage
from golive.guide.chapters.introduction import hardware_words
from golive.guide.context import Context, Missing
from golive.guide.rows import StageRows, by_stage
from golive.guide.topology import topology
from golive.guide.words import PARTIES, at, size
from golive.method.choose import Mechanism


@dataclass(frozen=True)
class HostRow:
    """One host."""

    name: str
    address: str
    login: str
    role: str
    existing: bool
    hardware: tuple[str, ...]


@dataclass(frozen=True)
class FileRow:
    """One delivered file."""

    name: str
    size: str
    sha256: str


@dataclass(frozen=True)
class ArtifactRows:
    """What is delivered of one component, and to which hosts."""

    component: str
    hosts: str
    total: str
    files: tuple[FileRow, ...]


@dataclass(frozen=True)
class SitePlan:
    """The Installation Plan of one site."""

    name: str
    label: str
    mechanism: str
    route: str
    installer: str
    reasons: tuple[str, ...]
    starts: str
    lasts: str
    hosts: tuple[HostRow, ...]
    artifacts: tuple[ArtifactRows, ...]
    procedure: tuple[StageRows, ...]
    topology: str
    graph: str
    missing: tuple[Missing, ...]


@dataclass(frozen=True)
class Installation:
    """The Installation Plan."""

    controller: tuple[StageRows, ...]
    sites: tuple[SitePlan, ...]


def write(context: Context) -> Installation:
    """The chapter."""
    return Installation(by_stage(context, None), tuple(_site(context, site) for site in context.sites))


_MECHANISMS = {Mechanism.SSH: "over SSH", Mechanism.BUNDLE: "from a bundle on a USB stick"}


def _site(context: Context, site: str) -> SitePlan:
    method, steps = context.method(site), context.steps(site)
    start = min((context.start(step) for step in steps), default=0.0)
    end = max((context.times.end[step.id] for step in steps), default=0.0)
    return SitePlan(
        name=site,
        label=context.label(site),
        mechanism=_MECHANISMS[method.mechanism],
        route=method.route,
        installer=PARTIES[method.installer],
        reasons=method.reasons,
        starts=at(start),
        lasts=span(end - start),
        hosts=tuple(_hosts(context, site)),
        artifacts=tuple(_artifacts(context, site)),
        procedure=by_stage(context, site),
        topology=topology(context, site),
        graph=svg(context.graph, steps, {}),
        missing=tuple(_missing(context, site)),
    )


def _hosts(context: Context, site: str) -> Iterator[HostRow]:
    for name, host in context.site(site).hosts.items():
        role = context.plan.roles[host.role]
        address = f"{host.address} port {host.port}" if host.port else host.address
        login = host.user or context.plan.access.team.user
        yield HostRow(name, address, login, host.role, role.existing, hardware_words(role.hardware))


def _artifacts(context: Context, site: str) -> Iterator[ArtifactRows]:
    for component, files in context.loaded.artifacts.items():
        hosts = context.site(site).with_role(context.plan.components[component].on)
        rows = tuple(FileRow(file.file, size(file.size), file.sha256) for file in files)
        yield ArtifactRows(component, ", ".join(hosts), size(sum(file.size for file in files)), rows)


def _missing(context: Context, site: str) -> Iterator[Missing]:
    if not context.steps(site, Stage.BASELINE):
        yield Missing("hosts that are surveyed", (f"sites.{site}.hosts",))
    if not context.loaded.artifacts:
        yield Missing("artifacts: nothing is delivered", ("components.NAME.archive", "components.NAME.wheels"))
    if not context.steps(site, Stage.DEPLOY):
        yield Missing("components to deploy", ("components",))
    if not context.steps(site, Stage.CUTOVER):
        yield Missing("a cutover from the existing system", ("cutover",))
    if not context.steps(site, Stage.HANDOVER):
        yield Missing("a handover to the client's people", ("handover",))
