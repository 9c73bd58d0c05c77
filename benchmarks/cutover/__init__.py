"""The cutover under load, with golive 80 ms away, beside what a person would do by hand.

scripts/bench cutover                    1 GB: about ten minutes
scripts/bench cutover --large            3 GB
scripts/bench cutover --small            a few MB, to see that it works; its figures mean nothing
scripts/bench cutover --part cross --keep    one part (cross, copy, hand); its hosts stay up for the next
scripts/bench cutover --down             takes the hosts down
scripts/bench cutover --page             writes table and picture of docs/cutover.md
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cutover.kept import Results
from benchmarks.cutover.parts import PARTS
from benchmarks.cutover.shop import Shop
from benchmarks.figures import Figure
from golive.lab import Lab

STATE = Path("/var/tmp/golive-bench-cutover")
ROOT = Path(__file__).parents[2]
SIZES = {"small": 20.0, "1 GB": 1024.0, "3 GB": 3072.0}


def measure(arguments: Sequence[str]) -> list[Figure]:
    """Measures what is asked for; returns the figures that can be told from all that was measured."""
    options = _options(arguments)
    size = "small" if options.small else "3 GB" if options.large else "1 GB"
    results, shop = Results(STATE / "results.json"), Shop(Lab(STATE / "lab"), STATE / "work" / size)
    if options.down:
        shop.lab.down()
        return []
    if options.page:
        from benchmarks.cutover import page

        page.write(ROOT, results, STATE / "work/1 GB/cross.jsonl")
        return results.figures()
    try:
        shop.up(SIZES[size])
        for part in () if options.up else options.part or PARTS:
            results.keep(size, part, PARTS[part](shop))
    finally:
        if not (options.keep or options.up):
            shop.lab.down()
    return results.figures(size)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench cutover", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", action="append", choices=PARTS, help="measure this part; may stand several times")
    parser.add_argument("--small", action="store_true", help="with a few MB")
    parser.add_argument("--large", action="store_true", help="with 3 GB")
    parser.add_argument("--keep", action="store_true", help="leave the hosts up")
    parser.add_argument("--up", action="store_true", help="bring the hosts up with their data, and nothing else")
    parser.add_argument("--down", action="store_true", help="take the hosts down, and nothing else")
    parser.add_argument("--page", action="store_true", help="write table and picture, and measure nothing")
    return parser.parse_args(arguments)
