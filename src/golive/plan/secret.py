"""Where a secret comes from. The value itself is never in the plan."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from golive.model import Model, OneLine

SecretName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""A secret's name, which is part of a shell variable's name on hosts."""


class SecretSource(Model):
    """One secret, from the environment, from a file or from a command's output."""

    env: OneLine | None = Field(None, description="Name of an environment variable where golive runs.")
    file: OneLine | None = Field(None, description="File where golive runs, from the plan's folder.")
    command: tuple[str, ...] | None = Field(None, min_length=1, description="Command and arguments; its first line.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in (self.env, self.file, self.command)) != 1:
            hint = {"hint": "write where its value is found, such as env: DB_PASSWORD"}
            raise PydanticCustomError("secret_source", "a secret comes from one of env, file and command", hint)
        return self
