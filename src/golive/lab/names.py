"""The names that a lab takes on this machine. Pure: all follow from the state directory, so labs never collide.

An interface's name has at most 15 characters. systemd-nspawn names the outer end of a host's link ``vb-MACHINE`` and
shortens a machine name that is longer than 12 characters in a way of its own, so machine names here have exactly 12.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

DEFAULT_STATE_DIR = Path("/var/tmp/golive-lab")
"""The lab that has the plain names."""


@dataclass(frozen=True)
class LabNames:
    """What a lab is called by the kernel."""

    tag: str
    bridge: str
    nft_table: str

    def machine(self, host: str) -> str:
        """The name of a host's machine: 12 characters, its own among all labs."""
        return f"g{self.tag[:4]}{_short(f'{self.tag}/{host}', 7)}"

    def link(self, host: str) -> str:
        """The outer end of a host's network link."""
        return f"vb-{self.machine(host)}"

    @property
    def cgroup(self) -> str:
        """The control group that holds all hosts of the lab."""
        return f"golive-lab-{self.tag}"


def lab_names(state_dir: Path) -> LabNames:
    """The names of the lab with this state directory (an absolute path)."""
    tag = _short(str(state_dir), 8)
    if state_dir == DEFAULT_STATE_DIR:
        return LabNames(tag, bridge="golive0", nft_table="golive_lab")
    return LabNames(tag, bridge=f"golive-{tag}", nft_table=f"golive_lab_{tag}")


def _short(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]
