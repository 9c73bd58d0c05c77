"""Appendix: the scripts of each host, exactly as they run. Secrets stand in them as names only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from golive.graph.step import Action, Step
from golive.guide.context import Context
from golive.guide.words import visible


@dataclass(frozen=True)
class Script:
    """One script: what it does or undoes, its text, the names of its secrets, and what it reads beside them."""

    number: str
    id: str
    title: str
    inverse: bool
    text: str
    secrets: tuple[str, ...]
    contents: tuple[str, ...]


@dataclass(frozen=True)
class HostScripts:
    """The scripts of one host, in order; each inverse stands behind what it undoes."""

    host: str
    scripts: tuple[Script, ...]


@dataclass(frozen=True)
class Scripts:
    """The scripts of all hosts."""

    hosts: tuple[HostScripts, ...]


def write(context: Context) -> Scripts:
    """The chapter."""
    found: dict[str, list[Script]] = {}
    for site in context.sites:
        for step in context.steps(site):
            found.setdefault(step.lane, []).extend(_of(context, step))
    return Scripts(tuple(HostScripts(host, tuple(held)) for host, held in found.items() if held))


def _of(context: Context, step: Step) -> Iterator[Script]:
    for action, inverse in ((step.do, False), (step.undo, True)):
        if action and action.kind == "script":
            yield _script(context, step, action, inverse)


def _script(context: Context, step: Step, action: Action, inverse: bool) -> Script:
    secrets = tuple(str(name) for name in action.inputs.get("secrets", ()))
    text = str(action.inputs["script"])
    contents = tuple(_called(content) for content in action.inputs.get("contents", ()))
    return Script(context.numbers[step.id], step.id, visible(step.title), inverse, text, secrets, contents)


def _called(content: Mapping[str, Any]) -> str:
    return f"{content['sha256']} ({visible(str(content.get('source', 'a long text of the plan')))})"
