"""All findings of one move, the blocking ones first."""

from collections.abc import Iterable, Sequence

from golive.method.findings.doors import front_door
from golive.method.findings.finding import Door, Finding, Severity, Side, Wanted
from golive.method.findings.server import server
from golive.method.findings.sides import sides
from golive.method.findings.tables import objects
from golive.method.findings.writers import writers


def judge(wanted: Wanted, old: Side, new: Side, doors: Iterable[Door] = ()) -> Sequence[Finding]:
    """What stands in the way of a cutover, and what somebody should know. Pure: the same facts, the same findings.

    Args:
        wanted: what the cutover is going to do.
        old: the facts of the database that serves today.
        new: the facts of the one that will.
        doors: the facts of the front doors that have to hold requests.
    """
    found = [*server(wanted, old, new), *objects(wanted, old), *sides(wanted, old, new), *writers(wanted, old)]
    found += [finding for door in doors for finding in front_door(door)]
    return sorted(found, key=lambda one: (one.severity is Severity.WARNS, one.id, one.where))
