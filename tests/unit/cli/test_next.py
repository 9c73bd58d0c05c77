"""What a person is told to do next: what failed, and who is waited for elsewhere meanwhile."""

from golive.cli.progress import SHOWN, next_for
from golive.errors import Exit
from golive.graph.graph import Graph, ordered
from golive.graph.step import Action, Stage, Step
from golive.journal.events import AttemptAllocated, AttemptEnded, DecisionAsked, Do, Event, Outcome
from golive.reconcile.fold import fold
from golive.reconcile.verdict import verdict


def told(asking: int) -> list[str]:
    """Of a rollout in which one site failed, and others ask whether they may begin."""
    bad = Step("lyon/deploy/api", Stage.DEPLOY, "", Action("script"), "lyon")
    names = [f"site-{number}" for number in range(asking)]
    asks = [Step(f"{name}/deploy/go", Stage.DEPLOY, "", Action("decision"), name) for name in names]
    graph = Graph("notes", "1", ordered([bad, *asks]))
    events: list[Event] = [AttemptAllocated(1, bad.id, Do.DO, 1, bad.digest, 1, ""), AttemptEnded(1, Outcome.FAILED)]
    for number, step in enumerate(asks, 2):
        events.append(DecisionAsked(number, step.id, "?", "", "n", "2030-01-01T00:00:00+00:00", "s", "e"))
    state = fold(events)
    assert verdict(graph, state) is Exit.FAILED
    return next_for(Exit.FAILED, None, graph, state)


def test_who_is_waited_for_elsewhere_is_named_beside_a_failure() -> None:
    mend, ask = told(1)
    assert mend.startswith("mend it, then golive run tries again")
    assert ask == "golive approve site-0/deploy/go --as PERSON --key FILE (all about it: golive tasks)"
    assert told(0) == [mend]


def test_of_many_who_are_waited_for_a_few_are_named() -> None:
    assert len(told(SHOWN)) == SHOWN + 1
    assert told(40)[-1] == f"golive tasks shows {40 - SHOWN} more that wait for people"
