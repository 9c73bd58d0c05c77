"""The registry of kinds: built-ins and plug-ins come in by the same door."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from golive.kinds.artifact import Archive, Wheels
from golive.kinds.check import CommandCheck, Http, Tcp
from golive.kinds.command import CommandMover, CommandSwitch
from golive.kinds.files import Files
from golive.kinds.haproxy import HaproxyFence, HaproxySwitch
from golive.kinds.interface import Artifact, Check, Fence, Kind, Mover, Switch
from golive.kinds.postgresql import PostgresqlDump, PostgresqlFence
from golive.kinds.postgresql_stream import PostgresqlStream
from golive.resources.apt_repository import AptRepository
from golive.resources.archive import Unpacked
from golive.resources.authorized_key import AuthorizedKey
from golive.resources.block import Block
from golive.resources.certificate import Certificate
from golive.resources.command import Command
from golive.resources.directory import Directory
from golive.resources.drop_in import DropIn
from golive.resources.file import File
from golive.resources.firewall import Firewall
from golive.resources.group import Group
from golive.resources.hostname import Hostname
from golive.resources.hosts_entry import HostsEntry
from golive.resources.interface import Resource
from golive.resources.line import Line
from golive.resources.mount import Mount
from golive.resources.package import Package
from golive.resources.postgresql_cluster import PostgresqlCluster
from golive.resources.postgresql_database import PostgresqlDatabase
from golive.resources.postgresql_extension import PostgresqlExtension
from golive.resources.postgresql_role import PostgresqlRole
from golive.resources.postgresql_setting import PostgresqlSetting
from golive.resources.reboot import Reboot
from golive.resources.service import Service
from golive.resources.sudo_rule import SudoRule
from golive.resources.symlink import Symlink
from golive.resources.sysctl import Sysctl
from golive.resources.timer import Timer
from golive.resources.timezone import Timezone
from golive.resources.unit import Unit
from golive.resources.user import User

FAMILIES: Mapping[str, type[Resource] | type[Kind]] = MappingProxyType(
    {
        "resource": Resource,
        "check": Check,
        "fence": Fence,
        "mover": Mover,
        "switch": Switch,
        "artifact": Artifact,
    }
)
"""The families of kinds, by the word that error messages use."""

BUILT_IN: tuple[type[Resource] | type[Kind], ...] = (
    Package, User, Directory, File, Service, Command,
    Group, Symlink, Line, Block, Unpacked, AuthorizedKey, SudoRule,
    Sysctl, Mount, Timezone, Hostname, HostsEntry,
    Unit, DropIn, Timer, AptRepository, Certificate, Firewall, Reboot,
    PostgresqlCluster, PostgresqlRole, PostgresqlDatabase, PostgresqlExtension, PostgresqlSetting,
    Http, Tcp, CommandCheck,
    HaproxyFence, PostgresqlFence,
    PostgresqlDump, PostgresqlStream, Files, CommandMover,
    HaproxySwitch, CommandSwitch,
    Archive, Wheels,
)  # fmt: skip


@dataclass(frozen=True)
class Kinds:
    """All kinds that a plan may use, by family and name."""

    by_family: Mapping[str, Mapping[str, type[Resource] | type[Kind]]]
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    """Name and version of each plug-in; they enter the digest of the graph."""

    def of(self, family: str) -> Mapping[str, type[Resource] | type[Kind]]:
        """The kinds of one family, by name."""
        return self.by_family.get(family, {})


def kinds(more: Iterable[type[Resource] | type[Kind]] = (), versions: Mapping[str, str] | None = None) -> Kinds:
    """The registry of the built-in kinds and ``more``. Raises ValueError when a name is taken within its family."""
    found: dict[str, dict[str, type[Resource] | type[Kind]]] = {family: {} for family in FAMILIES}
    for kind in (*BUILT_IN, *more):
        family = next(name for name, base in FAMILIES.items() if issubclass(kind, base))
        if kind.kind in found[family]:
            raise ValueError(f"two kinds of {family} are called {kind.kind}")
        found[family][kind.kind] = kind
    return Kinds(found, dict(versions or {}))
