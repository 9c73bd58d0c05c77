"""Gathers what the gate of a stage is judged by: files of evidence, what the journal knows, what hosts say now."""

import asyncio
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from golive.digest import digest, digest_bytes
from golive.errors import HostError
from golive.gates.facts import Case, CheckFacts, Defect, Facts, FileFacts, HostFacts, Results, Signed
from golive.graph.graph import Graph
from golive.graph.step import Action, Step
from golive.hosts.plain import ask
from golive.journal.events import AttemptEnded, Outcome
from golive.method.inventory import changes
from golive.method.survey import read
from golive.reconcile.standing import is_done
from golive.reconcile.state import State, Status
from golive.run.fleet import Fleet
from golive.run.look import look
from golive.run.secrets import Vault
from golive.run.xml import refuse_entities

MOST = 64 << 20
"""Bytes of the largest file of evidence that is read."""

T = TypeVar("T")


@dataclass(frozen=True)
class Sources:
    """Where evidence is found.

    Args:
        folder: the plan's folder.
        fleet: the hosts.
        vault: the secrets that checks on hosts name.
        keep: takes the bytes of a file of evidence, so that what was judged can be read later.
        blob: the bytes that were kept under a digest, such as what the baseline's script said.
        looks: for a site the steps that look at its hosts as ``golive drift`` does.
    """

    folder: Path
    fleet: Fleet
    vault: Vault
    keep: Callable[[bytes], object] = lambda _: None
    blob: Callable[[str], bytes] = lambda _: b""
    looks: Callable[[str], Iterable[Step]] = lambda _: ()


async def gather(gate: Step, graph: Graph, state: State, now: datetime, sources: Sources) -> Facts:
    """Everything about one gate.

    Args:
        gate: its step; its inputs say what is to be looked at.
        graph: the graph in which it stands.
        state: how the run stands.
        now: the time, with zone.
        sources: where evidence is found.
    """
    facts = Facts(now=now, hosts=_hosts(gate, graph, state))
    for criterion in gate.do.inputs["criteria"]:
        match criterion["kind"]:
            case "drift":
                facts = await _drift(facts, gate, state, sources)
            case "tests":
                facts = _tests(facts, criterion, sources)
            case "defects":
                facts = _register(facts, criterion["file"], sources)
            case "file":
                facts = _file(facts, criterion["file"], sources)
            case "check":
                seen = await _check(gate, graph, criterion["scripts"], sources)
                facts = replace(facts, checks={**facts.checks, criterion["id"]: seen})
            case "attest":
                signed = _signed(graph, state, criterion["step"])
                facts = replace(facts, signed={**facts.signed, criterion["step"]: signed})
            case _:
                pass  # hosts are looked at for every gate
    return facts


def _hosts(gate: Step, graph: Graph, state: State) -> tuple[HostFacts, ...]:
    return tuple(_host(name, steps, graph, state) for name, steps in gate.do.inputs["hosts"].items())


def _host(name: str, steps: Mapping[str, str], graph: Graph, state: State) -> HostFacts:
    survey, baseline = _ended(steps["survey"], state), _ended(steps["baseline"], state)
    resources = sum(len(baseline.evidence.get(key, ())) for key in ("ok", "changed")) if baseline else 0
    stands = {key: _stands(step, graph, state) for key, step in steps.items()}
    bad = next((key for key in ("survey", "baseline") if stands[key] not in ("", "pending", "done")), None)
    return HostFacts(
        name=name,
        survey=stands["survey"],
        rows=tuple(survey.evidence.get("conformance", ())) if survey else (),
        baseline=stands["baseline"],
        resources=resources,
        conformance=digest([baseline.output, dict(baseline.evidence)]) if baseline else "",
        note=state.step(steps[bad]).note if bad else "",
    )


def _stands(name: str, graph: Graph, state: State) -> str:
    """How a step stands; empty: there is no such step. One that was done under other inputs is to be done again."""
    if name not in graph.by_id:
        return ""
    status = state.step(name).status
    return "stale" if status is Status.DONE and not is_done(graph.by_id[name], graph, state) else str(status)


def _ended(name: str, state: State) -> AttemptEnded | None:
    attempt = state.attempts.get(state.step(name).attempt or 0)
    return attempt.ended if attempt else None


def _signed(graph: Graph, state: State, name: str) -> Signed:
    people = tuple(answer.person for answer in state.answers.get(name, ()))
    return Signed(_stands(name, graph, state) or "pending", people, state.step(name).note)


async def _drift(facts: Facts, gate: Step, state: State, sources: Sources) -> Facts:
    """Looks again at the hosts whose baseline is done."""
    frozen = {name: _inventory(steps["baseline"], state, sources) for name, steps in gate.do.inputs["hosts"].items()}
    steps = [step for step in sources.looks(gate.site or "") if frozen.get(step.host or "")]
    seen = await look(sources.fleet, sources.vault, steps)
    unseen = {one.step.host or "": f"{one.error.message}; {one.error.hint}" for one in seen if one.error}
    drift = {host: changes(frozen[host], one.output) for one in seen if (host := one.step.host or "") not in unseen}
    return replace(facts, drift=drift, unseen=unseen)


def _inventory(name: str, state: State, sources: Sources) -> Mapping[str, str]:
    """What a host told when it had been brought to its baseline; nothing, if that is not done."""
    ended = _ended(name, state)
    if ended is None or ended.outcome is not Outcome.DONE:
        return {}
    return read(sources.blob(ended.output).decode("utf-8", "replace"))


def _register(facts: Facts, name: str, sources: Sources) -> Facts:
    found = _read(sources, name, lambda body: _defects(body, name))
    if isinstance(found, str):
        return replace(facts, unread={**facts.unread, name: found})
    return replace(facts, defects=found)


def _read(sources: Sources, name: str, reader: Callable[[bytes], T]) -> T | str:
    """What a reader makes of a file, or why it cannot be read, as words."""
    try:
        path = (sources.folder / name).resolve()
        if not path.is_relative_to(sources.folder.resolve()):
            return "it lies outside of the plan's folder"
        if path.stat().st_size > MOST:
            return f"it is larger than {MOST >> 20} MiB"
        body = path.read_bytes()
        sources.keep(body)
        return reader(body)
    except OSError as error:
        return str(error.strerror).lower()
    except ValueError as error:
        return str(error)


def _file(facts: Facts, name: str, sources: Sources) -> Facts:
    dated = datetime.fromtimestamp(0, UTC)
    found = _read(sources, name, lambda body: FileFacts(digest_bytes(body), len(body), dated))
    if isinstance(found, str):
        return replace(facts, unread={**facts.unread, name: found})
    found = replace(found, dated=datetime.fromtimestamp((sources.folder / name).stat().st_mtime, UTC))
    return replace(facts, files={**facts.files, name: found})


def _tests(facts: Facts, criterion: Mapping[str, Any], sources: Sources) -> Facts:
    for pattern in criterion["results"]:
        names = sorted(str(path.relative_to(sources.folder)) for path in _matching(sources.folder, pattern))
        if not names:
            facts = replace(facts, unread={**facts.unread, pattern: "there is no such file"})
        for name in names:
            found = _read(sources, name, lambda body, name=name: junit(body, name))
            if isinstance(found, str):
                facts = replace(facts, unread={**facts.unread, pattern: f"{name}: {found}"})
            else:
                facts = replace(facts, results=(*facts.results, found))
    return facts


def _matching(folder: Path, pattern: str) -> Iterator[Path]:
    if not Path(pattern).is_absolute() and ".." not in Path(pattern).parts:
        yield from folder.glob(pattern)


def junit(body: bytes, name: str) -> Results:
    """Results of tests from JUnit XML. Raises ValueError that says what is wrong with them."""
    from junitparser.xunit2 import JUnitXml, TestSuite

    refuse_entities(body)
    try:
        whole: Any = JUnitXml.fromstring(body)
    except (SyntaxError, ValueError, TypeError, AttributeError) as error:  # the ParseError of lxml, too
        raise ValueError(f"it is no JUnit XML: {error}") from error
    suites = cast("list[Any]", [whole] if isinstance(whole, TestSuite) else list(whole))
    known = [_properties(suite) for suite in suites]
    merged = {key: value for properties in known for key, value in properties.items()}
    versions = {properties.get("version", "") for properties in known}
    artifacts = {key.removeprefix("artifact."): value for key, value in merged.items() if key.startswith("artifact.")}
    cases = [case for suite, properties in zip(suites, known, strict=True) for case in _cases(suite, properties)]
    if not cases:
        raise ValueError("it holds no test")
    version = ", ".join(sorted(versions)) if len(versions) > 1 else versions.pop()
    return Results(name, digest_bytes(body), _oldest(suites), version, artifacts, tuple(cases))


def _properties(part: Any) -> dict[str, str]:
    return {str(item.name): str(item.value) for item in part.properties()}


def _oldest(suites: list[Any]) -> datetime | None:
    """When the oldest suite ran; None when one of them does not say. A time without a zone is taken for UTC."""
    times: list[datetime] = []
    for suite in suites:
        try:
            at = datetime.fromisoformat(suite.timestamp)
        except (TypeError, ValueError):
            return None
        times.append(at if at.tzinfo else at.replace(tzinfo=UTC))
    return min(times, default=None)


def _cases(suite: Any, properties: Mapping[str, str]) -> Iterator[Case]:
    from junitparser import Error, Failure, Skipped

    words = {Failure: "failed", Error: "error", Skipped: "skipped"}
    for inner in suite.testsuites():
        yield from _cases(inner, {**properties, **_properties(inner)})
    for case in suite:
        if not hasattr(case, "classname"):
            continue
        kinds = [words[type(item)] for item in case.result if type(item) in words]
        outcome = next((word for word in ("error", "failed", "skipped") if word in kinds), "passed")
        own = {**properties, **_properties(case)} if hasattr(case, "properties") else properties
        yield Case(".".join(part for part in (case.classname, case.name) if part), outcome, own.get("component", ""))


def _defects(body: bytes, name: str) -> tuple[Defect, ...]:
    """The register's lines. Raises ValueError that says which line is wrong."""
    text = body.decode("utf-8-sig", "strict") if not name.endswith((".yaml", ".yml")) else body.decode()
    rows = _from_yaml(text) if name.endswith((".yaml", ".yml")) else list(csv.DictReader(io.StringIO(text)))
    found: list[Defect] = []
    for number, row in enumerate(rows, 1):
        known = {str(key).strip().casefold(): str(value or "").strip() for key, value in row.items()}
        if missing := [key for key in ("id", "priority", "status") if not known.get(key)]:
            raise ValueError(f"its entry {number} has no {missing[0]}")
        found.append(Defect(known["id"], known["priority"], known["status"]))
    return tuple(found)


def _from_yaml(text: str) -> list[dict[str, Any]]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        data: Any = YAML(typ="safe", pure=True).load(text)  # pyright: ignore[reportUnknownMemberType]
    except YAMLError as error:
        raise ValueError(f"it is no YAML: {error}") from error
    items = cast("list[Any]", data) if isinstance(data, list) else []
    if data is not None and (not isinstance(data, list) or not all(isinstance(item, dict) for item in items)):
        raise ValueError("it is no list of defects")
    return cast("list[dict[str, Any]]", items)


async def _check(
    gate: Step, graph: Graph, scripts: Mapping[str, Mapping[str, Any]], sources: Sources
) -> tuple[CheckFacts, ...]:
    return tuple(
        await asyncio.gather(*(_on_host(gate, graph, host, inputs, sources) for host, inputs in scripts.items()))
    )


async def _on_host(gate: Step, graph: Graph, host: str, inputs: Mapping[str, Any], sources: Sources) -> CheckFacts:
    survey = graph.by_id[gate.do.inputs["hosts"][host]["survey"]]
    place = replace(survey, do=Action("script", inputs))
    try:
        done = await ask(sources.fleet.host(place), inputs["script"], sources.vault.take(inputs["secrets"]))
    except HostError as error:
        return CheckFacts(host, False, f"{error.message}; {error.hint}")
    said = sources.vault.redact(done.stdout + done.stderr).decode("utf-8", "replace").strip()[-200:]
    return CheckFacts(host, done.exit == 0, said or f"exit {done.exit}")
