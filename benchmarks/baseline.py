"""golive beside its peers on the same hosts, in the same minutes: whole processes that bring hosts to a baseline.

    scripts/bench baseline                       all of it: half an hour, an hour with Ansible
    scripts/bench baseline --quick               4 hosts, once, without Ansible: a few minutes
    scripts/bench baseline --part far --keep     one part; its hosts stay up for the next
    scripts/bench baseline --down                takes the hosts down
    scripts/bench baseline --page                writes docs/benchmarks.md from what was measured last

Before each run one random resource of each host is altered outside of all tools; after it the hosts are asked, by no
tool's word, whether all is well, and golive's journal whether exactly that resource was changed.
"""

import argparse
import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

from benchmarks import page, tools
from benchmarks.desired import Desired
from benchmarks.figures import Figure
from benchmarks.hosts import Ground, far_away
from benchmarks.process import Spent
from benchmarks.results import Results, Row
from benchmarks.tools import Tool
from benchmarks.trial import Trial
from golive.lab import Lab

STATE = Path("/var/tmp/golive-bench")
ROUND_TRIP = 0.08


class Bench:
    """Measures part by part; every part leaves its rows in ``results``."""

    def __init__(self, ground: Ground, folder: Path, options: argparse.Namespace, results: Results) -> None:
        self._ground, self._folder, self._results = ground, folder, results
        self._quick, self._times, self._seed = options.quick, options.times, options.seed
        self._tools: Sequence[Tool] = [tool for tool in _ALL if tool.name in options.tools]

    def same(self) -> None:
        """50 resources on 8 hosts, one of them altered on each."""
        count = 4 if self._quick else 8
        if tools.ANSIBLE in self._tools:  # alone of all it needs a Python on the hosts
            self._ground.everywhere(self._ground.up(count), lambda _: "apt-get -qq -y install python3 >/dev/null")
        self._altered("same", count, Desired(), self._tools)

    def first(self) -> None:
        """The same hosts with everything to do."""
        count = 4 if self._quick else 8
        trial = self._trial("first", count, Desired())
        self._take_turns("first", count, Desired(), self._without(tools.ANSIBLE), lambda tool, _: trial.removed(tool))

    def far(self) -> None:
        """The same as ``same`` behind a round trip of 80 ms."""
        self._altered("far", 4 if self._quick else 8, Desired(), self._without(tools.ANSIBLE), ROUND_TRIP)

    def many(self) -> None:
        """200 resources on 24 hosts; and on 8 of them, to tell what one more host costs."""
        self._altered("some", 4 if self._quick else 8, Desired(4), self._only(tools.GOLIVE))
        self._altered("many", 8 if self._quick else 24, Desired(4), self._without(tools.ANSIBLE))

    def long(self) -> None:
        """One host with more and more resources."""
        for scale in (1, 4) if self._quick else (1, 4, 10):
            self._altered(f"long-{50 * scale}", 1, Desired(scale), self._only(tools.GOLIVE, tools.BARE))

    def _only(self, *these: Tool) -> Sequence[Tool]:
        return [tool for tool in self._tools if tool in these]

    def _without(self, *others: Tool) -> Sequence[Tool]:
        return [tool for tool in self._tools if tool not in others]

    def _count(self, tool: Tool) -> int:
        return min(self._times, _TIMES.get(tool, self._times))

    def _trial(self, part: str, count: int, desired: Desired) -> Trial:
        trial = Trial(self._ground, self._folder / part, desired, self._ground.up(count)[:count])
        trial.prepare()
        return trial

    def _altered(self, part: str, count: int, desired: Desired, chosen: Sequence[Tool], away: float = 0) -> None:
        hosts = self._ground.up(count)
        near = Trial(self._ground, self._folder / f"{part}-near", desired, hosts)
        near.prepare()
        with far_away(hosts, away) if away else nullcontext(hosts) as reached:
            trial = Trial(self._ground, self._folder / part, desired, hosts, reached) if away else near
            self._take_turns(part, count, desired, chosen, lambda tool, turn: trial.altered(tool, self._seed + turn))

    def _take_turns(
        self, part: str, count: int, desired: Desired, chosen: Sequence[Tool], run: Callable[[Tool, int], Spent]
    ) -> None:
        """Tools take turns, so that a noisy minute harms all of them."""
        spent: dict[Tool, list[Spent]] = {tool: [] for tool in chosen}
        for turn in range(self._times):
            for tool in chosen:
                if turn < self._count(tool):
                    spent[tool].append(run(tool, turn))
        for tool in chosen:
            self._keep(part, tool, count, desired, spent[tool])

    def _keep(self, part: str, tool: Tool, hosts: int, desired: Desired, spent: Sequence[Spent]) -> None:
        row = Row(
            part=part,
            tool=tool.name,
            hosts=hosts,
            resources=desired.size,
            seconds=statistics.median(one.seconds for one in spent),
            cpu=statistics.median(one.cpu for one in spent),
            mebibytes=max(one.mebibytes for one in spent),
            runs=len(spent),
        )
        print(row.shown, flush=True)
        self._results.keep(row)


_TIMES = {tools.ANSIBLE: 1, tools.PYINFRA: 2}
"""How often at the most those run that take long."""

_ALL = (tools.GOLIVE, tools.BARE, tools.PYINFRA, tools.ANSIBLE)
PARTS: Mapping[str, Callable[[Bench], None]] = {
    "same": Bench.same,
    "first": Bench.first,
    "far": Bench.far,
    "many": Bench.many,
    "long": Bench.long,
}


def measure(arguments: Sequence[str]) -> list[Figure]:
    """Measures what is asked for; returns the figures that can be told from all that was measured."""
    options = _options(arguments)
    ground = Ground(Lab(STATE / "lab"))
    results = Results(STATE / ("quick.json" if options.quick else "results.json"))
    if options.down:
        ground.down()
        return []
    if not options.page:
        results.versions(tools.install_peers())
        bench = Bench(ground, STATE / "work", options, results)
        try:
            for part in options.part or PARTS:
                PARTS[part](bench)
        finally:
            if not options.keep:
                ground.down()
    else:
        page.write(tools.ROOT, results)
    return results.figures()


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench baseline", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", action="append", choices=PARTS, help="measure this part; may stand several times")
    parser.add_argument("--tools", type=lambda text: text.split(","), help="golive,bare,pyinfra,ansible, or some")
    parser.add_argument(
        "--times", type=int, default=3, help="runs of golive and of the bare script; others run less often"
    )
    parser.add_argument("--seed", type=int, default=1, help="which resources are altered")
    parser.add_argument("--quick", action="store_true", help="fewer hosts, one run, no Ansible")
    parser.add_argument("--keep", action="store_true", help="leave the hosts up")
    parser.add_argument("--down", action="store_true", help="take the hosts down, and nothing else")
    parser.add_argument("--page", action="store_true", help="write the page, and measure nothing")
    options = parser.parse_args(arguments)
    known = [tool.name for tool in _ALL if not (options.quick and tool is tools.ANSIBLE)]
    options.tools = options.tools or known
    options.times = 1 if options.quick else options.times
    return options
