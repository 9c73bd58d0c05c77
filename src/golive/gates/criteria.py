"""The entry criteria of stages as rules. Each is made of the inputs of the gate's step, which hold all that it wants.

1. Hardware: every host answered, and meets every requirement of the architecture.
2. Baseline: every host was brought to its baseline, as the plan has it now; the reports are frozen by one digest.
3. Drift: what each host was like then, beside what it is like now. It is told and closes no gate.
4. Tests: see ``golive.gates.testing``. Defects: no more open ones of a priority than the plan allows.
5. What the plan asks for itself: a file is there and not too old, a check holds on every host, a person attests.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from golive.digest import digest
from golive.gates.facts import Facts
from golive.gates.rule import Finding, Rule, Severity
from golive.gates.testing import tests
from golive.words import several

Criterion = Mapping[str, Any]
"""One criterion as it stands in the inputs of a gate's step: ``kind``, ``id``, ``path`` and what the kind asks for."""


def rules(criteria: tuple[Criterion, ...]) -> tuple[Rule[Facts], ...]:
    """The rules that these criteria are."""
    return tuple(_KINDS[criterion["kind"]](criterion) for criterion in criteria)


def _hardware(criterion: Criterion) -> Rule[Facts]:
    def judge(facts: Facts) -> Iterator[Finding]:
        for host in facts.hosts:
            short = [row for row in host.rows if not row["holds"]]
            if host.survey == "pending":
                yield Finding("it was not surveyed yet", host.name, "golive run --until baseline surveys it")
            elif host.survey != "done" and not short:
                yield Finding(f"its survey is {host.survey}: {host.note}", host.name, "mend it and run golive again")
            for row in short:
                said = f"{row['name']}: {row['required']} required, {row['found']} found"
                facts_of = {"requirement": row["name"], "required": row["required"]}
                yield Finding(said, host.name, "mend the host, or change roles: hardware:", facts=facts_of)

    def holds(facts: Facts) -> str:
        met = several(sum(len(host.rows) for host in facts.hosts), "requirement")
        return f"{several(len(facts.hosts), 'host')} met {met}"

    said = "Hardware is procured and the production environment installed: every host meets the architecture"
    return Rule(criterion["id"], said, judge, holds, criterion["path"])


def _baseline(criterion: Criterion) -> Rule[Facts]:
    def judge(facts: Facts) -> Iterator[Finding]:
        for host in facts.hosts:
            if host.baseline in ("", "done"):
                continue
            said = "its baseline is not there yet" if host.baseline == "pending" else f"its baseline is {host.baseline}"
            note = f": {host.note}" if host.note else ""
            yield Finding(f"{said}{note}", host.name, "golive run --until baseline")

    def holds(facts: Facts) -> str:
        ready = [host for host in facts.hosts if host.baseline]
        if not ready:
            return "the plan asks nothing of any host"
        count = sum(host.resources for host in ready)
        return f"{several(len(ready), 'host')} conform in {several(count, 'resource')}, frozen as {frozen(facts)[:12]}"

    said = "The baseline is ready: every host conforms, and the report is frozen by its digest"
    return Rule(criterion["id"], said, judge, holds, criterion["path"])


def frozen(facts: Facts) -> str:
    """The digest of the conformance report of all hosts."""
    return digest(sorted([host.name, host.resources, host.conformance] for host in facts.hosts if host.baseline))


def _drift(criterion: Criterion) -> Rule[Facts]:
    def judge(facts: Facts) -> Iterator[Finding]:
        for host, why in facts.unseen.items():
            yield Finding(f"its drift is not known: {why}", host, "golive drift asks again", Severity.WARNING)
        for host, lines in facts.drift.items():
            for line in lines:
                hint = "golive drift shows how; mend the host, or the plan"
                yield Finding(f"has changed since its baseline: {line}", host, hint, Severity.WARNING)

    def holds(facts: Facts) -> str:
        return (
            f"{several(len(facts.drift), 'host')} as the baseline left them"
            if facts.drift
            else "no baseline to compare with"
        )

    said = "What has drifted since the baseline is told"
    return Rule(criterion["id"], said, judge, holds, criterion["path"])


def _defects(criterion: Criterion) -> Rule[Facts]:
    closed = {status.casefold() for status in criterion["closed"]}
    allowed = {priority.casefold(): (priority, most) for priority, most in criterion["at_most"].items()}

    def still(facts: Facts) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for defect in facts.defects:
            if defect.status.casefold() not in closed:
                found.setdefault(defect.priority.casefold(), []).append(defect.id)
        return found

    def judge(facts: Facts) -> Iterator[Finding]:
        if why := facts.unread.get(criterion["file"]):
            yield Finding(f"{criterion['file']} cannot be read: {why}", hint="put the register there")
            return
        for priority, ids in still(facts).items():
            named, most = allowed.get(priority, (priority or "without a priority", None))
            if most is None:
                said = f"{len(ids)} open of priority {named}, for which at_most sets no limit: {some(ids)}"
                yield Finding(said, named, "set a limit, or mend the register", facts={"open": sorted(ids)})
            elif len(ids) > most:
                said = f"{len(ids)} open of priority {named}, at most {most} allowed: {some(ids)}"
                yield Finding(said, named, "close them, or have it waived", facts={"open": sorted(ids)})

    def holds(facts: Facts) -> str:
        open_ones = still(facts)
        counts = [f"{len(open_ones.get(key, []))} {name} (at most {most})" for key, (name, most) in allowed.items()]
        return f"open defects: {', '.join(counts) or 'none'}"

    return Rule(criterion["id"], "Open defects are within the limits", judge, holds, criterion["path"])


def _file(criterion: Criterion) -> Rule[Facts]:
    name, within = criterion["file"], criterion["within"]

    def judge(facts: Facts) -> Iterator[Finding]:
        if name not in facts.files:
            yield Finding(f"{name}: {facts.unread.get(name, 'it is not there')}", hint="put the file there")
        elif within and age(facts, name) > within:
            said = f"{name} is {days(age(facts, name))} old, at most {days(within)} allowed"
            yield Finding(said, hint="bring it up to date", facts={"sha256": facts.files[name].sha256})
        elif facts.files[name].size == 0:
            yield Finding(f"{name} is empty", hint="put the evidence there")

    def age(facts: Facts, name: str) -> float:
        return (facts.now - facts.files[name].dated).total_seconds()

    def holds(facts: Facts) -> str:
        return f"{name} is there, SHA-256 {facts.files[name].sha256[:12]}"

    return Rule(criterion["id"], criterion["said"], judge, holds, criterion["path"])


def _check(criterion: Criterion) -> Rule[Facts]:
    def judge(facts: Facts) -> Iterator[Finding]:
        found = facts.checks.get(criterion["id"], ())
        if not found:
            yield Finding("it was not looked at: no host was asked", hint="golive gates asks the hosts")
        for one in found:
            if not one.holds:
                yield Finding(f"does not hold: {one.said}", one.host, "mend it", facts={"host": one.host})

    def holds(facts: Facts) -> str:
        return f"holds on {', '.join(one.host for one in facts.checks[criterion['id']])}"

    return Rule(criterion["id"], criterion["said"], judge, holds, criterion["path"])


def _attest(criterion: Criterion) -> Rule[Facts]:
    step = criterion["step"]

    def judge(facts: Facts) -> Iterator[Finding]:
        signed = facts.signed.get(step)
        if signed is None or signed.status != "done":
            stands = signed.status if signed else "pending"
            words = {"pending": "nobody was asked yet", "waiting": "it waits for an answer"}
            hints = {"pending": "golive run asks, once all before it is done", "waiting": f"golive approve {step}"}
            said = words.get(stands, f"it is {stands}") + (f": {signed.note}" if signed and signed.note else "")
            yield Finding(said, hint=hints.get(stands, "golive run asks again"), owner=criterion["role"])

    def holds(facts: Facts) -> str:
        return f"signed by {' and '.join(facts.signed[step].people)}"

    return Rule(criterion["id"], criterion["said"], judge, holds, criterion["path"])


def some(names: list[str], most: int = 5) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(sorted(names)[:most]) + more


def days(seconds: float) -> str:
    """A span of time as people say it of evidence."""
    return f"{seconds / 86400:.0f} d" if seconds >= 86400 else f"{seconds / 3600:.1f} h"


_KINDS: Mapping[str, Callable[[Criterion], Rule[Facts]]] = {
    "hardware": _hardware,
    "baseline": _baseline,
    "drift": _drift,
    "tests": tests,
    "defects": _defects,
    "file": _file,
    "check": _check,
    "attest": _attest,
}
