"""Gate 12, schedule sane: dates, sums and order hold, and no text is a placeholder."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import ClassVar

from golive.calendar.days import add_business_days, day_off
from golive.calendar.zone import DAYS
from golive.flags.facts import Facts
from golive.flags.flag import Flag
from golive.flags.texts import texts
from golive.flags.words import span
from golive.gates.rule import Finding
from golive.plan.milestone import Milestone, MilestoneKind
from golive.plan.timing import regions_of
from golive.plan.when import weekday
from golive.words import several

_PLACEHOLDER = re.compile(r"\b(TBD|TBC|TBA|TBS|FIXME|TODO|XXX+|lorem ipsum)\b|\?\?\?|…\s*$|<[A-Za-z][A-Za-z ]*>", re.I)
_NOTHING = re.compile(r"\s*(n\s*/\s*a|not applicable|none|nil|-+|\.+|\?+)\s*\.?\s*", re.I)
_DATED = re.compile(r"\b((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*),? +(\d{4})-(\d\d)-(\d\d)\b", re.I)


class ScheduleSane(Flag):
    """What is written down can be carried out in this order, on these days."""

    id = "schedule-sane"
    title = "Schedule sane"
    explanation = (
        "Weekdays match dates, business days and public holidays hold, sums add up, each outage has a decision before "
        "it, a wave waits for the exit criteria of the one before, and no text is TBD, a placeholder or a bare N/A"
    )
    evidence: ClassVar[tuple[str, ...]] = ()

    def claimed(self, facts: Facts) -> bool:
        return True

    def holds(self, facts: Facts) -> str:
        dates = len(facts.plan.milestones) + sum(1 for wave in facts.plan.waves if wave.planned)
        return f"{several(dates, 'date')} in order; no placeholder in any text"

    def judge(self, facts: Facts) -> Iterator[Finding]:
        yield from self._texts(facts)
        named = {milestone.name: milestone for milestone in facts.plan.milestones}
        for index, milestone in enumerate(facts.plan.milestones):
            path = f"milestones[{index}]"
            yield from self._day(facts, milestone, path)
            yield from self._after(facts, milestone, named, path)
            yield from self._sum(facts, milestone, named, path)
            yield from self._decided(facts, milestone, path)
        yield from self._waves(facts)

    def _texts(self, facts: Facts) -> Iterator[Finding]:
        for path, text in texts(facts.plan):
            if found := _PLACEHOLDER.search(text):
                remedy = "write what is meant, or who owes it and until when"
                yield self.found(facts, path, f"{path}: “{found[0].strip()}” is a placeholder", remedy)
            elif _NOTHING.fullmatch(text):
                yield self.found(
                    facts, path, f"{path}: “{text.strip()}” without a reason", "say why, or take the key out"
                )
            for word, *parts in _DATED.findall(text):
                yield from self._dated(facts, path, word, parts)

    def _dated(self, facts: Facts, path: str, word: str, parts: list[str]) -> Iterator[Finding]:
        try:
            on = date(int(parts[0]), int(parts[1]), int(parts[2]))
        except ValueError:
            yield self.found(facts, path, f"{path}: there is no {'-'.join(parts)}", "look at the calendar")
            return
        if weekday(word) != on.weekday():
            said = f"{path}: {on} is a {on:%A}, not a {word}"
            yield self.found(facts, path, said, "one of them is wrong: ask who wrote it")

    def _day(self, facts: Facts, milestone: Milestone, path: str) -> Iterator[Finding]:
        off = day_off(milestone.day, _regions(facts, milestone)) if milestone.business_day else ""
        if off:
            said = f"{milestone.name} is on {_day(milestone.day)}, which is no business day: {off}"
            yield self.found(facts, f"{path}.day", said, "choose a business day", milestone.name)

    def _after(
        self, facts: Facts, milestone: Milestone, named: Mapping[str, Milestone], path: str
    ) -> Iterator[Finding]:
        if milestone.after is None:
            return
        before = named.get(milestone.after)
        if before is None:
            said = f"{milestone.name} follows {milestone.after}, which is no milestone"
            yield self.found(facts, f"{path}.after", said, "write the name of a milestone", milestone.name)
            return
        if before.day > milestone.day:
            said = f"{milestone.name} is on {_day(milestone.day)}, before {before.name} on {_day(before.day)}"
            yield self.found(facts, f"{path}.day", said, "mend one of the dates", milestone.name)
        elif (count := milestone.business_days) is not None:
            due = add_business_days(before.day, count, _regions(facts, milestone))
            if due != milestone.day:
                said = f"{several(count, 'business day')} after {before.name} is {_day(due)}, not {_day(milestone.day)}"
                remedy = "mend the date or the number; public holidays count"
                yield self.found(facts, f"{path}.business_days", said, remedy, milestone.name)

    def _sum(self, facts: Facts, milestone: Milestone, named: Mapping[str, Milestone], path: str) -> Iterator[Finding]:
        if not milestone.parts or milestone.takes is None:
            return
        absent = [name for name in milestone.parts if name not in named or named[name].takes is None]
        for name in absent:
            said = f"how long {name} takes, a part of {milestone.name}, is not said"
            yield self.found(facts, f"{path}.parts", said, "add it as a milestone, with takes:", milestone.name)
        total = sum(named[name].takes or 0 for name in milestone.parts if name not in absent)
        if not absent and total != milestone.takes:
            said = f"{milestone.name} takes {span(milestone.takes)}, its parts add up to {span(total)}"
            yield self.found(facts, f"{path}.takes", said, "mend the sum or the parts", milestone.name)

    def _decided(self, facts: Facts, milestone: Milestone, path: str) -> Iterator[Finding]:
        if milestone.kind is not MilestoneKind.OUTAGE:
            return
        decisions = [
            one
            for one in facts.plan.milestones
            if one.kind is MilestoneKind.DECISION and one.site in (None, milestone.site)
        ]
        if not any(one.day < milestone.day for one in decisions):
            late = f": {decisions[0].name} is on {_day(decisions[0].day)}" if decisions else ""
            said = f"nobody decides before the outage {milestone.name} on {_day(milestone.day)}{late}"
            yield self.found(facts, path, said, "put a milestone of kind: decision before it", milestone.name)

    def _waves(self, facts: Facts) -> Iterator[Finding]:
        waves = facts.plan.waves
        for index in range(1, len(waves)):
            before, wave = waves[index - 1], waves[index]
            if before.planned is None or wave.planned is None:
                continue
            path = f"waves[{index}].planned"
            if not (facts.plan.hypercare and facts.plan.hypercare.exit):
                said = f"the wave {wave.name} follows {before.name}, and nothing says what must hold before it may"
                yield self.found(facts, path, said, "add hypercare: exit:, the criteria", wave.name)


def _regions(facts: Facts, milestone: Milestone) -> tuple[str, ...]:
    """Whose public holidays count: the site's, or those of all sites."""
    if milestone.site in facts.plan.sites:
        return regions_of(facts.plan, milestone.site)
    return tuple(dict.fromkeys(region for site in facts.plan.sites for region in regions_of(facts.plan, site)))


def _day(day: date) -> str:
    return f"{DAYS[day.weekday()]} {day}"
