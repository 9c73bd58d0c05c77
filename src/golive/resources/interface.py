"""What a resource is: one piece of desired state on one host, which renders itself to POSIX sh.

Rules that every resource keeps:

1. ``check`` exits 0 when the host is as wanted, changes nothing and prints nothing that matters.
2. ``apply`` makes it so; it runs under ``set -e`` and may be run again after it died half-way.
3. ``keep`` saves the former state as ``"$keep"`` (a file or a directory, not there yet) before the first ``apply`` of a
   run; ``undo`` restores it, and may be run again after it died half-way.
4. No field reaches the script unquoted, except shell text that the plan's author wrote as such.
"""

from typing import ClassVar

from golive.model import Model


def first_line(text: str) -> str:
    """The first line that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "(empty)")


class Resource(Model):
    """Base of all resources. ``kind`` is the key in the plan, and the field of that name holds the main value."""

    kind: ClassVar[str]

    @property
    def main(self) -> str:
        """The main value: what the key of the kind holds, such as a package's name or a file's path."""
        return str(getattr(self, self.kind))

    @property
    def title(self) -> str:
        """What a person calls it, on one line."""
        return f"{self.kind} {first_line(self.main)}"

    def check(self) -> str:
        """Shell text that exits 0 when the host is as wanted."""
        raise NotImplementedError

    def apply(self) -> str:
        """Shell text that makes it so."""
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

    def restarts_on(self) -> tuple[str, ...]:
        """Main values of resources whose change this one must hear of."""
        return ()
