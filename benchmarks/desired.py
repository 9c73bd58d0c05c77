"""The desired state that golive and its peers bring hosts to: 50 resources, or a multiple of that. Pure.

Everything is made so that no tool needs the network, and that each resource can be altered alone: the packages are in
every Debian base image (they are looked at and never altered), the services are units of the benchmark's own.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

BASE = "/opt/bench"

PACKAGES = """
    adduser apt base-files base-passwd bash bsdutils coreutils dash dbus debconf debian-archive-keyring debianutils
    diffutils dpkg findutils grep gzip hostname init-system-helpers libacl1 libattr1 libblkid1 libbz2-1.0 libc-bin
    libc6 libcap2 libcrypt1 libgcc-s1 libgmp10 liblz4-1 liblzma5 libmount1 libpam-modules libpam-runtime libpam0g
    libselinux1 libsmartcols1 libstdc++6 libsystemd0 libudev1 libuuid1 libzstd1 login mawk mount ncurses-base
    openssh-client openssh-server sed tar
"""


@dataclass(frozen=True)
class Altered:
    """One resource as golive calls it, and the shell text that alters it behind everybody's back."""

    title: str
    how: str


@dataclass(frozen=True)
class Desired:
    """15 directories, 20 files of 20 lines, 5 users, 5 packages and 5 services; ``scale`` times as many of each."""

    scale: int = 1

    @property
    def size(self) -> int:
        """How many resources there are."""
        return 50 * self.scale

    @cached_property
    def directories(self) -> Sequence[str]:
        """Paths."""
        return [f"{BASE}/d{number}" for number in range(15 * self.scale)]

    @cached_property
    def files(self) -> Sequence[tuple[str, str]]:
        """Paths and contents."""
        return [(f"{BASE}/d{number % 15}/f{number}.conf", _lines(number)) for number in range(20 * self.scale)]

    @cached_property
    def users(self) -> Sequence[str]:
        """Names."""
        return [f"bench{number}" for number in range(5 * self.scale)]

    @cached_property
    def packages(self) -> Sequence[str]:
        """Names."""
        return PACKAGES.split()[: 5 * self.scale]

    @cached_property
    def services(self) -> Sequence[str]:
        """Names of units, without ``.service``."""
        return [f"bench-{number}" for number in range(5 * self.scale)]

    def alterations(self) -> Sequence[Altered]:
        """Every resource that can be altered alone."""
        return [
            *(Altered(f"directory {path}", f"chmod 0700 {path}") for path in self.directories),
            *(Altered(f"file {path}", f"echo altered >> {path}") for path, _ in self.files),
            *(Altered(f"user {name}", f"userdel {name}") for name in self.users),
            *(Altered(f"service {name}", f"systemctl stop {name}") for name in self.services),
        ]

    def pick(self, hosts: Sequence[str], seed: int) -> dict[str, Altered]:
        """One random alteration for each host; the same for the same seed."""
        return {host: random.Random(f"{seed} {host}").choice(self.alterations()) for host in hosts}

    def preparation(self) -> str:
        """Shell text that gives a host the units of the benchmark, enabled and stopped."""
        unit = "[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=/bin/true\\n"
        unit += "[Install]\\nWantedBy=multi-user.target\\n"
        names = " ".join(self.services)
        return (
            f"set -e\nfor name in {names}; do printf '{unit}' > /etc/systemd/system/$name.service; done\n"
            f"systemctl daemon-reload\nsystemctl enable -q {names}\n"
        )

    def removal(self) -> str:
        """Shell text after which everything but the packages has to be done again."""
        users = "".join(f"! getent passwd {name} >/dev/null || userdel {name}\n" for name in self.users)
        return f"set -e\nrm -rf {BASE}\n{users}systemctl stop {' '.join(self.services)}\n"


def _lines(number: int) -> str:
    return "".join(f"key{line}=value{number}\n" for line in range(20))
