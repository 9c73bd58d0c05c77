"""The steps that copy what a mover moves, for those that do not follow: by the protocol and without it."""

from collections import Counter
from collections.abc import Iterator

from golive.graph.line import Line
from golive.graph.site import SiteScope, script
from golive.kinds.interface import Mover


def named(site: SiteScope) -> Iterator[tuple[str, str, Mover]]:
    """The movers of a site as they stand in the names of steps, with their place in the plan.

    The second of a kind is told apart by its number: ``files``, ``files-2``.
    """
    seen = Counter[str]()
    for index, spec in enumerate(site.plan.cutover.move if site.plan.cutover else ()):
        path = f"cutover.move[{index}]"
        mover = site.renderer().model(spec, path)
        seen[mover.kind] += 1
        yield mover.kind if seen[mover.kind] == 1 else f"{mover.kind}-{seen[mover.kind]}", path, mover


def copying(line: Line, name: str, path: str, mover: Mover, planned: float) -> None:
    """Adds them: what the target does, then the passes from the source.

    Args:
        line: where they are added.
        name: of the mover, from ``named``.
        path: where it stands in the plan.
        mover: rendered.
        planned: seconds for each.
    """
    peers = line.site.peers
    line.add(
        f"copy-{name}",
        line.site.hosts(mover.target),
        do=lambda _: script(mover.copy_data(peers)),
        undo=lambda _: script(mover.discard(peers)),
        path=path,
        title=f"copy the data from {mover.source} to {mover.target}",
        skippable=False,
        verify="the copy ended without an error",
        planned=planned,
    )
    if text := mover.passes_before(peers):
        line.add(
            f"passes-{name}",
            line.site.hosts(mover.source),
            do=lambda _: script(text),
            undo=lambda _: script(mover.clear_source(peers)),
            path=path,
            title=f"send what changes from {mover.source} to {mover.target}, in passes",
            skippable=False,
            verify="a pass was quick, and all contents were compared",
            planned=planned,
        )
