"""Wires the executors to the outside world."""

from collections.abc import Callable, Mapping

from golive.graph.baseline import again
from golive.graph.graph import Graph
from golive.plan.plan import Loaded
from golive.reconcile.state import State
from golive.run.evidence import Sources
from golive.run.executors.contents import Contents
from golive.run.executors.deliver import DeliverExecutor
from golive.run.executors.findings import FindingsExecutor
from golive.run.executors.gate import GateExecutor
from golive.run.executors.gather import GatherExecutor
from golive.run.executors.guide import GuideExecutor
from golive.run.executors.interface import Executor
from golive.run.executors.login import LoginExecutor
from golive.run.executors.message import MessageExecutor
from golive.run.executors.script import ScriptExecutor
from golive.run.executors.survey import SurveyExecutor
from golive.run.fleet import Fleet
from golive.run.project import Project
from golive.run.secrets import Vault


def wire(
    project: Project,
    loaded: Loaded,
    write_guide: Callable[[], bytes],
    held: Callable[[], tuple[Graph, State]],
    keep: Callable[[bytes], object],
    blob: Callable[[str], bytes],
) -> tuple[Mapping[str, Executor], Fleet]:
    """The executors by the kind of action, and the fleet that they share.

    Args:
        project: where things lie.
        loaded: the plan.
        write_guide: renders the Deployment Guide as HTML.
        held: the graph that runs and how it stands, at the moment of asking.
        keep: keeps the bytes of a file of evidence.
        blob: the bytes that were kept under a digest.
    """
    fleet = Fleet(loaded.plan.access, project.folder, project.known_hosts)
    vault = Vault(loaded.plan.secrets, project.folder)
    scripts = ScriptExecutor(fleet, vault, Contents(project.folder))
    executors: Mapping[str, Executor] = {
        "script": scripts,
        "survey": SurveyExecutor(fleet),
        "findings": FindingsExecutor(fleet),
        "deliver": DeliverExecutor(fleet, project.artifacts),
        "gather": GatherExecutor(project.folder, project.artifacts),
        "login": LoginExecutor(fleet),
        "guide": GuideExecutor(project.guide, write_guide),
        "gate": GateExecutor(Sources(project.folder, fleet, vault, keep, blob, again(loaded)), held),
        "message": MessageExecutor(vault),
    }
    return executors, fleet
