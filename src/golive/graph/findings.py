"""What is found before a cutover: one step for each database that is moved, which touches nothing.

It stands at the end of the deploy stage: a refusal leaves what was deployed in place, and the old system untouched.
"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from golive.graph.site import SiteScope
from golive.graph.step import Action, Stage, Step, Witness
from golive.kinds.interface import HostRef, Mover
from golive.method.findings import database, door
from golive.plan.writer import Writer
from golive.resources.script import prologue

STAGE = Stage.DEPLOY
LOCAL = ("local", "127.0.0.1", "::1")


def steps(site: SiteScope, needs: tuple[str, ...]) -> Iterator[Step]:
    """The steps of one site.

    Args:
        site: the site.
        needs: ids of the steps that must be done before both sides can be asked.
    """
    for index, spec in enumerate(site.plan.cutover.move if site.plan.cutover else ()):
        path = f"cutover.move[{index}]"
        mover = site.renderer().model(spec, path)
        if name := mover.moves_database():
            old, new = site.hosts(mover.source)[0], site.hosts(mover.target)[0]
            yield site.step(
                STAGE,
                f"findings-{mover.kind}",
                None,
                Action("findings", _inputs(site, mover, name, old, new)),
                path=path,
                needs=needs,
                title=f"find out whether {name} can be moved from {old.name} to {new.name}",
                verify="nothing was found that blocks the cutover",
                witness=Witness.NONE,
                planned=5,
            )


def _inputs(site: SiteScope, mover: Mover, name: str, old: HostRef, new: HostRef) -> dict[str, Any]:
    cutover = site.plan.cutover
    assert cutover, "there is a mover"
    follows = getattr(mover, "follows", False)
    wanted = {
        "database": name,
        "old": old.name,
        "new": new.name,
        "follows": follows,
        "way_back": follows and getattr(cutover, "way_back", True),
        "creates": getattr(mover, "creates", True),
        "differ": dict(cutover.differ),
        "writers": [_writer(site, writer, old) for writer in cutover.writers],
    }
    script = prologue() + database(name)
    return {
        "wanted": wanted,
        "old": _at(site, old, script),
        "new": _at(site, new, script),
        "doors": list(doors(site)) if follows else [],
    }


def doors(site: SiteScope) -> Iterator[dict[str, Any]]:
    """Where requests have to be held: the hosts of the front doors, and what to ask them."""
    for index, spec in enumerate(site.plan.cutover.switch if site.plan.cutover else ()):
        switch = site.renderer().model(spec, f"cutover.switch[{index}]")
        if asked := switch.front_door():
            for host in site.hosts(switch.on):
                yield _at(site, host, prologue() + door(*asked))


def _at(site: SiteScope, host: HostRef, script: str) -> dict[str, Any]:
    return {"host": host.name, "place": asdict(site.place(host)), "script": script}


def _writer(site: SiteScope, writer: Writer, old: HostRef) -> dict[str, Any]:
    """The declaration with roles of hosts replaced by their addresses, as the database sees them."""
    addresses: list[str] = []
    for source in writer.sources:
        hosts = site.hosts(source)
        addresses += [host.address for host in hosts] or [source]
        addresses += LOCAL if old in hosts else ()
    return {"role": writer.role, "fate": writer.fate, "application": writer.application, "addresses": addresses}
