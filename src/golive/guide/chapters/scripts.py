"""Appendix: the scripts of each host, exactly as they run. Secrets stand in them as names only.

Hosts of one role at many sites run nearly the same script. It stands in full where it comes first; where it comes again
only the lines that differ are printed, with their numbers, so that nothing is left out and nothing is printed twice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from golive.graph.step import Action, Step
from golive.guide.context import Context
from golive.guide.document import Block, Code, Line, Section, Span, code, line, para
from golive.guide.words import visible

MOST = 0.2
"""The share of lines that may differ for a script to be told by its differences."""


def write(context: Context) -> tuple[Block, ...]:
    """The appendix."""
    twins = _Twins()
    found: dict[str, list[Block]] = {}
    for site in context.sites:
        for step in context.steps(site):
            found.setdefault(step.lane, []).extend(_of(context, step, twins))
    hosts = tuple(
        Section(host, tuple(held), f"scripts-{host.replace('/', '-')}") for host, held in found.items() if held
    )
    if not hosts:
        return (para("The plan has no scripts: nothing is done on hosts.", tone="dim"),)
    return (para(_HOW), *hosts)


_HOW = (
    "Exactly as they run, as root, with the POSIX shell of the host. A secret stands there as the name of a variable; "
    "its value is read from the standard input when the script begins. Where a script is that of an earlier host but "
    "for some lines, only these lines are printed."
)


@dataclass(frozen=True)
class _First:
    number: str
    lane: str
    anchor: str
    lines: tuple[str, ...]


@dataclass
class _Twins:
    """The scripts that were printed in full, by what they are for."""

    held: dict[tuple[str, str, bool], list[_First]] = field(default_factory=dict[tuple[str, str, bool], list[_First]])

    def like(self, step: Step, inverse: bool, lines: tuple[str, ...]) -> tuple[_First, tuple[int, ...]] | None:
        """An earlier script that is nearly this one, and the lines that differ."""
        for first in self.held.get(self._key(step, inverse), ()):
            if len(first.lines) == len(lines):
                differ = tuple(number for number, (a, b) in enumerate(zip(first.lines, lines, strict=True)) if a != b)
                if len(differ) <= MOST * len(lines):
                    return first, differ
        return None

    def keep(self, step: Step, inverse: bool, first: _First) -> None:
        """Remembers a script that stands in full."""
        self.held.setdefault(self._key(step, inverse), []).append(first)

    @staticmethod
    def _key(step: Step, inverse: bool) -> tuple[str, str, bool]:
        return step.stage, step.id.rpartition("/")[2].partition("@")[0], inverse


def _of(context: Context, step: Step, twins: _Twins) -> Iterator[Block]:
    for action, inverse in ((step.do, False), (step.undo, True)):
        if action and action.kind == "script":
            yield from _script(context, step, action, inverse, twins)


def _script(context: Context, step: Step, action: Action, inverse: bool, twins: _Twins) -> Iterator[Block]:
    number, text = context.numbers[step.id], str(action.inputs["script"])
    anchor = f"{'undo' if inverse else 'script'}-{number}"
    lines = tuple(text.splitlines())
    if (found := twins.like(step, inverse, lines)) is not None:
        first, differ = found
        title = _title(context, step, action, inverse)
        said = "\n".join(f"{at + 1}: {lines[at]}" for at in differ)
        as_first = f"The script of {first.number} ({first.lane}), "
        as_first += "word for word." if not differ else f"with these of its {len(lines)} lines in place of its own:"
        yield Code(said, (*title, Span("\n"), Span(as_first, "dim", first.anchor)), anchor)
        return
    twins.keep(step, inverse, _First(number, step.lane, anchor, lines))
    yield Code(text.rstrip("\n"), _title(context, step, action, inverse), anchor, folded=True)


def _title(context: Context, step: Step, action: Action, inverse: bool) -> Line:
    said = f"{context.numbers[step.id]} {'Inverse of: ' if inverse else ''}{visible(step.title)} "
    notes = [code(step.id)]
    if secrets := tuple(str(name) for name in action.inputs.get("secrets", ())):
        notes.append(Span(f" · reads the secrets {', '.join(secrets)}", "dim"))
    if contents := tuple(_called(content) for content in action.inputs.get("contents", ())):
        notes.append(Span(f" · reads from /var/lib/golive/contents: {', '.join(contents)}", "dim"))
    return line(said, *notes)


def _called(content: Mapping[str, Any]) -> str:
    return f"{content['sha256']} ({visible(str(content.get('source', 'a long text of the plan')))})"
