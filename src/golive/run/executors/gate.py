"""Opens the gate of a stage on evidence: gathers it, judges it, and writes both down."""

import secrets
from collections.abc import Callable

from golive.gates.criteria import frozen, rules
from golive.gates.facts import Facts
from golive.gates.rule import Severity, Verdict, Waiver, as_json, assess, judge
from golive.graph.graph import Graph
from golive.graph.step import Step
from golive.journal.events import Outcome
from golive.reconcile.state import State
from golive.run.evidence import Sources, gather
from golive.run.executors.interface import Job, Result, Unwitnessed
from golive.run.store import utc_now


class GateExecutor(Unwitnessed):
    """The executor of the kind ``gate``. It only looks: one that was cut off is judged again.

    Args:
        sources: where evidence is found.
        held: the graph that runs and how it stands, at the moment of asking.
    """

    def __init__(self, sources: Sources, held: Callable[[], tuple[Graph, State]]) -> None:
        self._sources, self._held = sources, held

    async def execute(self, job: Job) -> Result:
        """Gathers and judges."""
        await job.started()
        graph, state = self._held()
        facts, verdict = await look(job.step, graph, state, self._sources)
        # The nonce makes this refusal one of its kind: a waiver of it is a waiver of no other.
        evidence = {"rules": as_json(verdict), "nonce": secrets.token_hex(16), "baseline": frozen(facts)}
        evidence |= {"files": {results.file: results.sha256 for results in facts.results}}
        if verdict.go:
            return Result(Outcome.DONE, said(verdict), 0, evidence=evidence)
        return Result(Outcome.REFUSED, said(verdict), 3, evidence=evidence)


async def look(gate: Step, graph: Graph, state: State, sources: Sources) -> tuple[Facts, Verdict]:
    """How a gate stands now, and by which facts. Nothing is written anywhere."""
    now = utc_now()
    facts = await gather(gate, graph, state, now, sources)
    assessments = assess(rules(tuple(gate.do.inputs["criteria"])), facts)
    return facts, judge(gate.id, assessments, waivers(state), now)


def waivers(state: State) -> tuple[Waiver, ...]:
    """What people waived in this run."""
    return tuple(Waiver(one.step, one.rule, one.covers, one.person, one.reason, one.expires) for one in state.waivers)


def said(verdict: Verdict) -> str:
    """The verdict in one line."""
    waived = [one.assessment.rule for one in verdict.standings if one.waiver]
    if verdict.go:
        findings = [one for standing in verdict.standings for one in standing.assessment.findings]
        told = [one for one in findings if one.severity is Severity.WARNING]
        more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
        also = f", waived: {', '.join(waived)}" if waived else ""
        warned = f"; but {told[0].about}: {told[0].said}{more}" if told else ""
        return f"go: {len(verdict.standings)} criteria{also}{warned}"
    parts: list[str] = []
    for standing in verdict.against:
        findings = standing.assessment.findings
        first = next((one for one in findings if one.severity == "no-go"), findings[0])
        about = f" {first.about}:" if first.about else ""
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        parts.append(f"{standing.assessment.rule}:{about} {first.said}{more}")
    return f"no-go: {'; '.join(parts)}"
