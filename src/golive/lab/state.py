"""What a lab remembers between commands, in its state directory. What runs is asked of the kernel, never remembered."""

import fcntl
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from golive.errors import GoliveError
from golive.lab.network import Cut
from golive.lab.spec import HostSpec

Record = TypeVar("Record", bound=BaseModel)


class HostRecord(BaseModel):
    """A host that was built. Written last: a host directory without it is half-built."""

    model_config = ConfigDict(frozen=True)
    name: str
    spec: HostSpec
    image: Path
    limit: str | None = None


class LabRecord(BaseModel):
    """The lab as a whole."""

    model_config = ConfigDict(frozen=True)
    network: IPv4Network
    cuts: tuple[tuple[str, str], ...] = ()

    @property
    def cut_set(self) -> frozenset[Cut]:
        """The cuts that are in force."""
        return frozenset(Cut(*pair) for pair in self.cuts)

    def with_cuts(self, cuts: frozenset[Cut]) -> "LabRecord":
        """The same lab with other cuts."""
        return self.model_copy(update={"cuts": tuple((cut.host, cut.peer) for cut in sorted(cuts))})


@dataclass(frozen=True)
class Store:
    """The state directory."""

    dir: Path

    @property
    def hosts_dir(self) -> Path:
        """One directory for each host, whole or half-built."""
        return self.dir / "hosts"

    def host_dirs(self) -> tuple[Path, ...]:
        """Every host directory, whether whole or not."""
        return tuple(sorted(path for path in self.hosts_dir.glob("*") if path.is_dir()))

    def host(self, name: str) -> HostRecord | None:
        """The record of a host, or None when there is no such host, or no whole one."""
        path = self.hosts_dir / name / "host.json"
        return _load(path, HostRecord) if path.is_file() else None

    def hosts(self) -> tuple[HostRecord, ...]:
        """The records of all whole hosts."""
        records = (self.host(path.name) for path in self.host_dirs())
        return tuple(record for record in records if record is not None)

    def save_host(self, record: HostRecord) -> None:
        """Writes a host's record."""
        replace(self.hosts_dir / record.name / "host.json", record.model_dump_json())

    def lab(self) -> LabRecord | None:
        """The lab's record, or None before the first host."""
        path = self.dir / "lab.json"
        return _load(path, LabRecord) if path.is_file() else None

    def save_lab(self, record: LabRecord | None) -> None:
        """Writes the lab's record, or removes it."""
        if record is None:
            (self.dir / "lab.json").unlink(missing_ok=True)
        else:
            replace(self.dir / "lab.json", record.model_dump_json())

    @contextmanager
    def lock(self, say: Callable[[str], None]) -> Generator[None]:
        """One command at a time changes the lab; another waits, and says so."""
        self.dir.mkdir(parents=True, exist_ok=True)
        with (self.dir / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(f"another golive is at work on the lab in {self.dir}; waiting")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def replace(path: Path, text: str) -> None:
    """Writes a file aside and renames it: readers see the old or the new, never half."""
    aside = path.with_name(f".{path.name}.new")
    aside.write_text(text)
    os.replace(aside, path)


def _load(path: Path, model: type[Record]) -> Record:
    try:
        return model.model_validate_json(path.read_text())
    except ValidationError as error:
        raise GoliveError(
            f"{path} is damaged", "take the lab down with 'golive lab down --all', and up again"
        ) from error
