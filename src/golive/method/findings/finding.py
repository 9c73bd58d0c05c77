"""A finding, and what the judge is given: the facts of both sides, of the front doors, and what the plan declares."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Literal

from golive.words import several

Row = Mapping[str, Any]
"""One row of a catalog, or one part of it, as the database gave it in JSON."""


class Severity(StrEnum):
    """Whether the cutover can go on."""

    BLOCKS = "blocks"
    """It would fail, lose something or leave it behind: nothing is touched until this is settled."""
    WARNS = "warns"
    """It can go on; somebody should know."""


@dataclass(frozen=True)
class Finding:
    """One thing that was found: what it is, where, and what to do about it."""

    id: str
    severity: Severity
    what: str
    where: str
    do: str

    def as_json(self) -> dict[str, str]:
        """As JSON values."""
        return asdict(self)

    @property
    def sentence(self) -> str:
        """All of it on one line."""
        return f"{self.where}: {self.what}; {self.do}"


def summary(found: Sequence[Finding]) -> str:
    """How many findings there are, by what they mean."""
    blocking = sum(one.severity is Severity.BLOCKS for one in found)
    warning = several(len(found) - blocking, "warns", "warn")
    return f"{several(blocking, 'finding blocks', 'findings block')} the cutover, {warning}"


def blocks(id: str, where: str, what: str, do: str) -> Finding:
    """A finding with which the cutover does not begin."""
    return Finding(id, Severity.BLOCKS, what, where, do)


def warns(id: str, where: str, what: str, do: str) -> Finding:
    """A finding with which it may."""
    return Finding(id, Severity.WARNS, what, where, do)


@dataclass(frozen=True)
class Writer:
    """Who writes to the old database, as the plan declares it; an empty field matches everybody.

    Args:
        role: the database role.
        application: a pattern such as ``pgAdmin*`` for the session's application_name.
        addresses: from where; ``local`` is a socket on the database's own host.
        fate: what becomes of it.
    """

    role: str
    fate: Literal["moved", "stopped", "refused"]
    application: str = ""
    addresses: Sequence[str] = ()


@dataclass(frozen=True)
class Wanted:
    """What the cutover is going to do.

    Args:
        database: its name on both sides.
        old: the host that has the data today, as people name it.
        new: the host that gets it.
        follows: whether changes are replicated while the old system serves; otherwise it is dumped under a fence.
        way_back: whether changes are replicated back after the switch.
        creates: whether the copy makes the new database anew; otherwise rows arrive in the schema that is there.
        differ: tables that cannot agree by nature, with the reason.
        writers: who writes.
    """

    database: str
    old: str
    new: str
    follows: bool = True
    way_back: bool = True
    creates: bool = True
    differ: Mapping[str, str] = field(default_factory=dict[str, str])
    writers: Sequence[Writer] = ()

    @staticmethod
    def of(values: Mapping[str, Any]) -> "Wanted":
        """From JSON values."""
        parts: dict[str, Any] = {**values, "writers": [Writer(**one) for one in values.get("writers", ())]}
        return Wanted(**parts)


class Side:
    """The facts of one database, by name. What was not told is empty.

    Args:
        host: the host's name.
        facts: what the host printed, as JSON.
    """

    def __init__(self, host: str, facts: Mapping[str, Any]) -> None:
        self.host, self._facts = host, facts

    def rows(self, name: str) -> Sequence[Row]:
        """A list of rows."""
        return self._facts.get(name) or ()

    def number(self, name: str) -> int:
        """A number; 0 when it was not told."""
        return int(self._facts.get(name) or 0)

    def row(self, name: str) -> Row:
        """One row."""
        return self._facts.get(name) or {}

    def setting(self, name: str) -> str:
        """A setting of the server."""
        return str(self.row("settings").get(name, ""))

    @property
    def version(self) -> int:
        """The major version: 15."""
        return self.number("version") // 10000

    @property
    def there(self) -> bool:
        """Whether the database exists."""
        return bool(self._facts.get("database"))

    @property
    def tables(self) -> Mapping[str, Row]:
        """Ordinary and partitioned tables by ``schema.name``, without those of extensions."""
        return {name_of(row): row for row in self.rows("relations") if row["kind"] in ("r", "p")}


@dataclass(frozen=True)
class Door:
    """The facts of a front door."""

    host: str
    facts: Mapping[str, str]


def name_of(row: Row) -> str:
    """``schema.name``."""
    return f"{row['schema']}.{row['name']}"
