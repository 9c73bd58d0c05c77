"""Gate 2, twins equal: hosts that are to be alike are configured alike, were found alike, and were all tested."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import unified_diff
from fnmatch import fnmatchcase
from itertools import islice
from typing import ClassVar

from golive.flags.facts import Facts
from golive.flags.flag import Flag
from golive.gates.rule import Finding
from golive.graph.step import Stage
from golive.method.inventory import LASTING, differences
from golive.plan.evidence import Twins
from golive.words import several

_MOST = 3
"""So many differences of one pair are told."""
_KEPT = re.compile(r'(?<="/)[0-9a-f]{16}\b')
"""Where a step keeps the former state: a digest of its own id."""
_LANE = re.compile(r"[a-z][a-z0-9-]*/[a-z][a-z0-9-]*")
_ALIKE = ("os", "architecture", "kernel", "cpus", "memory")


class TwinsEqual(Flag):
    """Hosts declared identical have no difference, and every one of them appears in a passed test."""

    id = "twins-equal"
    title = "Twins equal"
    explanation = (
        "Hosts that are to be alike are made of the same text but for names and addresses, were found alike, and every "
        "one of them appears in a test that passed"
    )
    lesson = "TSB, 2018: two data centres that should have been alike, one of them tested; 5.2 million customers."
    evidence: ClassVar[tuple[str, ...]] = ("evidence.twins",)
    owner = "architect"

    def claimed(self, facts: Facts) -> bool:
        return bool(facts.plan.evidence.twins)

    def holds(self, facts: Facts) -> str:
        count = sum(len(twins.hosts) for twins in facts.plan.evidence.twins)
        return f"{several(count, 'host')} alike and tested"

    def judge(self, facts: Facts) -> Iterator[Finding]:
        tested = _tested(facts)
        for index, twins in enumerate(facts.plan.evidence.twins):
            lanes = _lanes(facts)
            known = [(place, lane) for place, lane in enumerate(twins.hosts) if lane in lanes]
            for place, lane in enumerate(twins.hosts):
                path = f"evidence.twins[{index}].hosts[{place}]"
                if lane not in lanes:
                    yield self.found(facts, path, f"there is no host {lane}", "write it as SITE/HOST", lane)
                elif lane not in tested:
                    said = f"no test that passed is about {lane}"
                    yield self.found(facts, path, said, f"test it: a case whose name holds {lane} shows it", lane)
            for place, lane in known[1:]:
                yield from self._pair(facts, twins, known[0][1], lane, f"evidence.twins[{index}].hosts[{place}]")

    def _pair(self, facts: Facts, twins: Twins, one: str, other: str, path: str) -> Iterator[Finding]:
        found = [
            text
            for text in (*_planned(facts, one, other), *_found(facts, one, other))
            if not any(fnmatchcase(text, pattern) for pattern in twins.differ)
        ]
        for text in found[:_MOST]:
            remedy = "make them alike, or name it below differ: where it has to be so"
            yield self.found(facts, path, f"{one} and {other} differ: {text}", remedy, other)
        if len(found) > _MOST:
            said = f"{one} and {other} differ in {len(found) - _MOST} more places"
            yield self.found(facts, path, said, "make them alike", other)


def _lanes(facts: Facts) -> set[str]:
    return {f"{site}/{host}" for site, spec in facts.plan.sites.items() for host in spec.hosts}


def _tested(facts: Facts) -> frozenset[str]:
    """The hosts that are named by tests of this version that passed, and by what trials of it have shown."""
    version = facts.plan.solution.version
    passed = (case.names for case in facts.cases if case.outcome == "passed" and case.version == version)
    shown = (trial.shows for trial in facts.plan.evidence.trials if trial.state == "done" and trial.version == version)
    return frozenset(lane for names in (*passed, *shown) for name in names for lane in _LANE.findall(name))


def _planned(facts: Facts, one: str, other: str) -> Iterator[str]:
    """Lines of the hosts' scripts that differ once names and addresses are taken for equal."""
    first, second = _scripts(facts, one), _scripts(facts, other)
    for name in dict.fromkeys((*first, *second)):
        if name not in first or name not in second:
            yield f"{name} is done on {one if name in first else other} only"
        elif first[name] != second[name]:
            yield from (f"{name}: {text}" for text in islice(_lines(first[name], second[name]), _MOST + 1))


def _lines(one: Sequence[str], other: Sequence[str]) -> Iterator[str]:
    gone: list[str] = []
    for line in unified_diff(one, other, lineterm="", n=0):
        if line.startswith("-") and not line.startswith("---"):
            gone.append(line[1:].strip())
        elif line.startswith("+") and not line.startswith("+++"):
            yield f"“{gone.pop(0) if gone else ''}” and “{line[1:].strip()}”"
    yield from (f"“{line}” and nothing" for line in gone)


def _scripts(facts: Facts, lane: str) -> Mapping[str, list[str]]:
    """What is done on a host, by step without its site and host, as lines with placeholders."""
    site, _, host = lane.partition("/")
    names = _placeholders(facts, site, host)
    found: dict[str, list[str]] = {}
    for step in facts.steps_at.get(lane, ()):
        if step.stage not in (Stage.BASELINE, Stage.DEPLOY):  # tasks of the cutover may run on one host only
            continue
        text = str(step.do.inputs.get("script", ""))
        for name, word in names:
            text = text.replace(name, word)
        text = _KEPT.sub("<kept>", text)
        found[step.id.removeprefix(f"{site}/").removesuffix(f"@{host}")] = text.splitlines()
    return found


def _placeholders(facts: Facts, site: str, host: str) -> list[tuple[str, str]]:
    """Names and addresses of a site's hosts, longest first, each with a word that is the same at every site."""
    spec = facts.plan.sites[site]
    words = {spec.hosts[host].address: "<address>", f"@{host}": "@<host>", f"{site}/": "<site>/"}
    for role in dict.fromkeys(of.role for of in spec.hosts.values()):
        for place, name in enumerate(spec.with_role(role), 1):
            words.setdefault(spec.hosts[name].address, f"<address of {role} {place}>")
    return sorted(words.items(), key=lambda item: -len(item[0]))


def _found(facts: Facts, one: str, other: str) -> Iterator[str]:
    first, second = facts.surveyed.get(one), facts.surveyed.get(other)
    if first is None or second is None:
        return
    for name in _ALIKE:
        if first.get(name) != second.get(name):
            yield f"{name}: {first.get(name, 'unknown')} and {second.get(name, 'unknown')}"
    yield from differences(first, second, LASTING)
