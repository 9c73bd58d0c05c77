"""Survey: the facts of a host and their verdict against the technical architecture. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from golive.plan.role import Hardware

FACTS = r"""
fact() { printf 'fact\t%s\t%s\n' "$1" "$2"; }
os=$(. /etc/os-release; echo "$ID ${VERSION_ID:-}")
fact os "$os"
uname -rm | while read -r kernel architecture; do
  fact kernel "$kernel"
  fact architecture "$architecture"
done
fact cpus "$(nproc)"
read -r _ memory _ </proc/meminfo  # MemTotal stands first
fact memory "$((memory * 1024))"
fact disk "$(df -Pk / | { read -r _; read -r _ _ _ free _; echo "$((free * 1024))"; })"
fact clock "$(date +%s)"
read -r boot </proc/sys/kernel/random/boot_id
fact boot "$boot"
read -r manager </proc/1/comm
fact service_manager "$manager"
"""
"""The script's body that prints a host's facts."""


@dataclass(frozen=True)
class Row:
    """One requirement of the architecture, what was found, and whether it holds."""

    name: str
    required: str
    found: str
    holds: bool

    def as_json(self) -> dict[str, Any]:
        """The row as JSON values."""
        return asdict(self)


def read(output: str) -> Mapping[str, str]:
    """The facts that the script printed; lines of another shape are left out."""
    split = [line.split("\t") for line in output.splitlines()]
    return {parts[1]: parts[2] for parts in split if len(parts) == 3 and parts[0] == "fact"}


def judge(wanted: Hardware, facts: Mapping[str, str], asked: float, answered: float) -> tuple[Row, ...]:
    """The verdicts, requirement by requirement. A fact that is missing does not meet its requirement.

    Args:
        wanted: what the architecture asks.
        facts: what the host said.
        asked: when it was asked, in UTC epoch seconds of the controller.
        answered: when the answer was there, likewise.
    """
    rows = [_clock(wanted, facts, asked, answered)]
    if wanted.os:
        found = facts.get("os", "unknown")
        rows.append(Row("os", wanted.os, found, found == wanted.os or found.startswith(f"{wanted.os}.")))
    for name, least, shown in (
        ("cpus", wanted.cpus, str),
        ("memory", wanted.memory, size),
        ("disk", wanted.disk, size),
    ):
        if least is not None:
            number = _number(facts.get(name, ""))
            met = number is not None and number >= least
            rows.append(Row(name, f"{shown(least)} at least", "unknown" if number is None else shown(int(number)), met))
    return tuple(rows)


def _clock(wanted: Hardware, facts: Mapping[str, str], asked: float, answered: float) -> Row:
    """The host's clock was read between question and answer, in whole seconds: only what lies outside is an offset."""
    told = _number(facts.get("clock", ""))
    required = f"within {wanted.clock_within:g} s"
    if told is None:
        return Row("clock", required, "unknown", False)
    offset = max(asked - (told + 1), told - answered, 0.0)
    return Row("clock", required, f"{offset:.0f} s off", offset <= wanted.clock_within)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def size(count: int) -> str:
    """Bytes as people read them."""
    for unit, step in (("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20)):
        if count >= step:
            return f"{count / step:.1f} {unit}".replace(".0 ", " ")
    return f"{count} B"
