"""The lab: hosts that come up, are cut off, slowed down, power-cycled and thrown away."""

import os
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from golive.errors import HostError, UsageError
from golive.lab import access, image, outer, wire
from golive.lab.fleet import Fleet, LabHost, each
from golive.lab.names import DEFAULT_STATE_DIR
from golive.lab.network import ALL, HERE, INTERNET, Cut
from golive.lab.shell import Completed, last_line
from golive.lab.spec import HostSpec, LabSpec, Suite, rate_bits
from golive.lab.state import LabRecord

IMAGES = Path("/var/cache/golive-lab")
"""Base images belong to no lab: all labs of this machine share them."""

DOWN_FIRST = "take the lab down first: golive lab down --all"


def default_state_dir() -> Path:
    """Where the lab is kept: $GOLIVE_LAB or the usual place."""
    return Path(os.environ.get("GOLIVE_LAB") or DEFAULT_STATE_DIR).absolute()


def _silent(_: str) -> None:
    """Says nothing."""


class Lab:
    """A lab, found by its state directory; ``say`` hears what is going on while something takes long."""

    def __init__(
        self, state_dir: Path | None = None, *, images: Path = IMAGES, say: Callable[[str], None] = _silent
    ) -> None:
        self.dir = (state_dir or default_state_dir()).absolute()
        if any(sign in str(self.dir) for sign in ",:\\"):
            raise UsageError(f"{self.dir}: an overlay's path has no comma, colon or backslash", "choose another path")
        self._fleet = Fleet(self.dir)
        self._store = self._fleet.store
        self._images = images
        self._say = say

    @property
    def key(self) -> Path:
        """The private key that root of every host accepts."""
        return self.dir / "key"

    @property
    def known_hosts(self) -> Path:
        """The hosts' keys, read from their own disks."""
        return self.dir / "known_hosts"

    @property
    def ssh_config(self) -> Path:
        """A configuration for ``ssh -F`` that knows all hosts by name."""
        return self.dir / "ssh_config"

    def hosts(self) -> tuple[LabHost, ...]:
        """All hosts of the lab."""
        lab = self._store.lab()
        return tuple(self._fleet.seen(record, lab) for record in self._store.hosts())

    def up(self, spec: LabSpec, *, rebuild: bool = False) -> tuple[LabHost, ...]:
        """Boots every host of the file that is not up, and waits until each answers. Doing it again changes nothing."""
        outer.require_root()
        outer.require_tools()
        outer.allow_many_hosts()
        with self._store.lock(self._say):
            self._admit(spec)
            wire.require_free(self._fleet.names, spec.network)
            if not self._store.host_dirs():
                self._store.save_lab(LabRecord(network=spec.network))
            access.ensure_key(self.key)
            new = [name for name in spec.hosts if self._store.host(name) is None]
            needed = {spec.hosts[name].suite for name in new}
            wanted: list[Suite] = [suite for suite in spec.suites if rebuild or suite in needed]
            images = self._ensure_images(spec, wanted, rebuild=rebuild)
            each(new, lambda name: self._fleet.build(name, spec, images[spec.hosts[name].suite]))
            self._fleet.lay_network()
            asleep = [name for name in spec.hosts if self._fleet.machine(name).leader() is None]
            self._fleet.boot(asleep)
            self._fleet.publish_keys()
        return tuple(host for host in self.hosts() if host.name in spec.hosts)

    def down(self, spec: LabSpec | None = None) -> tuple[str, ...]:
        """Ends and removes hosts, in whatever state: those of the file, or all. Returns the names of those removed.

        With a file, hosts that are not as the file says are somebody else's, and nothing is removed.
        """
        outer.require_root()
        with self._store.lock(self._say):
            if spec is not None:
                self._admit(spec)
            present = [path.name for path in self._store.host_dirs()]
            going = [name for name in present if spec is None or name in spec.hosts]
            each(going, self._fleet.demolish)
            if self._store.host_dirs():
                self._fleet.forget(going)
            else:
                self._fleet.dismantle()
        return tuple(going)

    def cut(self, name: str, peer: str = INTERNET) -> None:
        """Cuts a host off: from the ``internet``, from the machine ``here``, from ``all``, or from another host."""
        if peer == name:
            raise UsageError(f"{name} cannot be cut off from itself", "name another host, internet or all")
        for known in {name, peer} - {INTERNET, ALL, HERE}:
            self._fleet.record(known)
        self._change_cuts(lambda cuts: cuts | {Cut.between(name, peer)})

    def restore(self, name: str | None = None, peer: str | None = None) -> None:
        """Lifts cuts: one, all that touch a host, or all."""
        if name is not None:
            self._fleet.record(name)

        def lifted(cut: Cut) -> bool:
            if peer is not None and name is not None:
                return cut == Cut.between(name, peer)
            return name is None or cut.touches(name)

        self._change_cuts(lambda cuts: frozenset(cut for cut in cuts if not lifted(cut)))

    def limit(self, name: str, rate: str | None) -> None:
        """Limits a host's bandwidth in both directions, for example to ``2mbit``; None lifts the limit."""
        outer.require_root()
        try:
            rate_bits(rate or "1mbit")
        except ValueError as error:
            raise UsageError(str(error)) from error
        with self._store.lock(self._say):
            record = self._fleet.record(name)
            wire.limit(self._fleet.names.link(name), self._fleet.leader(name), rate)
            self._store.save_host(record.model_copy(update={"limit": rate}))

    def reboot(self, name: str) -> None:
        """Power-cycles a host: its processes end without warning, its files stay."""
        outer.require_root()
        with self._store.lock(self._say):
            self._fleet.record(name)
            self._fleet.machine(name).kill()
            self._fleet.boot([name])
            self._fleet.publish_keys()

    def exec(
        self,
        name: str,
        argv: Sequence[str],
        *,
        input: str | None = None,
        check: bool = True,
        timeout: float | None = None,
    ) -> Completed:
        """Runs a command as root inside a host, without network or login. A failure raises unless ``check`` is off."""
        command = self.exec_argv(name, argv)
        done = subprocess.run(command, input=input, capture_output=True, text=True, timeout=timeout, check=False)
        if check and done.returncode:
            said = last_line(done.stderr or done.stdout)
            raise HostError(name, f"'{' '.join(argv)}' failed ({done.returncode}): {said}")
        return done

    def exec_argv(self, name: str, argv: Sequence[str]) -> list[str]:
        """The command of this machine that runs ``argv`` inside a host."""
        outer.require_root()
        return self._fleet.machine(name).entering(self._fleet.leader(name), argv)

    def ssh_argv(self, name: str, command: Sequence[str] = ()) -> list[str]:
        """The ssh command that logs in to a host with the lab's key, its host key verified."""
        self._fleet.record(name)
        return ["ssh", "-F", str(self.ssh_config), name, *command]

    def _admit(self, spec: LabSpec) -> None:
        """Refuses a file that contradicts what is there."""
        lab = self._store.lab()
        if lab is not None and self._store.host_dirs() and lab.network != spec.network:
            raise UsageError(f"this lab's network is {lab.network}, the file says {spec.network}", DOWN_FIRST)
        holders = {record.spec.address: record.name for record in self._store.hosts()}
        for name, host in spec.hosts.items():
            record = self._store.host(name)
            if record is not None and record.spec != host:
                raise UsageError(
                    f"{name} is up as {_in_words(record.spec)}; the file says {_in_words(host)}", DOWN_FIRST
                )
            if holders.get(host.address, name) != name:
                raise UsageError(
                    f"{name}: {holders[host.address]} already has the address {host.address}", "choose another address"
                )

    def _ensure_images(self, spec: LabSpec, suites: Iterable[Suite], *, rebuild: bool) -> dict[str, Path]:
        mirrors = outer.mirrors()
        recipes = [image.Recipe(suite, spec.packages.get(suite, ()), mirrors) for suite in suites]
        made = each(recipes, lambda recipe: image.ensure(self._images, recipe, self._say, rebuild=rebuild))
        return {recipe.suite: path for recipe, path in zip(recipes, made, strict=True)}

    def _change_cuts(self, change: Callable[[frozenset[Cut]], frozenset[Cut]]) -> None:
        outer.require_root()
        with self._store.lock(self._say):
            lab = self._fleet.lab()
            changed = lab.with_cuts(change(lab.cut_set))
            self._store.save_lab(changed)
            self._fleet.load_rules()


def _in_words(spec: HostSpec) -> str:
    return f"{spec.suite} {spec.address}" + (f" disk {spec.disk}" if spec.disk else "")
