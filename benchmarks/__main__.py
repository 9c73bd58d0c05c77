"""Runs one benchmark by name."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence

from benchmarks import baseline, cutover, engine, guide, start, workers
from benchmarks.figures import Figure

NAMES: Mapping[str, Callable[[Sequence[str]], list[Figure]]] = {
    "start": lambda _: start.measure(),
    "engine": lambda _: [*engine.measure(), *workers.measure()],
    "workers": lambda _: workers.measure(),
    "baseline": baseline.measure,
    "cutover": cutover.measure,
    "guide": lambda _: guide.measure(),
}


def main() -> None:
    """Prints a table of figures, or one JSON object."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--json", action="store_true")
    options, more = parser.parse_known_args()
    figures = NAMES[options.name](more)
    print(json.dumps({figure.name: figure.value for figure in figures}) if options.json else table(figures))
    sys.exit(0 if all(figure.holds for figure in figures) else 1)


def table(figures: list[Figure]) -> str:
    """Name, value, limit and verdict, aligned."""
    width = max((len(figure.name) for figure in figures), default=0)
    return "\n".join(
        f"{figure.name:<{width}}  {figure.value:>9.3f} {figure.unit:<5} {figure.verdict}" for figure in figures
    )


main()
