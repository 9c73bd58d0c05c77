"""The graph as Mermaid text, which wikis and code hosts draw: boxes by site and stage, the critical path bold. Pure."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise

from golive.graph.forecast import Forecast
from golive.graph.graph import Graph
from golive.graph.order import direct
from golive.graph.step import Step
from golive.graph.words import span

_STRANGE = re.compile(r"[^\w .,:;!?()/@+*=_'-]")
_LOOKS: Mapping[str, str] = {
    "done": "fill:#e2f1e4",
    "running": "fill:#dcebfa",
    "waiting": "fill:#fff3d0",
    "undone": "fill:#ececec",
    "pending": "fill:#ffffff",
}
_BAD = "fill:#fbdedb"


def mermaid(graph: Graph, steps: Sequence[Step], status: Mapping[str, str]) -> str:
    """The steps as a Mermaid flowchart.

    Args:
        graph: the whole graph; the critical path and the expected end are told from it.
        steps: the steps to show, any part of the graph, each behind what it needs.
        status: how each step stands, by id; pending when it is not named.
    """
    found = Forecast(graph)
    names = {step.id: f"s{number}" for number, step in enumerate(steps)}
    title = f"{graph.solution} {graph.version}, expected to end at {found.at(found.times.total)}"
    lines = ["---", f"title: {json.dumps(title)}", "---", "flowchart TB"]
    lines += _boxes(steps, names)
    lines += _arrows(steps, names, set(pairwise(found.times.critical)))
    lines += _looks(steps, names, found.critical, status)
    return "\n".join([*lines, ""])


def _boxes(steps: Sequence[Step], names: Mapping[str, str]) -> Iterator[str]:
    ordered = sorted(steps, key=lambda step: (step.site or "", step.stage.order))
    for number, ((site, stage), held) in enumerate(groupby(ordered, key=lambda step: (step.site, step.stage))):
        yield f'  subgraph g{number}["{_text(site or "controller")}: {stage}"]'
        for step in held:
            mark = " ⚠ point of no return" if step.no_return else ""
            yield f'    {names[step.id]}["{_text(step.id.rpartition("/")[2])}<br/>{span(step.planned)}{mark}"]'
        yield "  end"


def _arrows(steps: Sequence[Step], names: Mapping[str, str], critical: set[tuple[str, str]]) -> Iterator[str]:
    """One for each need that no other need implies, and for each leg of the critical path; that in bold."""
    needs = direct(steps)
    for step in steps:
        legs = [start for start, end in critical if end == step.id and start in names]
        for need in dict.fromkeys([*needs[step.id], *legs]):
            yield f"  {names[need]} {'==>' if (need, step.id) in critical else '-->'} {names[step.id]}"


def _looks(
    steps: Sequence[Step], names: Mapping[str, str], critical: frozenset[str], status: Mapping[str, str]
) -> Iterator[str]:
    yield "  classDef critical stroke:#1c2733,stroke-width:3px"
    if on_path := [names[step.id] for step in steps if step.id in critical]:
        yield f"  class {','.join(on_path)} critical"
    for name in dict.fromkeys(status.get(step.id, "pending") for step in steps):
        held = [names[step.id] for step in steps if status.get(step.id, "pending") == name]
        yield f"  classDef {_word(name)} {_LOOKS.get(name, _BAD)}"
        yield f"  class {','.join(held)} {_word(name)}"


def _text(text: str) -> str:
    """A text between quotes: whatever Mermaid could obey is written as its number."""
    return _STRANGE.sub(lambda found: f"#{ord(found[0])};" if found[0].isprintable() else " ", text)


def _word(text: str) -> str:
    return "is-" + re.sub(r"[^a-z]", "", text)
