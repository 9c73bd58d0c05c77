"""What a resource is: one piece of desired state on one host, which renders itself to POSIX sh.

Rules that every resource keeps:

1. ``check`` succeeds when the host is as wanted, changes nothing and prints nothing that matters. It may ``return``;
   it must not ``exit``, since it runs in the script's own shell.
2. ``apply`` makes it so; it runs under ``set -e`` and may be run again after it died half-way.
3. ``keep`` saves the former state as ``"$keep"`` (a file or a directory, not there yet) before the first ``apply`` of a
   run; ``undo`` restores it, and may be run again after it died half-way.
4. No field reaches the script unquoted, except shell text that the plan's author wrote as such.
5. ``diff`` changes nothing and must not ``exit``, as ``check``; each line that it prints begins with a space, ``-``,
   ``+``, ``@`` or a backslash.
"""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from golive.model import Model, Name, Shell
from golive.resources.content import Content
from golive.resources.glance import Sight
from golive.resources.lockout import locks_out

IN_TURN = 'for number; do "apply_$number"; done'
"""``together`` of kinds whose neighbours are applied one after the other, and gain by being looked at together."""


def first_line(text: str) -> str:
    """The first line that says something; without tabs, which separate the fields of a report."""
    if text.isprintable() and (stripped := text.strip()):
        return stripped  # as most are: it is asked for tens of thousands of times
    return next((line.strip().replace("\t", " ") for line in text.splitlines() if line.strip()), "(empty)")


def printable(text: str, most: int = 60) -> str:
    """The text as a part of a title: one line, without what would end it on a screen or in a report."""
    clean = "".join(char if char.isprintable() else " " for char in text)
    return clean if len(clean) <= most else clean[: most - 1] + "…"


class Resource(Model):
    """Base of all resources. ``kind`` is the key in the plan, and the field of that name holds the main value."""

    kind: ClassVar[str]
    when: Shell | None = Field(None, description="Shell text, run on the host; when it fails, the resource is skipped.")
    tags: tuple[Name, ...] = Field((), description="Words by which `golive diff --tag` picks.")

    @property
    def main(self) -> str:
        """The main value: what the key of the kind holds, such as a package's name or a file's path."""
        return str(getattr(self, self.kind.replace("-", "_")))

    @property
    def identity(self) -> str:
        """What no second one of the kind may share in a list: the main value, unless several may have one of those."""
        return self.main

    @property
    def together(self) -> str:
        """Shell text that applies neighbours with this same text at once, their ``item`` as ``"$@"``; empty: alone.

        None of them may change what another one's ``check`` says. Where it ends with ``IN_TURN`` the items are numbers.
        """
        return ""

    @property
    def title(self) -> str:
        """What a person calls it, on one line."""
        return f"{self.kind} {first_line(self.main)}"

    def risky(self, login: str = "") -> bool:
        """Whether a mistake in it can lock golive out of the host: then a change is reverted unless it is confirmed.

        Args:
            login: the user as whom golive logs in, as far as the plan says.
        """
        return locks_out(self.kind, self.main, login)

    looks_first: ClassVar[bool] = False
    """Whether ``look`` at all neighbours costs less than their checks: then these go by it too."""

    def look(self) -> str:
        """Shell text that asks about neighbours at once, ``item`` by ``item`` as ``"$@"``, when some of them differ.

        What it prints is ``$shown`` for their ``diff`` and for ``together``.
        """
        return ""

    def prepare(self) -> str:
        """Shell functions that ``check``, ``apply`` and ``diff`` call; empty: none."""
        return ""

    def check(self) -> str:
        """Shell text that succeeds when the host is as wanted."""
        raise NotImplementedError

    def sights(self) -> Sequence[Sight]:
        """What a host says about it when ``check`` would succeed, all of it; empty: that cannot be told at a glance."""
        return ()

    def apply(self) -> str:
        """Shell text that makes it so."""
        raise NotImplementedError

    def diff(self) -> str:
        """Shell text that prints how the host differs from what is wanted; empty: nothing can be said."""
        return ""

    def foreseen(self) -> str:
        """Shell text that succeeds when ``apply`` is sure to be needed, whatever is changed before it."""
        return ":"

    def item(self) -> str:
        """What ``together`` takes for this one, as a shell word."""
        raise NotImplementedError

    def keep(self) -> str:
        """Shell text that saves the former state at the path ``"$keep"``; empty: there is nothing to save."""
        return ""

    def undo(self) -> str:
        """Shell text that restores what ``keep`` saved; empty: it stays, and is listed as kept."""
        return ""

    def settle(self) -> str:
        """Shell text that runs after all undos, in order of declaration: what has to wait for the others."""
        return ""

    def contents(self) -> tuple[Content, ...]:
        """What must lie on the host beside the script before ``apply`` runs."""
        return ()

    def restarts_on(self) -> tuple[str, ...]:
        """Main values of resources whose change this one must hear of."""
        return ()
