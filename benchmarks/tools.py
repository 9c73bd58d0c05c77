"""The tools that are measured: where they come from, what they are given, how they are called, what they said."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import peers
from benchmarks.desired import Desired
from benchmarks.peers import Address, Files
from benchmarks.process import Spent, measured

ROOT = Path(__file__).parent.parent
PEERS = ROOT / ".tools/peers"
WANTED = ("ansible-core==2.19.*", "pyinfra==3.*")


@dataclass(frozen=True)
class Tool:
    """One tool: what it reads, and the command that runs it in the folder where that lies."""

    name: str
    files: Callable[[Desired, Sequence[Address], str], Files]
    argv: Sequence[str]
    peer: bool = True
    """Whether it comes from PyPI, into an environment of its own."""

    def run(self, folder: Path) -> Spent:
        """One measured run. Raises Failed."""
        path = f"{PEERS / 'bin'}:{os.environ['PATH']}" if self.peer else os.environ["PATH"]
        return measured(self.argv, folder, {"PATH": path, "HOME": str(folder)})


_HERE = str(Path(sys.executable).parent)

GOLIVE = Tool("golive", peers.plan, (f"{_HERE}/golive", "run", "--new"), peer=False)
BARE = Tool("bare", peers.bare, (sys.executable, "bare.py"), peer=False)
PYINFRA = Tool("pyinfra", peers.pyinfra, ("pyinfra", "-y", "inventory.py", "deploy.py"))
ANSIBLE = Tool("ansible", peers.ansible, ("ansible-playbook", "play.yml"))


def install_peers() -> Mapping[str, str]:
    """Installs the peers where they are not yet; returns their versions."""
    uv = str(ROOT / ".tools/uv/bin/uv")
    if not (PEERS / "bin/pyinfra").exists():
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(PEERS)], check=True)
        into = ("--python", str(PEERS / "bin/python"), "--compile-bytecode")
        subprocess.run([uv, "pip", "install", "--quiet", *into, *WANTED], check=True)
    listed = subprocess.run(
        [uv, "pip", "freeze", "--python", str(PEERS / "bin/python")], check=True, capture_output=True, text=True
    )
    versions = dict(line.split("==") for line in listed.stdout.splitlines() if "==" in line)
    return {"ansible": versions["ansible-core"], "pyinfra": versions["pyinfra"]}


def write(folder: Path, files: Files) -> None:
    """Writes files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
