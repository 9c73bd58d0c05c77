"""Gate 7, restore proven: backups that are there, young, complete, restorable, and missed when they fail."""

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from golive.calendar.zone import instant
from golive.flags.facts import Facts
from golive.flags.flag import Flag
from golive.flags.words import span, young_until
from golive.gates.rule import Finding
from golive.plan.backup import Backup
from golive.words import several


class RestoreProven(Flag):
    """A backup is worth what its last restore has shown."""

    id = "restore-proven"
    title = "Restore proven"
    explanation = (
        "The newest backup is not empty and younger than its RPO, its tool has the server's version, it was restored "
        "in a rehearsal, and the alarm that tells of its failure was heard in a test"
    )
    lesson = "GitLab, 2017: five ways of backup, and none of them worked."
    evidence: ClassVar[tuple[str, ...]] = ("evidence.backups",)
    owner = "operator"

    def claimed(self, facts: Facts) -> bool:
        return bool(facts.plan.evidence.backups)

    def holds(self, facts: Facts) -> str:
        return f"{several(len(facts.plan.evidence.backups), 'backup')} restored in rehearsals"

    def lasts(self, facts: Facts) -> Iterator[date]:
        for backup in facts.plan.evidence.backups:
            if backup.restored:
                yield young_until(backup.restored, facts.plan.flags.restored_within)

    def judge(self, facts: Facts) -> Iterator[Finding]:
        for index, backup in enumerate(facts.plan.evidence.backups):
            path = f"evidence.backups[{index}]"
            yield from self._newest(facts, backup, path)
            yield from self._versions(facts, backup, path)
            yield from self._restored(facts, backup, path)
            yield from self._alarm(facts, backup, path)

    def _newest(self, facts: Facts, backup: Backup, path: str) -> Iterator[Finding]:
        name = backup.name
        if backup.size is None or backup.newest is None:
            remedy = "add newest: and size: of the newest one"
            yield self.found(
                facts, path, f"when the newest of {name} was made, and its size, is not known", remedy, name
            )
        if backup.size == 0:
            yield self.found(facts, f"{path}.size", f"the newest of {name} is empty", "mend it, and make one", name)
        if backup.newest is None or backup.rpo is None:
            return
        made = instant(backup.newest, facts.plan.calendar.timezone)
        if (facts.now - made).total_seconds() > backup.rpo:
            said = f"the newest of {name} is of {backup.newest:%Y-%m-%d %H:%M}, its RPO is {span(backup.rpo)}"
            yield self.found(facts, f"{path}.newest", said, "make a new one, and see why it is late", name)

    def _versions(self, facts: Facts, backup: Backup, path: str) -> Iterator[Finding]:
        if backup.tool and backup.server and _major(backup.tool) != _major(backup.server):
            said = f"{backup.name} is made with version {backup.tool} of a server of version {backup.server}"
            yield self.found(facts, f"{path}.tool", said, "use the server's own version of the tool", backup.name)

    def _restored(self, facts: Facts, backup: Backup, path: str) -> Iterator[Finding]:
        within, remedy = facts.plan.flags.restored_within, "restore it on a spare host, compare, and write the day here"
        if backup.restored is None:
            yield self.found(facts, path, f"{backup.name} was never restored", remedy, backup.name)
        elif young_until(backup.restored, within) < facts.today:
            said = f"{backup.name} was last restored on {backup.restored}, more than {span(within)} ago"
            yield self.found(facts, f"{path}.restored", said, remedy, backup.name)

    def _alarm(self, facts: Facts, backup: Backup, path: str) -> Iterator[Finding]:
        alarms = facts.plan.contingency.alarms if facts.plan.contingency else {}
        alarm = alarms.get(backup.alarm or "")
        if alarm is None:
            why = f"there is no alarm {backup.alarm}" if backup.alarm else "no alarm tells"
            at = f"{path}.alarm" if backup.alarm else path
            said = f"{why} when {backup.name} fails"
            yield self.found(facts, at, said, "add one to contingency: alarms:, and name it here", backup.name)
        elif alarm.fired is None:
            said = f"the alarm {backup.alarm} of {backup.name} was never heard in a test"
            yield self.found(facts, f"contingency.alarms.{backup.alarm}", said, "let a backup fail", backup.name)


def _major(version: str) -> str:
    """What of a version must be equal: PostgreSQL's and most others' first number."""
    return version.strip().split(".")[0].split(" ")[0]
