"""Gate 8, backup covers change: what the plan changes can be brought back."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import ClassVar

from golive.flags.facts import Facts
from golive.flags.flag import Flag
from golive.gates.rule import Finding
from golive.kinds.interface import Kind
from golive.plan.plan import Plan
from golive.words import several


def changed(plan: Plan) -> Iterator[tuple[str, str]]:
    """Each object that the cutover changes, as backups name it, with its path in the plan.

    ``data/NAME`` is what a mover moves, ``schema/TASK`` what a task makes of it, ``traffic/NAME`` what a switch turns.
    """
    if plan.cutover is None:
        return
    for index, mover in enumerate(plan.cutover.move):
        yield f"data/{_main(mover)}", f"cutover.move[{index}]"
    for index, task in enumerate(plan.cutover.then):
        yield f"schema/{task.name}", f"cutover.then[{index}]"
    for index, switch in enumerate(plan.cutover.switch):
        yield f"traffic/{_main(switch)}", f"cutover.switch[{index}]"


def _main(item: Kind) -> str:
    """What stands under the key that names the kind."""
    fields = type(item).model_fields
    name = next((name for name, field in fields.items() if (field.alias or name) == item.kind), "")
    return str(getattr(item, name, item.kind))


class BackupCoversChange(Flag):
    """Every kind of object that the plan changes is in a backup, and the way back of the data is written down."""

    id = "backup-covers-change"
    title = "Backup covers change"
    explanation = (
        "Each object that the cutover changes (data/NAME of movers, schema/TASK of tasks, traffic/NAME of switches) is "
        "in a backup; where data or schema change, the rollback says how they come back"
    )
    evidence: ClassVar[tuple[str, ...]] = ("evidence.backups", "contingency.rollback")
    owner = "architect"

    def claimed(self, facts: Facts) -> bool:
        plan = facts.plan
        says = plan.evidence.backups or (plan.contingency and (plan.contingency.back_out or plan.contingency.rollback))
        return bool(says) and any(changed(plan))

    def holds(self, facts: Facts) -> str:
        return f"{several(sum(1 for _ in changed(facts.plan)), 'object')} changed, all in a backup"

    def judge(self, facts: Facts) -> Iterator[Finding]:
        patterns = [pattern for backup in facts.plan.evidence.backups for pattern in backup.covers]
        for name, path in changed(facts.plan):
            if patterns and not any(fnmatchcase(name, pattern) for pattern in patterns):
                yield self.found(facts, path, f"{name} is changed, and no backup covers it", "add it to a backup", name)
        yield from self._way_back(facts)

    def _way_back(self, facts: Facts) -> Iterator[Finding]:
        changes = [(name, path) for name, path in changed(facts.plan) if not name.startswith("traffic/")]
        rollback = facts.plan.contingency.rollback if facts.plan.contingency else None
        if changes and not (rollback and rollback.strategy):
            said = f"{changes[0][0]} is changed, and the rollback does not say how data comes back"
            path = "contingency.rollback" if rollback else changes[0][1]
            yield self.found(facts, path, said, "add contingency: rollback: strategy:")
