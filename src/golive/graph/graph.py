"""The graph: all steps of a rollout. Immutable, ordered, and a tree of digests by stage and site."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

from golive.calendar.times import Times
from golive.calendar.timing import Timing
from golive.digest import digest
from golive.graph import rollout
from golive.graph.ahead import ahead
from golive.graph.policy import NOTHING_SAID, OnFailure
from golive.graph.rollout import Rollout
from golive.graph.step import Action, Place, Rerun, Stage, Step, Witness

_NOTHING = Action("nothing")


@dataclass(frozen=True)
class Graph:
    """Steps in an order in which every step stands behind what it needs."""

    solution: str
    version: str
    steps: tuple[Step, ...]
    plugins: Mapping[str, str] = field(default_factory=dict[str, str])
    rollout: Rollout = field(default_factory=Rollout)
    timings: Mapping[str, Timing] = field(default_factory=dict[str, Timing])
    """When steps may run, by site; only of sites at which the time holds anything back."""

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
    def of_site(self) -> Mapping[str | None, tuple[Step, ...]]:
        """The steps of each site, in order; those of no site under None."""
        found: dict[str | None, list[Step]] = {}
        for step in self.steps:
            found.setdefault(step.site, []).append(step)
        return {site: tuple(steps) for site, steps in found.items()}

    @cached_property
    def crossings(self) -> Mapping[str | None, tuple[str, ...]]:
        """The ids of each site's steps that are its point of no return."""
        return {site: tuple(step.id for step in steps if step.no_return) for site, steps in self.of_site.items()}

    @cached_property
    def memory(self) -> dict[Any, Any]:
        """What was found about parts of this graph, for functions that find the same from the same again and again."""
        return {}

    @cached_property
    def cutovers(self) -> Mapping[str, tuple[Step, ...]]:
        """The steps of each site's cutover, in order."""
        found: dict[str, list[Step]] = {}
        for step in self.steps:
            if step.stage is Stage.CUTOVER and step.site:
                found.setdefault(step.site, []).append(step)
        return {site: tuple(steps) for site, steps in found.items()}

    @cached_property
    def ahead(self) -> Mapping[str, float]:
        """For each step of a cutover the expected seconds up to the point of no return; see ``golive.graph.ahead``."""
        return ahead(self.steps)

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """The digest of each scope: ``site/stage``, ``site``, and the whole under the empty name.

        When steps may run is in the whole alone: a window that moves voids nothing that was done or signed.
        """
        found: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {}
        for step in self.steps:
            site = step.site or "-"
            for scope in (f"{site}/{step.stage}", site, ""):
                found.setdefault(scope, []).append((step.id, step.digest, tuple(sorted(step.needs))))
        whole = {scope: digest(sorted(parts)) for scope, parts in found.items()}
        more: list[Any] = [rollout.to_json(self.rollout)] if self.rollout != Rollout() else []
        policies = [[step.id, asdict(step.on_failure)] for step in self.steps if step.on_failure != NOTHING_SAID]
        more += [{"policies": policies}] if policies else []  # what nobody said adds nothing: older digests stay
        more += [{site: asdict(timing) for site, timing in self.timings.items()}] if self.timings else []
        whole[""] = digest([self.solution, self.version, dict(self.plugins), whole.get("", ""), *more])
        return whole

    @property
    def digest(self) -> str:
        """The digest of the whole graph."""
        return self.digests[""]


def to_json(graph: Graph) -> dict[str, Any]:
    """The graph as JSON values, with all digests, for ``golive graph --format json``."""
    return _whole(graph) | {"steps": [asdict(step) | {"digest": step.digest} for step in graph.steps]}


def to_store(graph: Graph) -> dict[str, Any]:
    """Likewise for the store: what several steps do, as twins that are brought to one baseline, is written once."""
    names: dict[int, str] = {}  # by identity: the same text is not hashed for each of them
    actions: dict[str, Any] = {}

    def name(action: Action | None) -> str | None:
        if action is None:
            return None
        if id(action) not in names:
            written = asdict(action)
            names[id(action)] = digest(written)
            actions[names[id(action)]] = written
        return names[id(action)]

    steps = [
        asdict(replace(step, do=_NOTHING, undo=None))
        | {"do": name(step.do), "undo": name(step.undo), "digest": step.digest}
        for step in graph.steps
    ]
    return _whole(graph) | {"actions": actions, "steps": steps}


def _whole(graph: Graph) -> dict[str, Any]:
    whole: dict[str, Any] = {"solution": graph.solution, "version": graph.version, "plugins": dict(graph.plugins)}
    whole |= {"rollout": rollout.to_json(graph.rollout)}
    if graph.timings:
        whole["timings"] = {site: asdict(timing) for site, timing in graph.timings.items()}
    return whole | {"digests": dict(graph.digests), "digest": graph.digest}


def from_json(data: Mapping[str, Any]) -> Graph:
    """The graph that ``to_store`` or ``to_json`` wrote. Raises KeyError, TypeError or ValueError on anything else.

    Digests are taken as they were written: a golive that computes them in another way must not void what was done.
    """
    actions = {name: Action(**item) for name, item in data.get("actions", {}).items()}

    def action(item: Any) -> Action | None:
        if item is None:
            return None
        return actions[item] if isinstance(item, str) else Action(**item)

    steps = tuple(_step(item, action(item["do"]), action(item["undo"])) for item in data["steps"])
    whole = rollout.from_json(data.get("rollout", {}))
    timings = {site: _timing(item) for site, item in data.get("timings", {}).items()}
    graph = Graph(data["solution"], data["version"], steps, data["plugins"], whole, timings)
    graph.__dict__["digests"] = dict(data["digests"])
    return graph


def _timing(item: Mapping[str, Any]) -> Timing:
    windows, freezes = (tuple(_times(times) for times in item[key]) for key in ("windows", "freezes"))
    planned = tuple((stage, at) for stage, at in item["planned"])
    changed: dict[str, Any] = {"windows": windows, "freezes": freezes, "planned": planned}
    return Timing(**{**item, **changed})


def _times(item: Mapping[str, Any]) -> Times:
    changed: dict[str, Any] = {"skips": tuple(item["skips"]), "scopes": tuple(item["scopes"])}
    return Times(**{**item, **changed})


def _step(item: Mapping[str, Any], do: Action | None, undo: Action | None) -> Step:
    written = {name: value for name, value in item.items() if name != "digest"}
    changed: dict[str, Any] = {
        "stage": Stage(item["stage"]),
        "do": do,
        "undo": undo,
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
