"""What a cutover by the protocol needs: cross-checks of a plan whose mover follows."""

from collections.abc import Iterator

from golive.plan.cutover import Cutover
from golive.plan.plan import Plan
from golive.plan.positions import Loc

Found = Iterator[tuple[Loc, str, str]]


def protocol_problems(plan: Plan) -> Found:
    """Where in the plan, what is wrong, and what to do."""
    cutover = plan.cutover
    if cutover is None:
        return
    yield from _hosts(plan, cutover, [index for index, mover in enumerate(cutover.move) if mover.alone])
    if not cutover.follows:
        return
    if cutover.secret is None:
        yield ("cutover",), "a mover that follows needs a secret from which its keys are derived", "add secret: NAME"
    if cutover.fence:
        why = "a mover that follows brings its own fence"
        yield ("cutover", "fence"), why, "take fence: out"
    following = [index for index, mover in enumerate(cutover.move) if mover.follows]
    for index in following[1:]:
        hint = "move the others in a cutover of their own"
        yield ("cutover", "move", index), "only one database of a site can follow", hint
    yield from _beside(cutover)
    for index, switch in enumerate(cutover.switch):
        if not switch.holds:
            said = f"a {switch.kind} switch cannot hold requests, which a mover that follows needs"
            yield ("cutover", "switch", index), said, f"use a front door that can: haproxy; {switch.promise(True)}"
    yield from _ends(cutover)


def _beside(cutover: Cutover) -> Found:
    """Movers that do not follow end under the fence, and come back by themselves."""
    for index, mover in enumerate(cutover.move):
        if not mover.follows and not mover.ends_under_fence:
            said = f"{mover.kind} has no last pass under the fence: what is written while it copies would be lost"
            yield ("cutover", "move", index), said, "give it last:, or move it in a cutover of its own"
        elif not mover.follows and cutover.way_back and not mover.comes_back:
            said = f"{mover.kind} does not come back: a way back would lose what was written on the new side"
            yield ("cutover", "move", index), said, "give it fetch:, or say way_back: false"


def _ends(cutover: Cutover) -> Found:
    if not cutover.switch:
        yield ("cutover",), "a mover that follows needs a front door that holds requests", "add switch:"
    if not cutover.way_back and cutover.no_return is None:
        said = "without a way back the cutover itself is the point of no return, and wants a signature before"
        yield ("cutover",), said, "add no_return: {role: ROLE}"


def _hosts(plan: Plan, cutover: Cutover, alone: list[int]) -> Found:
    for index in alone:
        mover = cutover.move[index]
        for key, role in (("from", mover.source), ("to", mover.target)):
            for site, spec in plan.sites.items():
                if len(spec.with_role(role)) > 1:
                    hint = "give the others a role of their own"
                    said = f"{site} has several hosts of the role {role}: which one holds the data?"
                    yield ("cutover", "move", index, key), said, hint
