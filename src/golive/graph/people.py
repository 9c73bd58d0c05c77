"""Steps of people around a stage: tasks by hand, approvals, messages; and the stage's gate.

1. Before a stage: tasks, then approvals and attestations, then the gate, then messages; then the stage begins. The gate
   of the baseline stands behind its surveys, which are what it judges.
2. After a stage: tasks, then approvals, then messages. What comes next waits for all of them.
3. A message to several receivers is a step for each: what one of them got is never sent again because of another.
4. Nothing of a cutover waits for a message that is sent during it.
"""

from collections.abc import Iterator
from typing import Any

from golive.digest import digest
from golive.graph.render import Renderer
from golive.graph.site import SiteScope, script
from golive.graph.step import Action, Rerun, Stage, Step, Witness
from golive.kinds.check import until_it_holds
from golive.kinds.interface import Check
from golive.plan.approval import Approval, Attestation
from golive.plan.gates import StageGate
from golive.plan.message import Message
from golive.plan.plan import Loaded
from golive.plan.task import HumanTask


def before(site: SiteScope, stage: Stage, needs: tuple[str, ...]) -> tuple[Step, ...]:
    """What stands before the first step of a stage at a site; empty when the plan asks for nothing."""
    moment = f"before {stage}"
    first = _people(site, stage, moment, needs)
    behind = ends(first) or needs
    barred = tuple(gate(site, stage, behind)) if stage is not Stage.BASELINE else ()
    told = tuple(_messages(site, stage, moment, ends(barred) or behind))
    return (*first, *barred, *told)


def after(site: SiteScope, stage: Stage, needs: tuple[str, ...]) -> tuple[Step, ...]:
    """What stands behind the last step of a stage at a site."""
    moment = f"after {stage}"
    last = _people(site, stage, moment, needs)
    return (*last, *_messages(site, stage, moment, ends(last) or needs))


def during(site: SiteScope, cutover: tuple[Step, ...]) -> tuple[Step, ...]:
    """The messages that are sent while a cutover goes on: once its fences are up."""
    fences = tuple(step.id for step in cutover if f"/{Stage.CUTOVER}/fence-" in step.id)
    return tuple(_messages(site, Stage.CUTOVER, "during cutover", fences or ends(cutover)))


def ends(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """The ids of the steps that no other of them needs: when these are done, all are."""
    needed = {need for step in steps for need in step.needs}
    return tuple(step.id for step in steps if step.id not in needed)


def _people(site: SiteScope, stage: Stage, moment: str, needs: tuple[str, ...]) -> tuple[Step, ...]:
    tasks = [
        _task(site, stage, task, f"tasks[{index}]", needs)
        for index, task in enumerate(site.plan.tasks)
        if task.at == moment and site.name in (task.sites or (site.name,))
    ]
    needs = tuple(step.id for step in tasks) or needs
    approvals = [
        _decision(site, stage, approval, f"approvals[{index}]", needs)
        for index, approval in enumerate(site.plan.approvals)
        if approval.at == moment and site.name in (approval.sites or (site.name,))
    ]
    spec = site.plan.gates.of(stage) if site.plan.gates and moment.startswith("before") else None
    attested = [
        _decision(site, stage, attestation, f"gates.{stage}.attest[{index}]", needs)
        for index, attestation in enumerate(spec.attest if spec else ())
    ]
    return (*tasks, *approvals, *attested)


def _task(site: SiteScope, stage: Stage, task: HumanTask, path: str, needs: tuple[str, ...]) -> Step:
    renderer = site.renderer()
    instruction = _text(renderer, task.instruction, path)
    inputs: dict[str, Any] = {
        "role": task.role,
        "question": f"{task.name}: {_first_line(instruction)}",
        "instruction": instruction,
        "due": task.due,
        "valid_for": task.valid_for,
        "evidence": list(task.evidence),
        "answers": [answer.model_dump(exclude_defaults=True) for answer in task.answers],
    }
    asks = [f"{len(task.evidence)} file(s) of evidence" if task.evidence else "", "answers" if task.answers else ""]
    verify = f"a person with the role {task.role} signs that it is done" + "".join(
        f", with {one}" for one in asks if one
    )
    title = f"by hand: {_first_line(instruction)}"
    return _step(site, stage, task.name, Action("person", inputs), path, needs, title, verify, task.planned)


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0].strip()[:100]


def _text(renderer: Renderer, text: str, path: str) -> str:
    return renderer.text(text, path).strip()


def _decision(site: SiteScope, stage: Stage, spec: Attestation, path: str, needs: tuple[str, ...]) -> Step:
    question = site.renderer().text(spec.question, path)
    inputs = {"role": spec.role, "question": question, "valid_for": spec.valid_for}
    inputs |= {"due": spec.due, "persons": spec.persons}
    who = f"{spec.persons} different people" if spec.persons > 1 else "a person"
    verify = f"{who} with the role {spec.role} sign{'' if spec.persons > 1 else 's'}, none of them one who did the work"
    planned = 600.0 if isinstance(spec, Approval) else 300.0
    return _step(site, stage, spec.name, Action("decision", inputs), path, needs, question, verify, planned)


def _step(
    site: SiteScope,
    stage: Stage,
    name: str,
    do: Action,
    path: str,
    needs: tuple[str, ...],
    title: str,
    verify: str,
    planned: float,
) -> Step:
    more: dict[str, Any] = {
        "title": title,
        "verify": verify,
        "needs": needs,
        "planned": planned,
        "witness": Witness.NONE,
    }
    return site.step(stage, name, None, do, path=path, **more)


def _messages(site: SiteScope, stage: Stage, moment: str, needs: tuple[str, ...]) -> Iterator[Step]:
    for index, message in enumerate(site.plan.messages):
        if message.at == moment and site.name in (message.sites or (site.name,)):
            yield from _message(site, stage, message, f"messages[{index}]", needs)


def _message(site: SiteScope, stage: Stage, message: Message, path: str, needs: tuple[str, ...]) -> Iterator[Step]:
    renderer = site.renderer()
    texts = {"title": renderer.text(message.title, path), "text": _text(renderer, message.text, path)}
    for receiver in message.to:
        yield site.step(
            stage,
            f"{message.name}-{receiver}",
            None,
            Action("message", {**texts, "to": receiver}),
            path=path,
            title=f"tell {receiver}: {texts['title']}",
            verify="its receiver's service took it; it is sent at most once",
            needs=needs,
            planned=5.0,
            witness=Witness.NONE,
            rerun=Rerun.NEVER,
        )


def gate(site: SiteScope, stage: Stage, needs: tuple[str, ...]) -> Iterator[Step]:
    """The gate of a stage, when the plan has one: a step that opens on evidence."""
    spec = site.plan.gates.of(stage) if site.plan.gates else None
    if spec is None or site.plan.gates is None:
        return
    wanted = criteria(site, stage)
    inputs: dict[str, Any] = {
        "stage": str(stage),
        "criteria": wanted,
        "hosts": hosts(site),
        "waived_by": list(site.plan.gates.waived_by),
    }
    names = ", ".join(criterion["id"] for criterion in wanted) or "nothing"
    yield site.step(
        stage,
        "gate",
        None,
        Action("gate", inputs),
        path=f"gates.{stage}",
        title=f"gate of {stage}: {names}",
        verify="every criterion holds, or is waived by a person who may",
        needs=needs,
        planned=2.0,
        witness=Witness.NONE,
    )


def implied(loaded: Loaded, name: str) -> Iterator[Step]:
    """What golive itself wants to see before the stages of a site, as gates; part of no graph: needs hold it there."""
    site = SiteScope(loaded, name)
    for stage in (Stage.BASELINE, Stage.DEPLOY):
        inputs = {"stage": str(stage), "criteria": _golives_own(stage), "hosts": hosts(site), "waived_by": []}
        yield _step(site, stage, "gate", Action("gate", inputs), "roles", (), f"gate of {stage}", "", 0.0)


def _golives_own(stage: Stage) -> list[dict[str, Any]]:
    kinds = {Stage.BASELINE: ("hardware",), Stage.DEPLOY: ("baseline", "drift")}.get(stage, ("drift",))
    return [{"kind": kind, "id": kind, "path": "roles"} for kind in kinds if stage is not Stage.DEFINE]


def hosts(site: SiteScope) -> dict[str, dict[str, str]]:
    """The steps that tell about each host: its survey, and the one that brought it to its baseline."""
    names = [host.name for role in site.peers for host in site.hosts(role)]
    steps = {"survey": "survey", "baseline": "converge"}
    return {name: {key: site.id(Stage.BASELINE, step, name) for key, step in steps.items()} for name in names}


def criteria(site: SiteScope, stage: Stage) -> list[dict[str, Any]]:
    """The entry criteria of a stage: those that golive has, and those of the plan."""
    spec = site.plan.gates.of(stage) if site.plan.gates else None
    return _golives_own(stage) + (list(_own(site, stage, spec)) if spec else [])


def _own(site: SiteScope, stage: Stage, spec: StageGate) -> Iterator[dict[str, Any]]:
    path = f"gates.{stage}"
    if testing := spec.testing:
        # The version and the artifacts are inputs: what was tested is compared with what will be installed.
        artifacts: dict[str, str] = {
            name: digest(sorted([file.file, file.sha256] for file in files))
            for name, files in site.loaded.artifacts.items()
        }
        found: dict[str, Any] = {"kind": "tests", "id": "tests", "path": f"{path}.testing"}
        yield found | {
            "version": site.plan.solution.version,
            "artifacts": artifacts,
            "components": {name: testing.components.get(name, "") for name in site.plan.components},
            **testing.model_dump(include={"results", "within", "scenarios", "exact"}, mode="json"),
        }
    if spec.defects:
        yield {"kind": "defects", "id": "defects", "path": f"{path}.defects", **spec.defects.model_dump(mode="json")}
    for index, check in enumerate(spec.checks):
        yield from _check(site, check.name, check.on, check.check, f"{path}.checks[{index}]")
    for index, file in enumerate(spec.files):
        said = file.purpose or f"{file.file} is there"
        own = {"file": file.file, "within": file.within, "said": said}
        yield {"kind": "file", "id": file.name, "path": f"{path}.files[{index}]", **own}
    for index, attestation in enumerate(spec.attest):
        own = {"step": site.id(stage, attestation.name), "role": attestation.role, "said": attestation.question}
        yield {"kind": "attest", "id": attestation.name, "path": f"{path}.attest[{index}]", **own}


def _check(site: SiteScope, name: str, on: str, check: Check, path: str) -> Iterator[dict[str, Any]]:
    scripts: dict[str, Any] = {}
    for host in site.hosts(on):
        rendered = site.renderer(host).model(check, path)
        scripts[host.name] = script(until_it_holds(rendered.probe(host), rendered.within)).inputs
    yield {"kind": "check", "id": name, "path": path, "said": check.sentence(), "scripts": scripts}
