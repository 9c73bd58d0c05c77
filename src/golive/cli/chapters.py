"""The commands in the chapters in which a person looks for them: planning, looking, running, people, proof."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter

CHAPTERS: Mapping[str, Sequence[str]] = {
    "Write the plan": ("init", "check", "schema", "gather", "trust"),
    "Read what it means": ("guide", "graph", "calendar", "needs", "flags", "gates"),
    "Look at the hosts, changing nothing": ("survey", "diff", "drift", "cutover"),
    "Go live": ("run", "status", "amend", "worker"),
    "When something fails": ("retry", "skip", "back-out", "roll-forward", "abort", "recover"),
    "People": ("tasks", "do", "approve", "refuse", "waive"),
    "Proof": ("events", "journal"),
    "Practice": ("lab",),
}
_WHOLE = 200  # letters: the first sentence is shown whole; Click would cut it at 45
_WIDEST = max(len(name) for names in CHAPTERS.values() for name in names)


class Chapters(TyperGroup):
    """A group whose help lists its commands by chapter; what no chapter names comes last."""

    def format_commands(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """Writes the chapters of commands; Click calls it."""
        named = {name for names in CHAPTERS.values() for name in names}
        others = [name for name in self.list_commands(ctx) if name not in named]
        for title, names in (*CHAPTERS.items(), ("Others", others)):
            commands = [(name, self.get_command(ctx, name)) for name in names]
            rows = [(name.ljust(_WIDEST), command.get_short_help_str(_WHOLE)) for name, command in commands if command]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)
