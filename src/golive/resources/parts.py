"""Several resources as one: what a file, a directory and a service can do already is not written again."""

from collections.abc import Iterator

from golive.resources.content import Content
from golive.resources.interface import Resource


class Composite(Resource):
    """Base of resources that are made of others. A subclass adds to the texts what its parts cannot know."""

    def parts(self) -> tuple[Resource, ...]:
        """What it is made of, in the order in which it is applied; they are undone in reverse."""
        raise NotImplementedError

    def _numbered(self) -> Iterator[tuple[int, Resource]]:
        return enumerate(self.parts(), 1)

    def prepare(self) -> str:
        # Each part in a shell of its own: two files both bring a function called content.
        return "\n".join(_part(number, part) for number, part in self._numbered())

    def check(self) -> str:
        return " &&\n".join(f"part_{number} check" for number, _ in self._numbered())

    def apply(self) -> str:
        return "\n".join(f"part_{number} apply" for number, _ in self._numbered())

    def diff(self) -> str:
        return "\n".join(f"part_{number} check || part_{number} diff" for number, _ in self._numbered())

    def keep(self) -> str:
        kept = [f"keep=$all/{number}\n{part.keep()}" for number, part in self._numbered() if part.keep()]
        return "\n".join(['all=$keep\nmkdir "$all"', *kept, "keep=$all"])

    def undo(self) -> str:
        undone = [f"keep=$all/{number}\n{part.undo()}" for number, part in self._numbered() if part.undo()]
        return "\n".join(["all=$keep", *reversed(undone)])

    def contents(self) -> tuple[Content, ...]:
        return tuple(content for part in self.parts() for content in part.contents())

    def settle(self) -> str:
        settled = [f"keep=$all/{number}\n{part.settle()}" for number, part in self._numbered() if part.settle()]
        return "\n".join(["all=$keep", *settled]) if settled else ""


def _part(number: int, part: Resource) -> str:
    prepared = f"{part.prepare()}\n" if part.prepare() else ""
    verbs = {"check": f"{{\n{part.check()}\n}} >/dev/null 2>&1", "apply": part.apply(), "diff": part.diff()}
    cases = "".join(f"{verb})\n{text}\n;;\n" for verb, text in verbs.items())
    return f"part_{number}() (\n{prepared}case $1 in\n{cases}esac\n)"
