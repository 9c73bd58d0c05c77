"""A file with the bytes of one beside the plan: what becomes of a file's ``source`` once its digest is known."""

from golive.resources.content import Content
from golive.resources.file import File


class Sourced(File):
    """A file whose content is not in the plan's texts."""

    held: Content

    def outside(self) -> Content | None:
        return self.held
