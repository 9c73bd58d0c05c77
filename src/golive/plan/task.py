"""What people do by hand: an instruction for a role, with evidence and answers, due in time."""

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from golive.model import Duration, Model, Name, OneLine, Shell
from golive.plan.moment import Moment


class Answer(Model):
    """A question to the person who does a task."""

    name: Name = Field(description="What the answer is given under: `--answer NAME=VALUE`.")
    question: OneLine = Field(description="What is asked.")
    type: Literal["text", "number", "yes-no", "choice"] = Field("text", description="What an answer looks like.")
    choices: tuple[OneLine, ...] = Field((), description="The answers that may be given, with `type: choice`.")

    @model_validator(mode="after")
    def _choices(self) -> Self:
        if (self.type == "choice") != bool(self.choices):
            hint = {"hint": "write type: choice together with choices: [...]"}
            raise PydanticCustomError("choices", "choices and the type choice belong together", hint)
        return self


class HumanTask(Model):
    """A step for a person, at each site."""

    name: Name = Field(description="Stands in the step's id.")
    at: Moment = Field(description="`before` or `after` a stage, such as `before cutover`: the stage waits for it.")
    role: Name = Field(description="Role of the person who does it; one of them at the site needs a key.")
    instruction: Shell = Field(description="What to do; a text that may hold expressions.")
    sites: tuple[Name, ...] = Field((), description="At these sites only; none named: at all.")
    due: Duration = Field(86400.0, description="How long after it was asked it should be done.")
    valid_for: Duration = Field(7 * 86400.0, ge=60, description="How long it stands before it must be asked again.")
    evidence: tuple[Name, ...] = Field((), description="Files to attach, each under this name.")
    answers: tuple[Answer, ...] = Field((), description="Questions to answer.")
    planned: Duration = Field(600.0, description="How long it should take.")
