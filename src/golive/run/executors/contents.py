"""Brings to a host what its script reads there: large texts, and files of any bytes, each under its digest."""

from collections.abc import Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from golive.digest import digest_bytes
from golive.hosts.framing import Place
from golive.hosts.interface import Host
from golive.resources.content import Content
from golive.run.executors.interface import Job
from golive.run.executors.sending import Item, missing, send

FOLDER = f"{Place().root}/contents"
"""Where a script looks for them."""


class Contents:
    """The contents of a plan.

    Args:
        folder: the plan's folder, where the paths of sources begin.
        there: the folder on hosts.
    """

    def __init__(self, folder: Path, there: str = FOLDER) -> None:
        self._folder, self._there = folder, there

    async def bring(self, host: Host, job: Job) -> str:
        """Sends what the script of a job needs and the host does not have.

        Returns:
            What went wrong; nothing, if nothing did.

        Raises:
            HostUnreachable: there is no connection, or it was lost.
        """
        contents = [Content.model_validate(content) for content in job.action.inputs.get("contents", ())]
        if not contents:
            return ""
        wanted = await missing(host, self._there, [self._item(content) for content in contents])
        if wrong := self._changed(contents, {item.sha256 for item in wanted}):
            return f"{wrong} is not what it was when the run began: put it back, or golive amend"
        if not wanted:
            return ""
        sent = await send(host, self._there, wanted, job.output)
        said = (sent.stdout + sent.stderr).decode("utf-8", "replace").strip()
        return said or "what the script needs could not be sent" if sent.exit != 0 else ""

    def _item(self, content: Content) -> Item:
        return Item(content.sha256, content.sha256, content.size, partial(self._open, content))

    def _open(self, content: Content) -> BinaryIO:
        if content.source is None:
            return BytesIO((content.text or "").encode())
        return (self._folder / content.source).open("rb")

    def _changed(self, contents: Sequence[Content], wanted: set[str]) -> str:
        """The first source among those wanted that has other bytes by now."""
        sources = {content.source: content.sha256 for content in contents if content.sha256 in wanted}
        return next((name for name, sha256 in sources.items() if name and not self._holds(name, sha256)), "")

    def _holds(self, name: str, sha256: str) -> bool:
        path = self._folder / name
        return path.is_file() and digest_bytes(path.read_bytes()) == sha256
