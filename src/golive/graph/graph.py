"""The graph: all steps of a rollout. Immutable, ordered, and a tree of digests by stage and site."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from golive.digest import digest
from golive.graph.policy import NOTHING_SAID, OnFailure
from golive.graph.step import Action, Place, Rerun, Stage, Step, Witness


@dataclass(frozen=True)
class Graph:
    """Steps in an order in which every step stands behind what it needs."""

    solution: str
    version: str
    steps: tuple[Step, ...]
    plugins: Mapping[str, str] = field(default_factory=dict[str, str])

    @cached_property
    def by_id(self) -> Mapping[str, Step]:
        """The steps by their ids."""
        return {step.id: step for step in self.steps}

    @cached_property
    def needed_by(self) -> Mapping[str, tuple[str, ...]]:
        """For each step the ids of those that need it directly."""
        found: dict[str, list[str]] = {step.id: [] for step in self.steps}
        for step in self.steps:
            for need in step.needs:
                found[need].append(step.id)
        return {name: tuple(others) for name, others in found.items()}

    @cached_property
    def sites(self) -> tuple[str, ...]:
        """The sites, in order of their first step."""
        return tuple(dict.fromkeys(step.site for step in self.steps if step.site))

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """The digest of each scope: ``site/stage``, ``site``, and the whole under the empty name."""
        found: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {}
        for step in self.steps:
            site = step.site or "-"
            for scope in (f"{site}/{step.stage}", site, ""):
                found.setdefault(scope, []).append((step.id, step.digest, tuple(sorted(step.needs))))
        whole = {scope: digest(sorted(parts)) for scope, parts in found.items()}
        policies = [[step.id, asdict(step.on_failure)] for step in self.steps if step.on_failure != NOTHING_SAID]
        said = [policies] if policies else []  # what nobody said adds nothing: older graphs keep their digests
        whole[""] = digest([self.solution, self.version, dict(self.plugins), whole.get("", ""), *said])
        return whole

    @property
    def digest(self) -> str:
        """The digest of the whole graph."""
        return self.digests[""]


def to_json(graph: Graph) -> dict[str, Any]:
    """The graph as JSON values, with all digests, for the store and for ``golive graph --format json``."""
    steps = [asdict(step) | {"digest": step.digest} for step in graph.steps]
    whole = {"solution": graph.solution, "version": graph.version, "plugins": dict(graph.plugins)}
    return whole | {"steps": steps, "digests": dict(graph.digests), "digest": graph.digest}


def from_json(data: Mapping[str, Any]) -> Graph:
    """The graph that ``to_json`` wrote. Raises KeyError, TypeError or ValueError on anything else.

    Digests are taken as they were written: a golive that computes them in another way must not void what was done.
    """
    graph = Graph(data["solution"], data["version"], tuple(_step(item) for item in data["steps"]), data["plugins"])
    graph.__dict__["digests"] = dict(data["digests"])
    return graph


def _step(item: Mapping[str, Any]) -> Step:
    written = {name: value for name, value in item.items() if name != "digest"}
    changed: dict[str, Any] = {
        "stage": Stage(item["stage"]),
        "do": Action(**item["do"]),
        "undo": Action(**item["undo"]) if item["undo"] else None,
        "place": Place(**item["place"]) if item["place"] else None,
        "needs": tuple(item["needs"]),
        "undo_after": tuple(item["undo_after"]),
        "rerun": Rerun(item["rerun"]),
        "witness": Witness(item["witness"]),
        "on_failure": OnFailure(**item.get("on_failure", {})),  # graphs of an older golive say nothing about it
    }
    step = Step(**{**written, **changed})
    step.__dict__["digest"] = item["digest"]
    return step


def ordered(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps so that each stands behind what it needs, otherwise as they came.

    Raises ValueError on an id that stands twice, on a need that is no step, and on a circle.
    """
    by_id: dict[str, Step] = {}
    for step in steps:
        if step.id in by_id:
            raise ValueError(f"two steps are called {step.id}")
        by_id[step.id] = step
    result: dict[str, Step] = {}
    pending: set[str] = set()
    for root in by_id:
        _visit(root, by_id, result, pending)
    return tuple(result.values())


def _visit(root: str, by_id: Mapping[str, Step], result: dict[str, Step], pending: set[str]) -> None:
    stack = [(root, iter(by_id[root].needs))] if root not in result else []
    pending.update(name for name, _ in stack)
    while stack:
        name, needs = stack[-1]
        need = next((need for need in needs if need not in result), None)
        if need is None:
            result[name] = by_id[name]
            pending.discard(name)
            stack.pop()
        elif need not in by_id:
            raise ValueError(f"{name} needs {need}, which is no step")
        elif need in pending:
            raise ValueError(f"{need} needs itself, by way of {name}")
        else:
            pending.add(need)
            stack.append((need, iter(by_id[need].needs)))
