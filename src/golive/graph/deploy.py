"""The deploy stage: artifacts are delivered, components installed in the order of their needs, each proven healthy."""

from collections.abc import Iterator

from golive.digest import digest
from golive.graph.define import gather_id
from golive.graph.site import SiteScope, script
from golive.graph.step import Action, Stage, Step, Witness
from golive.kinds.check import until_it_holds
from golive.kinds.interface import HostRef
from golive.plan.component import Component, Need
from golive.resources.interface import Resource
from golive.resources.script import revert
from golive.words import several

STAGE = Stage.DEPLOY


def steps(site: SiteScope, baseline: tuple[str, ...]) -> Iterator[Step]:
    """The steps of one site.

    Args:
        site: the site.
        baseline: ids of the steps that must be done before the first of these.
    """
    for name, component in site.plan.components.items():
        before: tuple[str, ...] = ()
        for host in site.hosts(component.on):
            made = tuple(_on_host(site, name, host, baseline, before))
            before = (made[-1].id,) if component.rolling else ()
            yield from made


def _on_host(
    site: SiteScope, name: str, host: HostRef, baseline: tuple[str, ...], before: tuple[str, ...]
) -> Iterator[Step]:
    component = site.plan.components[name]
    needs = tuple(dict.fromkeys((*baseline, *_needed(site, name, host), *before)))
    if name in site.loaded.artifacts:
        delivery = _deliver(site, name, host, (*baseline, gather_id(name)))
        yield delivery
        needs += (delivery.id,)
    install = _install(site, name, component, host, needs)
    yield install
    if component.check:
        yield check(site, STAGE, name, host, (install.id,))


def _needed(site: SiteScope, name: str, host: HostRef) -> Iterator[str]:
    """The ids of the steps that a component waits for: those of its own needs, and what its unit needs as a whole."""
    components, unit = site.plan.components, site.plan.components[name].unit
    for other, part in components.items():
        if other != name and (not unit or part.unit != unit):
            continue
        for need in part.needs:
            inside = bool(unit) and not need.at and components[need.component].unit == unit
            if other == name or not inside:
                yield from _of_need(site, name, need, host, inside)


def _of_need(site: SiteScope, name: str, need: Need, host: HostRef, inside: bool) -> Iterator[str]:
    if need.at and need.at != site.name:
        if need.at not in site.without:  # live already: there is nothing to wait for
            yield from healthy(SiteScope(site.loaded, need.at, site.without), need.component)
    elif need.component != name:
        only = host.name if need.on == "host" else None
        yield from healthy(site, need.component, only, alone=inside)


def healthy(site: SiteScope, component: str, host: str | None = None, alone: bool = False) -> tuple[str, ...]:
    """The ids of the steps after which a component can be relied on at this site.

    Args:
        site: the site.
        component: the component.
        host: only on this host.
        alone: without the others of its unit; otherwise one of a unit can be relied on when all of them can.
    """
    unit = site.plan.components[component].unit
    parts = {
        name: part
        for name, part in site.plan.components.items()
        if name == component or (unit and part.unit == unit and not alone)
    }
    return tuple(
        site.id(STAGE, name + ("-check" if part.check else ""), there.name)
        for name, part in parts.items()
        for there in site.hosts(part.on)
        if host in (None, there.name) or name != component
    )


def check(site: SiteScope, stage: Stage, component: str, host: HostRef, needs: tuple[str, ...]) -> Step:
    """The step that proves a component healthy on one host."""
    path = f"components.{component}.check"
    spec = site.plan.components[component].check
    assert spec is not None, "only called for a component that has a check"
    rendered = site.renderer(host).model(spec, path)
    return site.step(
        stage,
        f"{component}-check",
        host,
        script(until_it_holds(rendered.probe(host), rendered.within)),
        path=path,
        unit=(site.plan.components[component].unit or "") if stage is STAGE else "",
        title=f"check the health of {component} on {host.name}",
        verify=rendered.sentence(),
        planned=min(rendered.within, 5.0),
        needs=needs,
    )


def _depot(site: SiteScope, component: str) -> tuple[str, str]:
    """The directory on the host for a component's artifact, and the digest of all its files."""
    files = site.loaded.artifacts[component]
    whole = digest(sorted([file.file, file.sha256] for file in files))
    return f"/var/lib/golive/depot/{component}-{whole[:16]}", whole


def _deliver(site: SiteScope, name: str, host: HostRef, needs: tuple[str, ...]) -> Step:
    files = site.loaded.artifacts[name]
    depot, _ = _depot(site, name)
    inputs = {"component": name, "depot": depot, "files": [file.model_dump() for file in files]}
    size = sum(file.size for file in files)
    return site.step(
        STAGE,
        f"deliver-{name}",
        host,
        Action("deliver", inputs),
        path=f"components.{name}",
        unit=site.plan.components[name].unit or "",
        title=f"deliver {several(len(files), 'file')} ({size / 1e6:.1f} MB) of {name} to {host.name}",
        verify="every file on the host has the digest of the lock",
        planned=5 + size / 10e6,
        needs=needs,
        undo=script(f"rm -rf '{depot}'\n[ ! -e '{depot}' ]\n"),
        witness=Witness.NONE,
    )


def _install(site: SiteScope, name: str, component: Component, host: HostRef, needs: tuple[str, ...]) -> Step:
    path = f"components.{name}.install"
    resources: tuple[Resource, ...] = site.renderer(host).resources(component.install, path)
    if component.artifact and name in site.loaded.artifacts:
        artifact = site.renderer(host).model(component.artifact, f"components.{name}")
        resources = artifact.install(name, *_depot(site, name)) + resources
    keep = site.id(STAGE, name, host.name)
    return site.step(
        STAGE,
        name,
        host,
        site.converging(host, resources, keep),
        path=f"components.{name}",
        unit=component.unit or "",
        title=f"install {name} on {host.name} ({several(len(resources), 'resource')})",
        verify="every resource passes its own check",
        planned=component.planned,
        needs=needs,
        undo=script(revert(resources, keep)),
    )
