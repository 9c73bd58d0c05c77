"""What earlier runs and tickets say, as the flags take it. Pure."""

from collections.abc import Iterator, Sequence

from golive.flags.facts import Row, Run, Tried
from golive.flags.history import component_of, kind_of
from golive.graph.graph import Graph
from golive.graph.step import Stage
from golive.journal.events import Do, Outcome
from golive.reconcile.state import State, Status

_ENDS = (Outcome.DONE, Outcome.FAILED)


def tried(name: str, graph: Graph, state: State) -> Iterator[Tried]:
    """Each attempt of a run that came to an end of its own.

    Args:
        name: the run.
        graph: its graph, as it is now.
        state: the fold of its journal.
    """
    for attempt in state.attempts.values():
        step, ended = graph.by_id.get(attempt.step), attempt.ended
        if step is None or ended is None or attempt.action is not Do.DO or ended.outcome not in _ENDS:
            continue
        failed = ended.outcome is Outcome.FAILED
        again = failed and state.step(step.id).status is Status.DONE
        yield Tried(
            kind=kind_of(step),
            component=component_of(step),
            site=step.site or "",
            installer=state.started.who if state.started else "",
            failed=failed,
            planned=step.planned,
            took=ended.seconds,
            cause=ended.note,
            remedy="it was done when it was tried again" if again else "",
            where=f"{name}, attempt {attempt.number}",
        )


def shown(name: str, graph: Graph, state: State) -> Iterator[Run]:
    """What a run has shown at each of its sites."""
    steps: dict[str, list[str]] = {}
    for step in graph.steps:
        if step.site:
            steps.setdefault(step.site, []).append(step.id)
    for site, ids in steps.items():
        of = state.site(site)
        clean = of.ended is not None and not of.ended.residue
        through = not of.backing_out and all(state.step(step).status in (Status.DONE, Status.SKIPPED) for step in ids)
        stage = _furthest(graph, state, site) if clean else ""
        if through or stage:
            yield Run(name, graph.version, site, through, stage)


def _furthest(graph: Graph, state: State, site: str) -> str:
    """The last stage of which a back-out took something back: deploy or cutover."""
    undone = {step.stage for step in graph.steps if step.site == site and state.step(step.id).status is Status.UNDONE}
    return next((str(stage) for stage in (Stage.CUTOVER, Stage.DEPLOY) if stage in undone), "")


def ticketed(file: str, rows: Sequence[Row]) -> Iterator[Tried]:
    """Each line of the tickets; the first line of the file is its head."""
    for number, row in enumerate(rows, 2):
        yield Tried(
            kind=row.get("kind", ""),
            component=row.get("component", ""),
            site=row.get("site", ""),
            installer=row.get("installer", ""),
            failed=row.get("outcome", "").strip().casefold() == "failed",
            planned=_seconds(row.get("planned", "")),
            took=_seconds(row.get("took", "")),
            cause=row.get("cause", ""),
            remedy=row.get("remedy", ""),
            remedy_done=row.get("remedy_state", "").strip().casefold() == "done",
            where=f"{file}:{number}",
        )


def _seconds(text: str) -> float:
    try:
        return max(float(text), 0.0)
    except ValueError:
        return 0.0
