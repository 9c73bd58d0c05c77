"""The cutover stage: fence, copy, compare, prepare, switch, verify, release.

1. From the fence on the old system takes no writes; every step up to the release has an inverse or leaves nothing.
2. A check that fails before the release sends the site back: the old system serves and takes writes again.
   Behind everything that is taken back, the same check that opened the cutover proves that the old system serves.
3. The release lets writes into the new system. It is the point of no return: going back after it would lose them.
"""

from collections.abc import Iterator
from functools import partial

from golive.graph.copying import copying, named
from golive.graph.deploy import check
from golive.graph.line import STAGE, Line
from golive.graph.protocol import protocol
from golive.graph.site import SiteScope, script
from golive.graph.step import Action, Step, Witness
from golive.kinds.check import until_it_holds
from golive.kinds.interface import HostRef
from golive.plan.cutover import FrontCheck, Task
from golive.resources.sh import code


def steps(site: SiteScope, deployed: tuple[str, ...]) -> Iterator[Step]:
    """The steps of one site.

    Args:
        site: the site.
        deployed: ids of the steps that must be done before the fence.
    """
    if site.plan.cutover is None:
        return
    line = Line(site, deployed)
    _serves(line)
    if site.plan.cutover.follows:
        protocol(line, prepare, verify)
        yield from line.steps
        return
    _fence(line)
    _move(line)
    prepare(line)
    _switch(line)
    verify(line)
    _no_return(line)
    _release(line)
    yield from line.steps


def _serves(line: Line) -> None:
    """Its inverse is the same check: it stands before all others, and so is undone behind them."""
    for index, spec in enumerate(line.site.plan.cutover.serves if line.site.plan.cutover else ()):
        path = f"cutover.serves[{index}]"
        probe = partial(_front_probe, line.site, spec, path)
        line.add(
            f"old-{index + 1}",
            line.site.hosts(spec.on)[:1],
            do=probe,
            undo=probe,
            path=path,
            title="check that the old system serves",
            verify=spec.check.sentence(),
            planned=3,
        )


def _front_probe(site: SiteScope, spec: FrontCheck, path: str, host: HostRef) -> Action:
    rendered = site.renderer(host).model(spec.check, f"{path}.check")
    return script(until_it_holds(rendered.probe(host), rendered.within))


def _fence(line: Line) -> None:
    for index, spec in enumerate(line.site.plan.cutover.fence if line.site.plan.cutover else ()):
        path = f"cutover.fence[{index}]"
        fence = line.site.renderer().model(spec, path)
        line.add(
            f"fence-{fence.kind}",
            line.site.hosts(fence.on),
            do=lambda _, fence=fence: script(fence.close()),
            undo=lambda _, fence=fence: script(fence.open()),
            path=path,
            undo_after=_switches(line.site) if fence.releases else (),
            skippable=False,
            title=f"hold the writes to the old system ({fence.kind} {getattr(fence, fence.kind, '')})",
            verify=fence.proof,
            planned=3,
        )


def _switches(site: SiteScope) -> tuple[str, ...]:
    """The steps that switch traffic: while one of them is not back, letting writes in would lose them."""
    switches = site.plan.cutover.switch if site.plan.cutover else ()
    return tuple(
        site.id(STAGE, f"switch-{switch.kind}", host.name) for switch in switches for host in site.hosts(switch.on)
    )


def _move(line: Line) -> None:
    site, planned = line.site, line.site.plan.cutover.planned if line.site.plan.cutover else 0
    for name, path, mover in named(site):
        copying(line, name, path, mover, planned)
        line.add(
            f"compare-{name}",
            site.hosts(mover.compares_on),
            do=lambda _, mover=mover: script(mover.compare(site.peers)),
            path=path,
            title=f"compare the content on {mover.source} and {mover.target}",
            verify=mover.compared,
            planned=planned / 2,
        )


def prepare(line: Line) -> None:
    """Adds what the new system needs once the data is there, and the checks of all components."""
    site = line.site
    for index, spec in enumerate(site.plan.cutover.then if site.plan.cutover else ()):
        path = f"cutover.then[{index}]"
        line.add(
            spec.name,
            site.hosts(spec.on)[: 1 if spec.once else None],
            do=lambda host, spec=spec, path=path: script(_text(site, host, spec.command, path)),
            undo=partial(_undo_task, site, spec, path) if spec.undo else None,
            path=path,
            title=f"{spec.name} on the new system",
            verify="the command succeeded",
            planned=spec.planned,
            kept=f"what {spec.name} did on the new system" if not spec.undo else "",
        )
    checked = [(name, component) for name, component in site.plan.components.items() if component.check]
    made = [check(site, STAGE, name, host, line.last) for name, part in checked for host in site.hosts(part.on)]
    line.extend(made)


def _undo_task(site: SiteScope, spec: Task, path: str, host: HostRef) -> Action:
    text = _text(site, host, spec.undo or "", path)
    if not spec.undone:
        return script(text)
    proof = code(site.renderer(host).text(spec.undone, path)).strip()
    refuted = "echo 'the undo succeeded, and undone: says that it is not so'; exit 1"
    return script(f"{text}undone() {{\n{proof}\n}}\nundone || {{ {refuted}; }}\n")


def _text(site: SiteScope, host: HostRef, command: str, path: str) -> str:
    return f"set -e\n{code(site.renderer(host).text(command, path)).strip()}\n"


def _switch(line: Line) -> None:
    site = line.site
    for index, spec in enumerate(site.plan.cutover.switch if site.plan.cutover else ()):
        path = f"cutover.switch[{index}]"
        switch = site.renderer().model(spec, path)
        line.add(
            f"switch-{switch.kind}",
            site.hosts(switch.on),
            do=lambda _, switch=switch: script(switch.forward(site.peers)),
            undo=lambda _, switch=switch: script(switch.back()),
            path=path,
            title="send the traffic to the new system",
            skippable=False,
            verify="the front door took the new configuration",
            planned=3,
        )


def verify(line: Line) -> None:
    """Adds the checks through the front door."""
    site = line.site
    for index, spec in enumerate(site.plan.cutover.verify if site.plan.cutover else ()):
        path = f"cutover.verify[{index}]"
        line.add(
            f"verify-{index + 1}",
            site.hosts(spec.on)[:1],
            do=partial(_front_probe, site, spec, path),
            path=path,
            title="check through the front door",
            verify=spec.check.sentence(),
            planned=3,
        )


def _no_return(line: Line) -> None:
    spec = line.site.plan.cutover.no_return if line.site.plan.cutover else None
    if spec is None:
        return
    inputs = {"role": spec.role, "question": spec.question, "valid_for": spec.valid_for, "no_return": True}
    step = line.site.step(
        STAGE,
        "no-return",
        None,
        Action("decision", inputs),
        path="cutover.no_return",
        title=spec.question,
        verify=f"a person with the role {spec.role} signs",
        planned=60,
        needs=line.last,
        witness=Witness.NONE,
    )
    line.extend([step])


def _release(line: Line) -> None:
    fences = line.site.plan.cutover.fence if line.site.plan.cutover else ()
    for index, spec in reversed(list(enumerate(fences))):
        path = f"cutover.fence[{index}]"
        fence = line.site.renderer().model(spec, path)
        if fence.releases:
            line.add(
                f"release-{fence.kind}",
                line.site.hosts(fence.on),
                do=lambda _, fence=fence: script(fence.open()),
                path=path,
                title="let writes into the new system (point of no return)",
                skippable=False,
                verify="the front door took the new configuration",
                planned=3,
                no_return=True,
            )
