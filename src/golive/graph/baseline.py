"""The baseline stage: hosts are surveyed against the technical architecture, then brought to the baseline."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache

from golive.graph.people import gate
from golive.graph.site import SiteScope, script
from golive.graph.step import Action, Rerun, Stage, Step, Witness
from golive.kinds.interface import HostRef, Kind
from golive.method.inventory import INVENTORY
from golive.method.survey import FACTS
from golive.plan.plan import Loaded
from golive.resources.interface import Resource
from golive.resources.package import Package
from golive.resources.script import examine
from golive.words import several

STAGE = Stage.BASELINE


def steps(site: SiteScope, before: tuple[str, ...] = ()) -> Iterator[Step]:
    """The steps of one site, behind ``before``.

    Nothing is converged before every host of the site has passed its survey, and the gate, if there is one, has opened.
    """
    surveys = tuple(_survey(site, host, before) for role in site.peers for host in site.hosts(role))
    yield from surveys
    barred = tuple(gate(site, STAGE, tuple(step.id for step in surveys)))
    yield from barred
    for role in site.peers:
        known: tuple[object, ...] = ()
        do = Action("script")
        for host in site.hosts(role):
            resources, login = desired(site, role, host), site.place(host).user
            if (resources, login) != known:  # twins differ only where a text asks for the host
                known, do = (resources, login), site.converging(host, resources, after=INVENTORY)
            if resources:
                yield _converge(site, role, host, len(resources), do, tuple(step.id for step in barred or surveys))


def _survey(site: SiteScope, host: HostRef, before: tuple[str, ...]) -> Step:
    role = site.spec.hosts[host.name].role
    wanted = site.plan.roles[role].hardware.model_dump()
    return site.step(
        STAGE,
        "survey",
        host,
        Action("survey", {"hardware": wanted}),
        path=f"roles.{role}.hardware",
        title=f"survey {host.name} against the architecture of {role}",
        verify="every requirement of the architecture is met",
        witness=Witness.NONE,
        planned=2,
        needs=before,
    )


def desired(site: SiteScope, role: str, host: HostRef) -> tuple[Resource, ...]:
    """The baseline of one host: what the plan says, behind the packages that the host needs for it."""
    declared = site.renderer(host).resources(site.plan.roles[role].baseline, f"roles.{role}.baseline")
    return (*_missing(declared, _implied(site, role)), *declared)


def looks(site: SiteScope, tags: frozenset[str] = frozenset(), inventory: bool = False) -> Iterator[Step]:
    """Steps that only look what the baseline would change, host by host; part of no graph.

    Args:
        site: the site.
        tags: only resources that have one of them; empty: all.
        inventory: whether to ask for the host's inventory too.
    """
    for role in site.peers:
        for host in site.hosts(role):
            resources = [one for one in desired(site, role, host) if not tags or tags.intersection(one.tags)]
            if resources:
                body = examine(resources) + (INVENTORY if inventory else "")
                path = f"roles.{role}.baseline"
                yield site.step(STAGE, "diff", host, script(body), path=path, title=f"look at {host.name}")


def again(loaded: Loaded) -> Callable[[str], Iterator[Step]]:
    """For a site the steps that look whether its hosts are still as the baseline left them; part of no graph."""
    return lambda site: looks(SiteScope(loaded, site), inventory=True)


def surveys(site: SiteScope) -> Iterator[Step]:
    """Steps that only ask hosts for their facts and their inventory; part of no graph."""
    for role in site.peers:
        for host in site.hosts(role):
            path = f"roles.{role}.hardware"
            yield site.step(STAGE, "survey", host, script(FACTS + INVENTORY), path=path, title=f"survey {host.name}")


def _converge(site: SiteScope, role: str, host: HostRef, count: int, do: Action, surveys: Sequence[str]) -> Step:
    path = f"roles.{role}.baseline"
    return site.step(
        STAGE,
        "converge",
        host,
        do,
        path=path,
        title=f"bring {host.name} to the baseline of {role} ({several(count, 'resource')})",
        verify="every resource passes its own check",
        planned=site.plan.roles[role].planned,
        needs=tuple(surveys),
        kept=f"the baseline of {host.name}",
        rerun=Rerun.CONVERGES,
    )


def _implied(site: SiteScope, role: str) -> tuple[str, ...]:
    """Packages that kinds need on hosts of a role: curl for a page that is checked, zstd for an archive."""
    plan = site.plan
    if plan.roles[role].existing:
        return ()
    used: list[Kind | None] = []
    for component in plan.components.values():
        used += [component.artifact, component.check] if component.on == role else []
    fronts = (*plan.cutover.serves, *plan.cutover.verify) if plan.cutover else ()
    used += [front.check for front in fronts if front.on == role]
    used += [criterion.check for wave in plan.waves for criterion in wave.exit if criterion.on == role]
    return tuple(dict.fromkeys(name for kind in used if kind for name in kind.packages()))


def _missing(declared: Sequence[Resource], implied: Sequence[str]) -> tuple[Resource, ...]:
    there = {resource.main for resource in declared if isinstance(resource, Package)}
    return tuple(_package(name) for name in implied if name not in there)


@cache
def _package(name: str) -> Package:
    return Package.model_validate({"package": name})
