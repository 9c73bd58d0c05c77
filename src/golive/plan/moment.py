"""When something is done that belongs to no host: before a stage of a site begins, or after it has ended."""

from typing import Annotated

from pydantic import Field

Moment = Annotated[str, Field(pattern=r"^(before|after) (baseline|deploy|cutover|handover)$")]
"""``before deploy``, ``after cutover``."""

MessageMoment = Annotated[str, Field(pattern=r"^((before|after) (baseline|deploy|cutover|handover)|during cutover)$")]
"""As ``Moment``; ``during cutover`` is when all fences are up."""
