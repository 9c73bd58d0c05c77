"""docs/benchmarks.md and its picture, from what was measured. Pure but for writing the two files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.results import Results, Row

PAGE, PICTURE = "docs/benchmarks.md", "docs/img/baseline.svg"

PARTS: Mapping[str, str] = {
    "same": "one resource altered on each host",
    "first": "first run, everything to do but packages",
    "far": "one altered, 80 ms round trip",
    "some": "one altered",
    "many": "one altered",
    "long-50": "one altered",
    "long-200": "one altered",
    "long-500": "one altered",
}
"""What was measured, in words, in the order of the table."""

_COLOURS: Mapping[str, str] = {"golive": "#0a7f5a", "bare": "#8a8f98", "pyinfra": "#c98a1b", "ansible": "#b4462f"}

_TEXT = """# Benchmarks

Measured by `scripts/bench`, always beside others in the same run: only ratios mean something on a machine that one does
not have to oneself. `scripts/bench start` and `scripts/bench engine` print theirs; this page is about the third.

## A baseline beside its peers

```console
$ scripts/bench baseline
$ scripts/bench baseline --page
```

The first takes about half an hour, as root; `--quick` and `--part` measure less of it, `--json` prints one object. The
second writes this page and its picture from what was measured last.

Whole processes bring real Debian hosts (`golive lab`, on the same two cores as the controller) to one desired state: of
50 resources 15 are directories, 20 files, 5 users, 5 packages and 5 services. Before each run **one random resource on
each host is altered** outside of all tools: a mode, a line in a file, a user that is gone, a service that is stopped.
After it the hosts are asked, by no tool's word, whether all is well, and golive's journal must say that exactly that
resource was changed on that host; otherwise the benchmark fails. Packages are looked at and never altered: to put one
back costs every tool the same apt.

*bare* is what a person would write in sh for this one task, check by check, over one channel of asyncssh to each host.
The peers are {versions}; Ansible with pipelining, kept connections and a fork for each host.

![Seconds by tool](img/baseline.svg)

{table}

Seconds are medians of whole processes; CPU and memory are the controller's.

{claims}
"""


def write(root: Path, results: Results) -> None:
    """Writes the page and the picture below the repository's folder."""
    (root / PAGE).write_text(page(results.rows, results.figures(), results.tools), encoding="utf-8")
    (root / PICTURE).write_text(picture(results.rows), encoding="utf-8")


def page(rows: Sequence[Row], figures: Sequence[Figure], versions: Mapping[str, str]) -> str:
    """The page's Markdown."""
    table = ["| | hosts × resources | tool | seconds | CPU | memory | runs |", "|---|---|---|---|---|---|---|"]
    table += [_line(row) for row in ordered(rows)]
    claims = ["| figure | measured | claimed | |", "|---|---|---|---|"]
    claims += [f"| {one.name} | {one.value:.2f} {one.unit} | {one.claim} | {_verdict(one)} |" for one in figures]
    named = ", ".join(f"{tool} {version}" for tool, version in sorted(versions.items()))
    return _TEXT.format(versions=named, table="\n".join(table), claims="\n".join(claims))


def _line(row: Row) -> str:
    size, memory = f"{row.hosts} × {row.resources}", f"{row.mebibytes:.0f} MiB"
    return f"| {PARTS[row.part]} | {size} | {row.tool} | {row.seconds:.2f} | {row.cpu:.2f} s | {memory} | {row.runs} |"


def _verdict(figure: Figure) -> str:
    if not figure.claim:
        return ""
    return "holds" if figure.holds else "**does not hold**"


def ordered(rows: Sequence[Row]) -> Sequence[Row]:
    """Rows by part, in the order of the table, and by tool as they were measured."""
    return sorted(rows, key=lambda row: list(PARTS).index(row.part))


def picture(rows: Sequence[Row]) -> str:
    """An SVG of bars: seconds by part and tool, each part on the scale of its slowest tool."""
    drawn: list[str] = []
    y = 10
    for part in PARTS:
        group = [row for row in rows if row.part == part]
        if len(group) < 2:
            continue
        head = f"{group[0].hosts} × {group[0].resources}, {PARTS[part]}"
        drawn.append(f'<text x="10" y="{y + 14}" font-weight="bold">{head}</text>')
        y += 22
        for row in sorted(group, key=lambda row: row.seconds):
            drawn.append(_bar(row, y, max(row.seconds for row in group)))
            y += 20
        y += 12
    style = "text { font: 13px sans-serif; fill: #24292f }"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {y}" role="img"><title>Seconds by tool</title>'
    return "\n".join([head, f"<style>{style}</style>", *drawn, "</svg>", ""])


def _bar(row: Row, y: int, longest: float) -> str:
    width = max(2.0, 520 * row.seconds / longest)
    bar = f'<rect x="90" y="{y}" width="{width:.1f}" height="15" fill="{_COLOURS[row.tool]}"/>'
    told = f'<text x="{width + 98:.1f}" y="{y + 12}">{row.seconds:.1f} s</text>'
    return f'<text x="10" y="{y + 12}">{row.tool}</text>{bar}{told}'
