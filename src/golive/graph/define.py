"""The define stage: artifacts are gathered and verified on the controller, the guide is written."""

from collections.abc import Iterator

from golive.graph.policy import policy
from golive.graph.step import Action, Stage, Step, Witness
from golive.kinds.artifact import Archive
from golive.plan.plan import Loaded


def gather_id(component: str) -> str:
    """The id of the step that gathers a component's artifact."""
    return f"{Stage.DEFINE}/gather-{component}"


def steps(loaded: Loaded) -> Iterator[Step]:
    """The steps on the controller, before any site is touched."""
    yield Step(
        id=f"{Stage.DEFINE}/guide",
        stage=Stage.DEFINE,
        title="write the Deployment Guide",
        do=Action("guide"),
        verify="the file is there",
        planned=2,
        witness=Witness.NONE,
        source=loaded.where("golive"),
    )
    for name, files in loaded.artifacts.items():
        artifact = loaded.plan.components[name].artifact
        inputs = {
            "component": name,
            "files": [file.model_dump() for file in files],
            "archive": artifact.archive if isinstance(artifact, Archive) else None,
            "python": getattr(artifact, "python", None),
        }
        yield Step(
            id=gather_id(name),
            stage=Stage.DEFINE,
            title=f"gather the artifact of {name}",
            do=Action("gather", inputs),
            verify="every file has the digest of the lock",
            planned=20,
            witness=Witness.NONE,
            on_failure=policy(loaded.plan, Stage.DEFINE, f"components.{name}"),
            source=loaded.where(f"components.{name}"),
        )
