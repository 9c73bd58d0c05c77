"""A file has this content, owner and mode."""

from collections.abc import Sequence
from typing import ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from golive.digest import digest_bytes
from golive.model import AbsolutePath, FileMode, Shell, Unix
from golive.resources.glance import Question, Sight
from golive.resources.interface import Resource
from golive.resources.sh import code, quote, secrets_in, word

LOOK = Question("file", "stat -c 'file %f %U %G %n' -- \"$@\"")
CONTENT = Question(
    "content",
    """for path; do
  shift
  if [ -f "$path" ]; then set -- "$@" "$path"; fi  # anything else could be read without an end
done
sha256sum -- "$@" </dev/null""",
)


class File(Resource):
    """A file from text in the plan, or from a Jinja template beside it."""

    kind: ClassVar[str] = "file"
    file: AbsolutePath = Field(description="Path of the file.")
    content: str | None = Field(None, description="The whole content; Jinja expressions are filled in.")
    template: str | None = Field(None, description="A Jinja template, by its path from the plan's folder.")
    owner: Unix = Field("root", description="Owner.")
    group: Unix = Field("root", description="Group.")
    mode: FileMode = Field("0644", description="Permission bits.")
    sensitive: bool = Field(False, description="Its content is shown nowhere, as that of files with secrets never is.")
    validate_with: Shell | None = Field(
        None, alias="validate", description="Command that must accept the new file, named by `$new`, before it goes in."
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.content is None) == (self.template is None):
            hint = {"hint": 'write one of the two; an empty file is content: ""'}
            raise PydanticCustomError("file_source", "a file needs content or template, and one of them only", hint)
        return self

    def prepare(self) -> str:
        return f"content() {{ printf %s {word(self.content or '')}; }}"

    def check(self) -> str:
        path = quote(self.file)
        stat = quote(f"{self.mode.lstrip('0') or 0} {self.owner} {self.group}")
        return (
            f"[ -f {path} ] && [ ! -L {path} ] && [ \"$(stat -c '%a %U %G' {path})\" = {stat} ] || return 1\n"
            f"content | cmp -s - {path}"
        )

    def sights(self) -> Sequence[Sight]:
        content = self.content or ""
        if secrets_in(content):
            return ()
        kind = f"{0o100000 | int(self.mode, 8):x}"
        digest = digest_bytes(content.encode("utf-8", "surrogateescape"))
        return (
            Sight(LOOK, self.file, f"file {kind} {self.owner} {self.group} {self.file}"),
            Sight(CONTENT, self.file, f"{digest}  {self.file}"),
        )

    def diff(self) -> str:
        path, wanted = quote(self.file), f"{self.file}: {self.mode:0>4} {self.owner} {self.group}"
        about = f"if [ -e {path} ] || [ -L {path} ]; then is=$(stat -c '%04a %U %G' {path}); else is=absent; fi\n"
        about += f'differs {path}": $is" {quote(wanted)}'
        if self.sensitive or secrets_in(self.content or ""):
            shown = f'differs "content, keyed digest: $(cat {path} 2>/dev/null | digest_of)" '
            return f'{about}\n{shown}"content, keyed digest: $(content | digest_of)"'
        labels = f"-L {path} -L {quote(self.file + ' (as planned)')}"
        new = f"content | diff -a -u {labels} /dev/null -" + (" | sed 500q" if self._is_long else "")
        return f"{about}\nif [ -f {path} ]; then content | diff -a -u {labels} {path} - | sed 500q\nelse {new}; fi"

    @property
    def _is_long(self) -> bool:
        return (self.content or "").count("\n") > 490

    def apply(self) -> str:
        path = quote(self.file)
        lines = [
            f"new={quote(self.file + '.golive-new')}",
            # First an empty file of this owner and mode: the content is never there for others to read.
            f'install -o {quote(self.owner)} -g {quote(self.group)} -m {self.mode} /dev/null "$new"\ncontent > "$new"',
            *([f"{{ {code(self.validate_with)}\n}}"] if self.validate_with else []),
            f"if [ -d {path} ]; then rm -f {path}; fi  # a link to a directory goes, a directory does not",
            f'mv -f "$new" {path}',
        ]
        return "\n".join(lines)

    def keep(self) -> str:
        path = quote(self.file)
        return f'mkdir "$keep"\nif [ -e {path} ] || [ -L {path} ]; then cp -a {path} "$keep/was"; fi'

    def undo(self) -> str:
        path, old = quote(self.file), quote(self.file + ".golive-old")
        return (
            f"rm -f {quote(self.file + '.golive-new')} {old}\n"
            'if [ -e "$keep/was" ] || [ -L "$keep/was" ]; then\n'
            f'  cp -a "$keep/was" {old}\n'
            f"  if [ -L {path} ]; then rm -f {path}; fi  # or it would be moved into what the link leads to\n"
            f"  mv -f {old} {path}\n"
            f"else rm -f {path}; fi"
        )
