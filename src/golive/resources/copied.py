"""A file whose content lies on the host already: a part of other resources, not a kind of its own."""

from collections.abc import Sequence

from golive.model import AbsolutePath
from golive.resources.file import File
from golive.resources.glance import Sight
from golive.resources.sh import quote


class Copied(File):
    """A copy of ``on_host``, with an owner and mode of its own."""

    on_host: AbsolutePath

    def prepare(self) -> str:
        return f"content() {{ cat {quote(self.on_host)}; }}"

    def sights(self) -> Sequence[Sight]:
        return ()

    def diff(self) -> str:
        return f"{{\n{super().diff()}\n}} 2>/dev/null"


def placed(content: str | None, source: str | None, **options: str | bool) -> File:
    """The file from a text, or from a path on the host; ``options`` are the keys of a file."""
    if source is None:
        return File.model_validate({"content": content, **options})
    return Copied.model_validate({"content": "", "on_host": source, **options})
