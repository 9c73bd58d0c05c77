"""The outer machine: its tools, its apt mirrors, its resolver."""

import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from golive.errors import GoliveError, UsageError

TOOLS = {
    "mmdebstrap": "mmdebstrap",
    "systemd-nspawn": "systemd-container",
    "nft": "nftables",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "ip": "iproute2",
    "tc": "iproute2",
    "mkfs.ext4": "e2fsprogs",
    "nsenter": "util-linux",
}
"""Each command that the lab runs, and the Debian package that brings it."""

INOTIFY_INSTANCES = 4096

SPARE_MEMORY = 8 * 2**30
"""Bytes of available memory above which hosts lie in memory."""


@dataclass(frozen=True)
class Mirrors:
    """Where Debian's packages come from."""

    main: str = "http://deb.debian.org/debian"
    security: str = "http://deb.debian.org/debian-security"

    def sources(self, suite: str) -> tuple[str, ...]:
        """The one-line apt sources of a suite."""
        return (
            f"deb {self.main} {suite} main",
            f"deb {self.main} {suite}-updates main",
            f"deb {self.security} {suite}-security main",
        )

    def as_json(self) -> dict[str, str]:
        """As a JSON value, for a digest."""
        return asdict(self)


def require_root() -> None:
    """Refuses anybody but root."""
    if os.geteuid() != 0:
        raise UsageError("a lab boots hosts, which only root may do", "run it again with sudo")


def require_tools() -> None:
    """Refuses a machine that lacks a tool, with the line that installs what is missing."""
    os.environ["PATH"] = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        packages = " ".join(sorted({TOOLS[tool] for tool in missing}))
        raise GoliveError(f"missing here: {', '.join(missing)}", f"run: apt-get install {packages}")


def mirrors(apt: Path = Path("/etc/apt")) -> Mirrors:
    """The mirrors that this machine uses, when it is a Debian; Debian's own otherwise."""
    files = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    texts = [
        file.read_text(errors="replace") for file in files if file.suffix in (".list", ".sources") and file.is_file()
    ]
    return mirrors_in(texts)


def mirrors_in(texts: Iterable[str]) -> Mirrors:
    """The first mirror of Debian and of its security updates that the apt sources name."""
    lines = [line for text in texts for line in text.splitlines() if re.match(r"\s*(deb\s|URIs:)", line)]
    urls = [url.rstrip("/") for line in lines for url in re.findall(r"https?://[^\s\]]+", line)]
    main = next((url for url in urls if url.endswith("/debian")), Mirrors.main)
    security = next((url for url in urls if url.endswith("/debian-security")), Mirrors.security)
    return Mirrors(main, security)


def allow_many_hosts(limit: Path = Path("/proc/sys/fs/inotify/max_user_instances")) -> None:
    """Lets root watch more files, until this machine reboots: each systemd takes five instances of 128, as it is."""
    if int(limit.read_text()) < INOTIFY_INSTANCES:
        limit.write_text(str(INOTIFY_INSTANCES))


def has_memory_to_spare(meminfo: Path = Path("/proc/meminfo")) -> bool:
    """Whether a further host may lie in memory: the demo's ten take about 6 GB, and others want to live, too."""
    available = re.search(r"^MemAvailable:\s+(\d+) kB", meminfo.read_text(), re.MULTILINE)
    return available is not None and int(available[1]) * 1024 >= SPARE_MEMORY


def resolv_conf() -> str:
    """A resolver configuration that also works from a lab host, where 127.0.0.53 is somebody else."""
    behind_the_stub = Path("/run/systemd/resolve/resolv.conf")
    own = Path("/etc/resolv.conf")
    chosen = behind_the_stub if behind_the_stub.is_file() else own
    return chosen.read_text() if chosen.is_file() else ""
