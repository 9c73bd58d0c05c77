"""The hosts behind a lab: each with a record, a root and a machine; made, booted, seen and demolished here."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address
from pathlib import Path
from typing import TypeVar

from golive.errors import HostError, UsageError
from golive.lab import access, outer, wire
from golive.lab.boot import await_ssh
from golive.lab.machine import Machine, remove_empty_group
from golive.lab.names import LabNames, lab_names
from golive.lab.network import ALL, HERE, Cut
from golive.lab.root import HostRoot
from golive.lab.spec import LabSpec
from golive.lab.state import HostRecord, LabRecord, Store

Item = TypeVar("Item")
Result = TypeVar("Result")


class HostState(StrEnum):
    """What a host is doing, as seen from outside it."""

    UP = "up"
    NO_SSHD = "no sshd"
    DOWN = "down"


@dataclass(frozen=True)
class LabHost:
    """One host of the lab."""

    name: str
    address: str
    suite: str
    state: HostState
    disk: str | None
    limit: str | None
    cut_from: tuple[str, ...]


@dataclass(frozen=True)
class Fleet:
    """The hosts of the lab in a state directory. Who changes them holds the store's lock."""

    dir: Path

    @property
    def names(self) -> LabNames:
        """The names that the lab takes on this machine."""
        return lab_names(self.dir)

    @property
    def store(self) -> Store:
        """What the lab remembers."""
        return Store(self.dir)

    def build(self, name: str, spec: LabSpec, base: Path) -> None:
        """Makes a host's root; its record is written last."""
        root, host = self.root(name), spec.hosts[name]
        if root.dir.exists():
            self.demolish(name)  # half-built
        root.dir.mkdir(parents=True)
        if host.disk is not None:
            root.make_disk(host.disk)
        elif outer.has_memory_to_spare():
            root.take_memory()
        root.mount(base)
        root.identify(name, host, spec.network, (self.dir / "key.pub").read_text(), outer.resolv_conf())
        self.store.save_host(HostRecord(name=name, spec=host, image=base))

    def lay_network(self) -> None:
        """Bridge, rules and every host's root and names: all made new where they are missing."""
        wire.lay(self.names, self.lab().network)
        self.load_rules()
        for record in self.store.hosts():
            self.root(record.name).mount(record.image)
            self.root(record.name).introduce(record.name, self.addresses())

    def load_rules(self) -> None:
        """Loads address translation and the cuts that are in force."""
        lab = self.lab()
        wire.load_rules(self.names, lab.network, self.addresses(), lab.cut_set)

    def boot(self, names: Sequence[str]) -> None:
        """Starts hosts and waits until each answers."""
        for name in names:
            self.machine(name).kill()  # what a crash has left of it, control groups above all
            wire.remove_link(self.names.link(name))  # connections that nobody answers keep the network it had alive
            root = self.root(name)
            root.mount(self.record(name).image)
            self.machine(name).boot(name, root.path, self.names.bridge, root.log)
        each(names, self._await)

    def _await(self, name: str) -> None:
        record = self.record(name)
        reachable = not {Cut(name, ALL), Cut(name, HERE)} & self.lab().cut_set
        await_ssh(name, self.machine(name), str(record.spec.address) if reachable else None, self.root(name).log)
        if record.limit is not None:
            wire.limit(self.names.link(name), self.leader(name), record.limit)

    def publish_keys(self) -> None:
        """Writes known_hosts and ssh_config from the hosts' own disks."""
        records = self.store.hosts()
        keys = {record.name: self.root(record.name).host_keys() for record in records}
        access.write_files(self.dir, self.addresses(), keys)

    def demolish(self, name: str) -> None:
        """Ends a host and removes it, whole or half-built."""
        self.machine(name).kill()
        wire.remove_link(self.names.link(name))
        self.root(name).remove()

    def forget(self, names: Iterable[str]) -> None:
        """Takes removed hosts out of the cuts, the names and the known keys of those that stay."""
        gone = set(names)
        lab = self.lab()
        kept = frozenset(cut for cut in lab.cut_set if cut.host not in gone and cut.peer not in gone)
        self.store.save_lab(lab.with_cuts(kept))
        self.lay_network()
        self.publish_keys()

    def dismantle(self) -> None:
        """Removes what the lab has on this machine when its last host is gone. The key stays."""
        wire.remove(self.names)
        remove_empty_group(self.names.cgroup)
        self.store.save_lab(None)
        for name in ("known_hosts", "ssh_config"):
            (self.dir / name).unlink(missing_ok=True)

    def seen(self, record: HostRecord, lab: LabRecord | None) -> LabHost:
        """A host as it is at this moment."""
        running = self.machine(record.name)
        state = HostState.DOWN if running.leader() is None else HostState.UP if running.listens() else HostState.NO_SSHD
        cuts = sorted(cut for cut in (lab.cut_set if lab else ()) if cut.touches(record.name))
        peers = tuple(cut.peer if cut.host == record.name else cut.host for cut in cuts)
        spec = record.spec
        return LabHost(record.name, str(spec.address), spec.suite, state, spec.disk, record.limit, peers)

    def lab(self) -> LabRecord:
        """The lab's record."""
        lab = self.store.lab()
        if lab is None:
            raise UsageError(f"there is no lab in {self.dir}", "bring one up: golive lab up FILE")
        return lab

    def record(self, name: str) -> HostRecord:
        """The host's record."""
        record = self.store.host(name)
        if record is None:
            names = ", ".join(path.name for path in self.store.host_dirs()) or "none"
            raise UsageError(f"the lab has no host {name}", f"its hosts: {names}")
        return record

    def leader(self, name: str) -> int:
        """The pid of the host's PID 1."""
        self.record(name)
        leader = self.machine(name).leader()
        if leader is None:
            raise HostError(name, "it is not running", "start it with 'golive lab up FILE' or 'golive lab reboot'")
        return leader

    def machine(self, name: str) -> Machine:
        """The host's machine, running or not."""
        own = self.names.machine(name)
        return Machine(own, f"{self.names.cgroup}/{own}")

    def root(self, name: str) -> HostRoot:
        """The host's directories."""
        return HostRoot(self.store.hosts_dir / name)

    def addresses(self) -> Mapping[str, IPv4Address]:
        """Every host's address."""
        return {record.name: record.spec.address for record in self.store.hosts()}


def each(items: Sequence[Item], act: Callable[[Item], Result]) -> list[Result]:
    """Acts on all items at once; the first failure is raised when all have ended."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(act, items))
