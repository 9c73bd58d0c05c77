"""A component of the solution: where it goes, what it needs, how it is installed, and how its health is told."""

from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from golive.model import Duration, Model, Name, OneLine
from golive.plan.failure import Policy
from golive.plan.pick import AnyArtifact, AnyCheck, AnyResource, Context, keys


class Need(Model):
    """A component that must be healthy before. Its name alone means: on all its hosts at the same site."""

    component: Name = Field(description="The component.")
    on: Literal["site", "host"] = Field("site", description="`host`: only on the same host.")
    at: Name | None = Field(None, description="At this other site.")


def _need(value: Any) -> Any:
    return {"component": value} if isinstance(value, str) else value


AnyNeed = Annotated[Need, BeforeValidator(_need, json_schema_input_type=Name | Need)]


class Component(Model):
    """One component. The key of an artifact's kind may stand here directly: ``archive: dist/notes-2.1.tar.zst``."""

    on: Name = Field(description="Role of the hosts that get it.")
    purpose: OneLine | None = Field(None, description="What it does, in a sentence.")
    needs: tuple[AnyNeed, ...] = Field((), description="What must be healthy before: at its site, host, or elsewhere.")
    unit: Name | None = Field(None, description="Components of one unit go together: all of them, or none stays.")
    artifact: AnyArtifact | None = Field(None, description="What is delivered to its hosts.")
    install: tuple[AnyResource, ...] = Field((), description="Desired state once it is deployed, in order.")
    check: AnyCheck | None = Field(None, description="How its health is told.")
    skills: tuple[Name, ...] = Field((), description="Skills that its steps need.")
    rolling: bool = Field(False, description="One host after the other, each healthy before the next begins.")
    on_failure: Policy | None = Field(None, description="What happens by itself when one of its steps fails.")
    planned: Duration = Field(60.0, description="How long its installation on one host should take.")

    @model_validator(mode="before")
    @classmethod
    def _artifact_in_place(cls, data: Any, info: ValidationInfo) -> Any:
        """Folds an artifact that stands among the component's own keys into ``artifact``."""
        if not isinstance(data, dict) or not isinstance(info.context, Context):
            return cast("Any", data)
        written, known = cast("dict[str, Any]", data), info.context.kinds.of("artifact")
        if not (named := [key for key in written if key in known]):
            return written
        if "artifact" in written:
            raise PydanticCustomError(
                "artifact_twice", "a component has one artifact", {"hint": "take one of them out"}
            )
        inner = {key for name in named for key in keys(known[name])}
        folded = {key: value for key, value in written.items() if key in inner}
        info.context.alias(folded, written)
        return {key: value for key, value in written.items() if key not in inner} | {"artifact": folded}
