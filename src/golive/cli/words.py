"""How times, durations and tables are written for people in a terminal."""

from collections.abc import Mapping, Sequence
from datetime import datetime

COLOURS: Mapping[str, str] = {
    "done": "green",
    "approved": "green",
    "undone": "yellow",
    "failed": "red",
    "refused": "red",
    "unreachable": "red",
    "unknown": "magenta",
    "interrupted": "magenta",
    "residue": "red",
    "skipped": "yellow",
    "retry": "yellow",
    "abort": "yellow",
    "back-out": "yellow",
    "forward": "yellow",
    "asks": "cyan",
    "waiting": "cyan",
    "waived": "yellow",
    "unsent": "yellow",
    "waits": "cyan",
    "soaks": "cyan",
    "HALTED": "red",
    "resumed": "green",
    "running": "blue",
    "begun": "blue",
}


def clock(at: str) -> str:
    """The local time of day of a UTC time in ISO 8601."""
    return datetime.fromisoformat(at).astimezone().strftime("%H:%M:%S")


def duration(seconds: float) -> str:
    """Seconds as people say them: ``0.4 s``, ``42 s``, ``3 min 12 s``, ``2 h 5 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A plain table with aligned columns."""
    widths = [max(len(row[index]) for row in (heads, *rows)) for index in range(len(heads))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (heads, *rows)]
    return "\n".join(line.rstrip() for line in lines)


def printable(text: str) -> str:
    """Text that came from a host, without what a terminal would obey: control characters become spaces."""
    return "".join(char if char in "\n\t" or char.isprintable() else " " for char in text)
