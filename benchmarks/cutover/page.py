"""The measured part of docs/cutover.md and its picture. Pure but for reading and writing files."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.cutover.kept import Results
from benchmarks.cutover.picture import Window, picture
from benchmarks.cutover.shop import Crossing
from benchmarks.figures import Figure
from benchmarks.load.log import read

PAGE, PICTURE = "docs/cutover.md", "docs/img/cutover.svg"
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"


def write(root: Path, results: Results, log: Path) -> None:
    """Writes the table between its marks, and the picture from the log of the users' requests. Raises RuntimeError."""
    page = root / PAGE
    before, begun, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (begun and ended):
        raise RuntimeError(f"{page} lacks the marks {BEGIN.strip()} and {END.strip()}")
    page.write_text(f"{before}{BEGIN}{table(results.figures())}{END}{after}", encoding="utf-8")
    cross = results.sizes["1 GB"]["cross"]
    (root / PICTURE).write_text(picture(read(log), windows(cross), cross["steps"]), encoding="utf-8")


def windows(cross: dict[str, dict[str, dict[str, float | list[tuple[float, str]]]]]) -> Sequence[Window]:
    """The moments that are shown closely."""
    titles = {"there": "The cutover", "back": "The back-out"}
    return [Window(titles[name], Crossing(**fence)) for name, fence in cross["fences"].items()]  # type: ignore[arg-type]


def table(figures: Sequence[Figure]) -> str:
    """Markdown."""
    lines = ["| figure | measured | claimed | |", "|---|---|---|---|"]
    for one in figures:
        verdict = "" if not one.claim else "holds" if one.holds else "**does not hold**"
        lines.append(f"| {one.name} | {one.value:.4g} {one.unit} | {one.claim} | {verdict} |")
    return "\n".join(lines) + "\n"
