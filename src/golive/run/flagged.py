"""Reads what the flags are judged by: the files of evidence that the plan names, and the project's own journals."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from golive.errors import GateRefused, GoliveError
from golive.flags.facts import Case, Facts, Row
from golive.flags.past import shown, ticketed, tried
from golive.gates.rule import Waiver
from golive.graph.graph import Graph
from golive.graph.step import Stage
from golive.journal.events import Do, Outcome
from golive.method.survey import read
from golive.plan.evidence import Evidence, Signed, TestResults
from golive.plan.plan import Loaded, Plan
from golive.reconcile.state import State
from golive.run.decide import verify
from golive.run.journal import Journal
from golive.run.store import Store
from golive.run.xml import refuse_entities


def gathered(loaded: Loaded, graph: Graph, folder: Path, store: Store | None, now: datetime) -> Facts:
    """Everything that the flags look at.

    Args:
        loaded: the plan.
        graph: what it compiles to.
        folder: the plan's folder, from which the paths of evidence begin.
        store: the project's store; None: nothing was ever run.
        now: the time, with zone.
    """
    evidence, unread = loaded.plan.evidence, dict[str, str]()
    rows = {file: _rows(folder / file, file, unread) for file in _registers(evidence)}
    runs = list(_runs(store)) if store else []
    tickets = evidence.tickets.file if evidence.tickets else ""
    past = [one for name, of, state in runs for one in tried(name, of, state)]
    return Facts(
        loaded=loaded,
        graph=graph,
        now=now,
        cases=tuple(case for results in evidence.tests for case in _cases(folder, results, unread)),
        rows=rows,
        files=frozenset(name for name in _files(loaded.plan) if _is_there(folder / name)),
        signatures={(one.by, one.document): _signature(loaded, folder, one) for one in _signed(evidence)},
        surveyed=_surveyed(store, *runs[-1][1:]) if store and runs else {},
        past=(*past, *ticketed(tickets, rows.get(tickets, ()))),
        runs=tuple(one for name, of, state in runs for one in shown(name, of, state)),
        unread=unread,
    )


def _registers(evidence: Evidence) -> Iterator[str]:
    yield from (register.file for register in evidence.fleet)
    yield from (figure.register_file for figure in evidence.figures)
    yield from ((evidence.tickets.file,) if evidence.tickets else ())


def _rows(path: Path, name: str, unread: dict[str, str]) -> tuple[Row, ...]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return tuple(_row(row) for row in csv.DictReader(stream))
    except OSError as error:
        unread[name] = error.strerror or "it cannot be opened"
    except (UnicodeDecodeError, csv.Error) as error:
        unread[name] = f"it is no CSV in UTF-8 ({error})"
    return ()


def _row(row: Mapping[Any, Any]) -> Row:
    """Columns by name, without what a line has too many or too few."""
    return {key.strip().casefold(): value.strip() for key, value in row.items() if key and isinstance(value, str)}


def _cases(folder: Path, results: TestResults, unread: dict[str, str]) -> Iterator[Case]:
    from junitparser import JUnitXml, JUnitXmlError, TestSuite  # heavy, and rarely needed

    reader: Any = JUnitXml  # given bytes: a parser of XML that opens files opens URLs too
    try:
        body = (folder / results.file).read_bytes()
        refuse_entities(body)
        parsed: Any = reader.fromstring(body)
    except OSError as error:
        unread[results.file] = error.strerror or "it cannot be opened"
        return
    except (JUnitXmlError, SyntaxError, ValueError) as error:  # ElementTree's ParseError is a SyntaxError
        unread[results.file] = f"it is no JUnit XML ({error})"
        return
    suites: Iterable[Any] = [parsed] if isinstance(parsed, TestSuite) else parsed
    for suite in suites:
        version = results.version or _property(suite, "version")
        for case in suite:
            yield Case(_names(case), _outcome(case), version, results.file)


def _property(item: Any, name: str) -> str:
    return next((str(one.value) for one in item.properties() if one.name == name), "")


def _names(case: Any) -> tuple[str, ...]:
    """What a test says that it is about: its properties ``scenario``, its name, and that with its class."""
    from junitparser import Properties

    told = [str(one.value) for held in case.iterchildren(Properties) for one in held if one.name == "scenario"]
    whole = f"{case.classname}.{case.name}" if case.classname else ""
    return tuple(dict.fromkeys(name for name in (*told, str(case.name or ""), whole) if name))


def _outcome(case: Any) -> str:
    kinds = {type(result).__name__ for result in cast("list[Any]", case.result)}
    for kind, outcome in (("Error", "error"), ("Failure", "failed"), ("Skipped", "skipped")):
        if kind in kinds:
            return outcome
    return "passed"


def _files(plan: Plan) -> Iterator[str]:
    """The files of evidence whose being there is looked at."""
    evidence, back_out = plan.evidence, plan.contingency.back_out if plan.contingency else None
    names = [test.evidence for test in evidence.load.tests] if evidence.load else []
    names += [name for trial in evidence.trials for name in (trial.evidence, trial.impact)]
    names += [one.evidence for one in evidence.attestations]
    names += [back_out.artifact] if back_out else []
    yield from (name for name in names if name)


def _is_there(path: Path) -> bool:
    try:
        return path.is_file() and path.stat().st_size > 0
    except OSError:
        return False


def _signed(evidence: Evidence) -> Iterator[Signed]:
    yield from (trial.signed for trial in evidence.trials if trial.signed)
    yield from (one.signed for one in evidence.deferred if one.signed)


def _signature(loaded: Loaded, folder: Path, signed: Signed) -> str:
    """Why a document is not signed by the person; empty: it is."""
    person = loaded.plan.people.get(signed.by)
    if person is None or person.key is None:
        return f"{signed.by} has no key in people"
    try:
        text = (folder / signed.document).read_text(encoding="utf-8")
        signature = (folder / f"{signed.document}.sig").read_text(encoding="utf-8")
    except OSError as error:
        return f"{Path(error.filename).name} cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        return "the document is not UTF-8 text"
    try:
        verify(text, signature, signed.by, {signed.by: loaded.files[person.key]})
    except GateRefused as error:
        return error.message
    return ""


def _runs(store: Store) -> Iterator[tuple[str, Graph, State]]:
    """Every run of the project that has begun: its name, its graph as it is now, and the fold of its journal."""
    for name in store.runs():
        state = Journal(store, name).state
        if state.graph:
            yield name, store.graph(state.graph), state


def _surveyed(store: Store, graph: Graph, state: State) -> Mapping[str, Mapping[str, str]]:
    """What the latest run's baseline stage saw of each host; later attempts count."""
    found: dict[str, dict[str, str]] = {}
    for attempt in state.attempts.values():
        step, ended = graph.by_id.get(attempt.step), attempt.ended
        if step is None or step.stage is not Stage.BASELINE or attempt.action is not Do.DO:
            continue
        if ended is not None and ended.output and ended.outcome in (Outcome.DONE, Outcome.REFUSED):
            found.setdefault(step.lane, {}).update(_facts(store, ended.output))
    return found


def _facts(store: Store, output: str) -> Mapping[str, str]:
    try:
        return read(store.blob(output).decode("utf-8", "replace"))
    except GoliveError:
        return {}


def waivers(store: Store) -> tuple[Waiver, ...]:
    """The waivers that were signed in the latest run, in the order of their signing."""
    names = store.runs()
    signed = Journal(store, names[-1]).state.waivers if names else ()
    return tuple(Waiver(one.step, one.rule, one.covers, one.person, one.reason, one.expires) for one in signed)
