"""Contents that travel beside a script, by their digest: large texts, and files of any bytes."""

from pydantic import Field

from golive.digest import digest_bytes
from golive.model import Model

LARGE = 65536
"""Bytes above which a text travels beside the script and not in it."""
FOLDER = '"$GOLIVE_ROOT"/contents'
"""Where contents lie on a host, each under its digest, as a shell word."""


class Content(Model):
    """What one file holds: a text, or the bytes of a file beside the plan."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)
    text: str | None = None
    source: str | None = None
    """Path from the plan's folder, instead of ``text``."""


def large(text: str) -> Content | None:
    """The text as a content of its own, if it is large."""
    if len(text) * 4 <= LARGE or len(raw := text.encode()) <= LARGE:
        return None
    return Content(sha256=digest_bytes(raw), size=len(raw), text=text)
