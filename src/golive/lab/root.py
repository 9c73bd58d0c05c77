"""A host's root: a writable overlay over a base image, with an identity of its own."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from shutil import rmtree

from golive.errors import HostError
from golive.lab import mounts, network
from golive.lab.shell import run
from golive.lab.spec import HostSpec, disk_bytes

SSH_KEY_KINDS = ("ed25519", "ecdsa")
"""No RSA: making it takes longer than booting."""


@dataclass(frozen=True)
class HostRoot:
    """The directories of one host.

    With a disk of limited size the writable layer lies on a file system of its own in ``disk.ext4``: a full host must
    not fill the outer machine. Without one it may lie in memory, which makes a host quicker to fill and to remove.
    """

    dir: Path

    @property
    def path(self) -> Path:
        """Where the host's root is mounted."""
        return self.dir / "root"

    @property
    def log(self) -> Path:
        """What systemd-nspawn and the host's console said."""
        return self.dir / "log"

    def mount(self, image: Path) -> None:
        """Mounts the root if it is not mounted: the first time, and after the outer machine was rebooted."""
        if mounts.is_mounted(self.path):
            return
        if not image.is_dir():
            raise HostError(self.dir.name, f"its base image {image} is gone", "take the host down and up again")
        layers = self._layers()
        for path in (layers / "upper", layers / "work", self.path):
            path.mkdir(parents=True, exist_ok=True)
        mounts.mount_overlay(image, layers / "upper", layers / "work", self.path)

    def _layers(self) -> Path:
        """The file system of the writable layer. One in memory stays mounted until this machine goes down."""
        file, disk = self.dir / "disk.ext4", self.dir / "disk"
        if file.exists() and not mounts.is_mounted(disk):
            disk.mkdir(exist_ok=True)
            run(["mount", "-o", "loop", str(file), str(disk)])
        if disk.exists() and not mounts.is_mounted(disk):
            raise HostError(self.dir.name, "what it held was in memory and is gone", "take the host down and up again")
        return disk if disk.exists() else self.dir

    def take_memory(self) -> None:
        """Puts the writable layer into memory: until this machine reboots."""
        (self.dir / "disk").mkdir()
        run(["mount", "-t", "tmpfs", "-o", "size=80%,mode=755", "tmpfs", str(self.dir / "disk")])

    def make_disk(self, size: str) -> None:
        """Makes the file system of a host with a disk of limited size."""
        file = self.dir / "disk.ext4"
        with file.open("wb") as out:
            out.truncate(disk_bytes(size))
        run(["mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=0", str(file)])

    def identify(self, name: str, spec: HostSpec, net: IPv4Network, key: str, resolv_conf: str) -> None:
        """Makes the host somebody: name, machine-id, SSH host keys, address, and who may log in."""
        etc = self.path / "etc"
        (etc / "hostname").write_text(f"{name}\n")
        (etc / "machine-id").write_text(f"{uuid.uuid4().hex}\n")
        (etc / "resolv.conf").write_text(resolv_conf)
        (etc / "systemd/network/10-host0.network").write_text(network.networkd_unit(spec.address, net))
        for kind in SSH_KEY_KINDS:
            file = etc / f"ssh/ssh_host_{kind}_key"
            run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", f"root@{name}", "-f", str(file)])
        authorized = self.path / "root/.ssh/authorized_keys"
        authorized.parent.mkdir(mode=0o700, exist_ok=True)
        authorized.write_text(key)
        authorized.chmod(0o600)

    def introduce(self, own: str, addresses: Mapping[str, IPv4Address]) -> None:
        """Tells the host the names of all hosts of the lab."""
        file = self.path / "etc/hosts"
        current = file.read_text() if file.exists() else ""
        wanted = network.hosts_file(current, own, addresses)
        if wanted != current:
            file.write_text(wanted)

    def host_keys(self) -> tuple[str, ...]:
        """The host's public SSH keys, as its own files have them."""
        texts = [path.read_text().split()[:2] for path in sorted(self.path.glob("etc/ssh/ssh_host_*_key.pub"))]
        return tuple(" ".join(words) for words in texts)

    def remove(self) -> None:
        """Removes the host, whole or half-built, nothing of it being mounted any more."""
        mounts.unmount_tree(self.dir)
        rmtree(self.dir)
