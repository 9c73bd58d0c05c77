"""What a step costs beside what it does: compiling, deciding, and carrying out, at the size of a large rollout."""

import asyncio
import statistics
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figure, seconds
from benchmarks.made_up import PROJECT, Sleeps, begun, plan, steps
from golive.cli.context import installed_kinds, load_plan
from golive.graph.compile import compile_plan
from golive.graph.graph import Graph
from golive.journal.events import AttemptAllocated, AttemptEnded, AttemptStarted, CoordinatorStarted, Do, Outcome
from golive.reconcile.fold import apply
from golive.reconcile.moves import Run
from golive.reconcile.next import next_steps
from golive.reconcile.state import State
from golive.run.coordinator import Coordinator, Options
from golive.run.store import Store

SITES = 200


def measure() -> list[Figure]:
    """All figures of one process; each the median of several."""
    graph, compiling = _compiled()
    size = f"{len(graph.steps)} steps"
    return [
        Figure(f"compile {SITES} sites, {size}, with all digests", compiling, "s", 2.0),
        Figure(f"next_steps after an event, {size}", 1000 * deciding(graph), "ms", 5.0),
        Figure("in this process, 200 ready: a step that does nothing", 1000 * _carried(200, False), "ms", 5.0),
        Figure("in this process, a chain of 100: the same", 1000 * _carried(100, True), "ms", 8.0),
    ]


def _compiled(times: int = 3) -> tuple[Graph, float]:
    """The graph of a plan of 200 sites, and the seconds that compiling it takes; reading its file is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "golive.yaml"
        path.write_text(plan(SITES), encoding="utf-8")
        loaded, kinds = load_plan(path), installed_kinds()
    graphs: list[Graph] = []

    def compile_once() -> None:
        graphs.append(compile_plan(loaded, kinds))
        assert graphs[-1].digest == graphs[0].digest

    taken = [seconds(compile_once) for _ in range(times)]
    return graphs[0], statistics.median(taken)


def deciding(graph: Graph, events: int = 30) -> float:
    """Seconds of ``next_steps`` after an event, as steps are begun and done one by one."""
    state = apply(State(), CoordinatorStarted(1, "bench", "bench", "here", 1, "0"))
    now, taken = datetime.now(UTC), list[float]()
    for number in range(1, events + 1):
        step = next(move.step for move in next_steps(graph, state, now) if isinstance(move, Run))
        for event in (
            AttemptAllocated(number, step.id, Do.DO, 1, step.digest, 1, step.lane),
            AttemptStarted(number),
            AttemptEnded(number, Outcome.DONE),
        ):
            state = apply(state, event)
            taken.append(seconds(lambda state=state: next_steps(graph, state, now)))
    return statistics.median(taken)


def _carried(count: int, chain: bool, times: int = 3) -> float:
    """Seconds a step, of a whole run of steps that do nothing, over SQLite."""
    return statistics.median(_run(count, chain) for _ in range(times)) / count


def _run(count: int, chain: bool) -> float:
    with tempfile.TemporaryDirectory() as folder:
        graph = steps(count, 0.0, chain)
        journal = begun(Store(Path(folder) / "journal.db"), graph)
        coordinator = Coordinator(journal, graph, PROJECT, {"script": Sleeps()}, Options(), lambda _step, _piece: None)
        taken = seconds(lambda: _ends(coordinator))
        journal.store.close()
        return taken


def _ends(coordinator: Coordinator) -> None:
    assert asyncio.run(coordinator.run()) == 0
