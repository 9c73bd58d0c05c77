"""The pure core at the size of a large rollout: 200 sites of 40 steps."""

import statistics
from datetime import UTC, datetime

from benchmarks.figures import Figure, seconds
from golive.graph.graph import Graph, ordered
from golive.graph.step import Action, Stage, Step
from golive.journal.events import AttemptAllocated, AttemptEnded, AttemptStarted, CoordinatorStarted, Do, Outcome
from golive.reconcile.fold import apply
from golive.reconcile.moves import Run
from golive.reconcile.next import next_steps
from golive.reconcile.state import State

SITES, STEPS = 200, 40


def measure() -> list[Figure]:
    """Ordering, digests and `next_steps` after an event."""
    graph = Graph("bench", "1", ordered(_steps()))
    digests = seconds(lambda: graph.digest)
    state = apply(State(), CoordinatorStarted(1, "bench", "bench", "here", 1, "0"))
    now, taken = datetime.now(UTC), list[float]()
    for number in range(1, 31):
        moves = next_steps(graph, state, now)
        step = next(move.step for move in moves if isinstance(move, Run))
        for event in (
            AttemptAllocated(number, step.id, Do.DO, 1, step.digest, 1, step.lane),
            AttemptStarted(number),
            AttemptEnded(number, Outcome.DONE),
        ):
            state = apply(state, event)
        taken.append(seconds(lambda state=state: next_steps(graph, state, now)))
    return [
        Figure(f"digests of {SITES * STEPS} steps", digests, "s"),
        Figure("next_steps after an event", 1000 * statistics.median(taken), "ms"),
    ]


def _steps() -> list[Step]:
    made: list[Step] = []
    for site in range(SITES):
        for number in range(STEPS):
            name = f"site-{site}/deploy/step-{number}@host-{number % 4}"
            needs = (made[-1].id,) if number else ()
            action = Action("script", {"script": f"echo {number}", "secrets": []})
            made.append(Step(name, Stage.DEPLOY, "", action, f"site-{site}", f"host-{number % 4}", needs=needs))
    return made
