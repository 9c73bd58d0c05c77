"""Gate 9, back-out executable: an artifact, criteria, one authority, a rehearsal, and the time for it."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import ClassVar

from golive.calendar.presence import Presence, presence
from golive.flags.facts import Facts
from golive.flags.flag import Flag
from golive.flags.words import some, span, young_until
from golive.gates.rule import Finding
from golive.graph.step import Stage
from golive.plan.contingency import BackOut
from golive.plan.site import Site
from golive.plan.timing import hours_of

_CIRCULAR = re.compile(r"\bback(ed|s|ing)?[- ]?out\b|\broll(ed|s|ing)?[- ]?back\b|\bdeci(ded?|des|sion)\b", re.I)


class BackOutExecutable(Flag):
    """A back-out that was never tried, or for which there is no time, is none."""

    id = "back-out-executable"
    title = "Back-out executable"
    explanation = (
        "The old version is at hand, the criteria are numbers and not the decision itself, one person decides and is "
        "there, each action has a check, and what the back-out took in its rehearsal fits behind the last checkpoint"
    )
    evidence: ClassVar[tuple[str, ...]] = ("contingency.back_out",)

    def claimed(self, facts: Facts) -> bool:
        return bool(facts.plan.contingency and facts.plan.contingency.back_out)

    def holds(self, facts: Facts) -> str:
        back_out = _back_out(facts)
        return f"rehearsed on {back_out.rehearsed}, took {span(back_out.took or 0)}"

    def lasts(self, facts: Facts) -> Iterator[date]:
        if day := _back_out(facts).rehearsed:
            yield young_until(day, facts.plan.flags.tested_within)

    def judge(self, facts: Facts) -> Iterator[Finding]:
        back_out, path = _back_out(facts), "contingency.back_out"
        if back_out.artifact and (why := facts.missing(back_out.artifact)):
            yield self.found(facts, f"{path}.artifact", f"the old version: {why}", "bring it back to hand")
        yield from self._criteria(facts, back_out, path)
        yield from self._authority(facts, back_out, path)
        for index, action in enumerate(back_out.actions):
            if not action.check:
                said = f"nothing checks that “{action.do}” worked"
                yield self.found(facts, f"{path}.actions[{index}]", said, "add check:")
        yield from self._rehearsed(facts, back_out, path)
        yield from self._in_time(facts, back_out, path)

    def _criteria(self, facts: Facts, back_out: BackOut, path: str) -> Iterator[Finding]:
        if not back_out.criteria:
            remedy = "add criteria: with a metric and a number"
            yield self.found(facts, path, "nothing says when to go back", remedy)
        for index, criterion in enumerate(back_out.criteria):
            at = f"{path}.criteria[{index}]"
            if _CIRCULAR.search(criterion.says):
                said = f"the criterion is circular: “{criterion.says}”"
                yield self.found(facts, at, said, "say what is seen, not what is decided")
            elif criterion.metric is None or (criterion.above is None and criterion.below is None):
                said = f"the criterion cannot be measured: “{criterion.says}”"
                yield self.found(facts, at, said, "add metric:, and above: or below: with a number")

    def _authority(self, facts: Facts, back_out: BackOut, path: str) -> Iterator[Finding]:
        names, at = back_out.authority, f"{path}.authority" if back_out.authority else path
        if len(names) != 1:
            said = f"{' and '.join(names)} decide together" if names else "nobody may decide to go back"
            yield self.found(facts, at, said, "name one person; the others advise")
        for name in names:
            if name not in facts.plan.people:
                yield self.found(facts, at, f"{name}, who decides, is not in people", "add the person", name)
            elif away := _away(facts, name):
                said = f"{name}, who decides, is not there when {away}"
                yield self.found(facts, at, said, "name somebody who is, or agree on a shift", name)

    def _rehearsed(self, facts: Facts, back_out: BackOut, path: str) -> Iterator[Finding]:
        if back_out.rehearsed is None or back_out.took is None:
            remedy = "rehearse it, and write rehearsed: and took: here"
            yield self.found(facts, path, "the back-out was never rehearsed", remedy)
        elif young_until(back_out.rehearsed, within := facts.plan.flags.tested_within) < facts.today:
            said = f"the back-out was last rehearsed on {back_out.rehearsed}, more than {span(within)} ago"
            yield self.found(facts, f"{path}.rehearsed", said, "rehearse it again")

    def _in_time(self, facts: Facts, back_out: BackOut, path: str) -> Iterator[Finding]:
        if back_out.took is None:
            return
        late: dict[tuple[float, float], list[str]] = {}
        margin = facts.plan.flags.back_out_margin
        for name, site in facts.plan.sites.items():
            window, forward = back_out.window or _window(site), _forward(facts, name)
            if window is not None and forward + back_out.took + margin > window:
                late.setdefault((window, forward), []).append(name)
        for (window, forward), sites in late.items():
            said = f"at {some(sites)} it takes {span(forward)} to the last checkpoint and {span(back_out.took)} back"
            kept = f", with a margin of {span(margin)}" if margin else ""
            at = f"{path}.window" if back_out.window else f"sites.{sites[0]}.windows"
            remedy = "a longer window, a shorter way, or an earlier checkpoint"
            yield self.found(facts, at, f"{said}{kept}; the window is {span(window)}", remedy, sites[0])


def _back_out(facts: Facts) -> BackOut:
    assert facts.plan.contingency and facts.plan.contingency.back_out, "only asked when it is claimed"
    return facts.plan.contingency.back_out


def _away(facts: Facts, person: str) -> str:
    """When a person who decides is known not to be there; empty: never."""
    hours = hours_of(facts.plan, person)
    known: dict[datetime, str] = {}
    for site in facts.plan.sites:
        at = facts.go_live(site)
        if at is None:
            continue
        if at not in known:
            found = presence(hours, at)
            known[at] = "" if found.presence in (Presence.WORKS, Presence.UNKNOWN) else found.because
        if known[at]:
            return f"{site} goes live: {known[at]}"
    return ""


def _window(site: Site) -> float | None:
    """How long the shortest window is in which a site's cutover may run; None: there is none."""
    lengths = [
        window.length().total_seconds()
        for window in site.windows
        if not window.scopes or any(scope.startswith("cutover") for scope in window.scopes)
    ]
    return min(lengths, default=None)


def _forward(facts: Facts, site: str) -> float:
    """How long the cutover takes up to the point of no return, when nothing but needs holds it back."""
    ends: dict[str, float] = {}
    for step in facts.steps_of.get(site, ()):
        if step.stage is Stage.CUTOVER and not step.no_return:
            ends[step.id] = max((ends.get(need, 0.0) for need in step.needs), default=0.0) + step.planned
    return max(ends.values(), default=0.0)
