"""The forms in which ``golive graph`` shows steps."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from golive.graph.graph import Graph
    from golive.graph.step import Step

Draw = Callable[["Graph", "Sequence[Step]", Mapping[str, str]], str]


def _text(graph: "Graph", steps: "Sequence[Step]", status: Mapping[str, str]) -> str:
    from golive.graph.draw import text

    return text(graph, steps, status)


def _svg(graph: "Graph", steps: "Sequence[Step]", status: Mapping[str, str]) -> str:
    from golive.graph.draw import svg

    return svg(graph, steps, status)


def _mermaid(graph: "Graph", steps: "Sequence[Step]", status: Mapping[str, str]) -> str:
    from golive.graph.mermaid import mermaid

    return mermaid(graph, steps, status)


def _json(graph: "Graph", steps: "Sequence[Step]", status: Mapping[str, str]) -> str:
    """As the graph is stored, with when each step is expected, and the critical path of the whole."""
    import json
    from datetime import timedelta

    from golive.graph.forecast import Forecast
    from golive.graph.graph import to_json

    found, keep = Forecast(graph), {step.id for step in steps}
    times, data = found.times, to_json(graph)
    data["expected"] = {
        "begin": found.begin.isoformat() if found.begin else None,
        "end": (found.begin + timedelta(seconds=times.total)).isoformat() if found.begin else None,
        "seconds": times.total,
        "critical": times.critical,
        "never": times.never,
    }
    data["steps"] = [
        step
        | {"status": status[step["id"]], "start": times.start[step["id"]], "end": times.end[step["id"]]}
        | {"critical": step["id"] in found.critical}
        for step in data["steps"]
        if step["id"] in keep
    ]
    return json.dumps(data, indent=2)


DRAWN: Mapping[str, Draw] = {"text": _text, "json": _json, "svg": _svg, "mermaid": _mermaid}
"""By the value of ``--format``."""
