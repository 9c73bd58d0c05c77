"""What a host was like when the run had brought it to its baseline, and what is different now."""

from collections.abc import Callable, Mapping
from pathlib import Path

from golive.cli.context import open_run
from golive.errors import UsageError
from golive.graph.step import Stage
from golive.journal.events import Do, Outcome
from golive.method.inventory import LASTING, differences
from golive.method.survey import read
from golive.run.look import Look


def since_baseline(plan: Path) -> Callable[[Look], list[str]]:
    """Tells for what was seen at a host how its inventory differs from the one of the baseline.

    Raises UsageError when the latest run has brought no host to its baseline.
    """
    frozen = _frozen(plan)
    if not frozen:
        raise UsageError("no baseline is done here: nothing to compare with", "golive run --until baseline")

    def drift(one: Look) -> list[str]:
        if one.error:
            return []
        if one.step.lane not in frozen:
            return ["its baseline is not done: nothing to compare with"]
        return list(differences(frozen[one.step.lane], read(one.output), LASTING))

    return drift


def _frozen(plan: Path) -> Mapping[str, Mapping[str, str]]:
    """The inventories that the baseline's scripts told, by lane; the latest attempt counts."""
    opened = open_run(plan)
    found: dict[str, Mapping[str, str]] = {}
    for attempt in opened.journal.state.attempts.values():
        step, ended = opened.graph.by_id.get(attempt.step), attempt.ended
        if step is None or step.stage is not Stage.BASELINE or attempt.action is not Do.DO or ended is None:
            continue
        facts = read(opened.store.blob(ended.output).decode("utf-8", "replace"))
        if ended.outcome is Outcome.DONE and any(name.startswith("package ") for name in facts):
            found[step.lane] = facts
    return found
