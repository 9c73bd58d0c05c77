"""Gate 13, runtime guard: alarms that reach somebody, a kill switch that works, commands that know where they are."""

import re
from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from golive.flags.facts import Facts
from golive.flags.flag import Flag
from golive.flags.words import span, young_until
from golive.gates.rule import Finding
from golive.plan.contingency import Alarm
from golive.words import several

_DESTROYS = re.compile(
    r"\brm\s+(-\w*[rR]\w*|--recursive)\b|\bdropdb\b|\bDROP\s+(DATABASE|TABLE|SCHEMA|ROLE)\b|\bTRUNCATE\b|\bmkfs|"
    r"\bwipefs\b|\bshred\b|\bdd\b[^|;\n]*\bof=|\bpg_dropcluster\b|\blvremove\b|\bzfs\s+destroy\b",
    re.I,
)
_ASSERTS = re.compile(
    r"\bhostname\b|\bhostnamectl\b|/etc/hostname|/etc/machine-id|\bhost\.(name|address)\b|\bHOSTNAME\b"
)


class RuntimeGuard(Flag):
    """What must be there while the new system runs."""

    id = "runtime-guard"
    title = "Runtime guard"
    explanation = (
        "Each alarm has somebody who gets it, a time within which it is acknowledged, and was heard in a test; a kill "
        "switch was tried; a procedure that destroys something asserts which host it is on"
    )
    lesson = (
        "GitLab, 2017: the database directory was wiped on the wrong host. Knight, 2012: nobody could switch it off."
    )
    evidence: ClassVar[tuple[str, ...]] = ("contingency.alarms", "contingency.kill_switch")
    owner = "operator"

    def claimed(self, facts: Facts) -> bool:
        says = facts.plan.contingency
        return bool(says and (says.alarms or says.kill_switch)) or any(_unguarded(facts))

    def holds(self, facts: Facts) -> str:
        alarms = facts.plan.contingency.alarms if facts.plan.contingency else {}
        return f"{several(len(alarms), 'alarm')} heard in tests, the kill switch tried"

    def lasts(self, facts: Facts) -> Iterator[date]:
        says, within = facts.plan.contingency, facts.plan.flags.tested_within
        days = [alarm.fired for alarm in says.alarms.values()] if says else []
        days += [says.kill_switch.tested] if says and says.kill_switch else []
        yield from (young_until(day, within) for day in days if day)

    def judge(self, facts: Facts) -> Iterator[Finding]:
        says = facts.plan.contingency
        for name, alarm in says.alarms.items() if says else ():
            yield from self._alarm(facts, name, alarm)
        if says and (says.alarms or says.kill_switch):
            yield from self._kill_switch(facts)
        for path, name, word in _unguarded(facts):
            said = f"the procedure {name} destroys something (“{word}”) and does not look which host it is on"
            yield self.found(facts, path, said, 'begin it with: [ "$(hostname)" = {{ host.name }} ] || exit 1', name)

    def _alarm(self, facts: Facts, name: str, alarm: Alarm) -> Iterator[Finding]:
        path, people = f"contingency.alarms.{name}", facts.plan.people
        roles = {role for person in people.values() for role in person.roles}
        if alarm.route is None:
            yield self.found(facts, path, f"nobody gets the alarm {name}", "add route: with a person or a role", name)
        elif alarm.route not in people and alarm.route not in roles:
            said = f"the alarm {name} goes to {alarm.route}, which is neither a person nor a role of one"
            yield self.found(facts, f"{path}.route", said, "write a name of people, or one of their roles", name)
        if alarm.acknowledge_within is None:
            said = f"nothing says how soon the alarm {name} must be acknowledged"
            yield self.found(facts, path, said, "add acknowledge_within:", name)
        yield from self._tried(facts, f"the alarm {name}", alarm.fired, f"{path}.fired" if alarm.fired else path)

    def _kill_switch(self, facts: Facts) -> Iterator[Finding]:
        switch = facts.plan.contingency.kill_switch if facts.plan.contingency else None
        if switch is None:
            yield self.found(
                facts, "contingency", "nothing stops the new system at once", "add kill_switch:, and try it"
            )
            return
        path = "contingency.kill_switch"
        yield from self._tried(facts, "the kill switch", switch.tested, f"{path}.tested" if switch.tested else path)

    def _tried(self, facts: Facts, what: str, day: date | None, path: str) -> Iterator[Finding]:
        within = facts.plan.flags.tested_within
        if day is None:
            yield self.found(facts, path, f"{what} was never tried", "set it off in a test, and write the day here")
        elif young_until(day, within) < facts.today:
            said = f"{what} was last tried on {day}, more than {span(within)} ago"
            yield self.found(facts, path, said, "set it off again")


def _unguarded(facts: Facts) -> Iterator[tuple[str, str, str]]:
    """Procedures, which people call by hand, that destroy and do not look where: path, name, what destroys."""
    for index, procedure in enumerate(facts.plan.handover.procedures if facts.plan.handover else ()):
        found = _DESTROYS.search(procedure.command)
        if found and not _ASSERTS.search(procedure.command):
            yield f"handover.procedures[{index}].command", procedure.name, " ".join(found[0].split())
