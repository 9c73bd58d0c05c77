"""A file has this content, owner and mode."""

from collections.abc import Sequence
from typing import ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from golive.digest import digest_bytes
from golive.model import AbsolutePath, FileMode, Shell, TextLine, Unix
from golive.resources.content import FOLDER, Content, large
from golive.resources.glance import Question, Sight
from golive.resources.interface import IN_TURN, Resource
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

_MADE = f"""names=$*
set --
for number in $names; do "prepare_$number"; set -- "$@" "$new"; done
rm -f -- "$@"
set -C  # nobody else's file is written to
for new; do : > "$new"; done
set +C
# still empty, all of them: no content is ever there for others to read
chown OWNER -- "$@"
chmod MODE -- "$@"
made=yes
# shellcheck disable=SC2086  # numbers
set -- $names
{IN_TURN}"""


class File(Resource):
    """A file from text in the plan, from a Jinja template beside it, or with the bytes of a file beside it."""

    kind: ClassVar[str] = "file"
    file: AbsolutePath = Field(description="Path of the file.")
    content: str | None = Field(None, description="The whole content; Jinja expressions are filled in.")
    template: str | None = Field(None, description="A Jinja template, by its path from the plan's folder.")
    source: TextLine | None = Field(None, description="A file of any bytes, by its path from the plan's folder.")
    owner: Unix = Field("root", description="Owner.")
    group: Unix = Field("root", description="Group.")
    mode: FileMode = Field("0644", description="Permission bits.")
    sensitive: bool = Field(False, description="Its content is shown nowhere, as that of files with secrets never is.")
    validate_with: Shell | None = Field(
        None, alias="validate", description="Command that must accept the new file, named by `$new`, before it goes in."
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if [self.content, self.template, self.source].count(None) != 2:
            hint = {"hint": 'write one of them; an empty file is content: ""'}
            said = "a file needs content, template or source, and one of them only"
            raise PydanticCustomError("file_source", said, hint)
        return self

    @property
    def together(self) -> str:
        owner = quote(f"{self.owner}:{self.group}")
        return _MADE.replace("OWNER", owner).replace("MODE", f"{self.mode:0>5}")

    def outside(self) -> Content | None:
        """Its content, if that travels beside the script. With secrets, which only the host fills in, it never does."""
        return None if secrets_in(self.content or "") else large(self.content or "")

    def contents(self) -> tuple[Content, ...]:
        held = self.outside()
        return (held,) if held else ()

    def prepare(self) -> str:
        new = f"new={quote(self.file + '.golive-new')}\n"
        if held := self.outside():
            return f"{new}content() {{ cat {FOLDER}/{held.sha256}; }}"
        return f'{new}text={word(self.content or "")}\ncontent() {{ printf %s "$text"; }}'

    def check(self) -> str:
        path = quote(self.file)
        stat = quote(f"{self.mode.lstrip('0') or 0} {self.owner} {self.group}")
        return (
            f"[ -f {path} ] && [ ! -L {path} ] && [ \"$(stat -c '%a %U %G' {path})\" = {stat} ] || return 1\n"
            f"{self._same()}"
        )

    def _same(self) -> str:
        """Shell text that succeeds when the content is as wanted. What lies outside may not be there yet."""
        path = quote(self.file)
        if held := self.outside():
            return f'was=$(sha256sum < {path}) && [ "${{was%% *}}" = {held.sha256} ]'
        return f"content | cmp -s - {path}"

    def sights(self) -> Sequence[Sight]:
        content, held = self.content or "", self.outside()
        if secrets_in(content):
            return ()
        kind = f"{0o100000 | int(self.mode, 8):x}"
        digest = held.sha256 if held else digest_bytes(content.encode("utf-8", "surrogateescape"))
        return (
            Sight(LOOK, self.file, f"file {kind} {self.owner} {self.group} {self.file}"),
            Sight(CONTENT, self.file, f"{digest}  {self.file}"),
        )

    def diff(self) -> str:
        path, wanted = quote(self.file), f"{self.file}: {self.mode:0>4} {self.owner} {self.group}"
        about = f"if [ -e {path} ] || [ -L {path} ]; then is=$(stat -c '%04a %U %G' {path}); else is=absent; fi\n"
        about += f'differs {path}": $is" {quote(wanted)}'
        if held := self.outside():
            return f"{about}\n{self._digests(held.sha256)}"
        if self.sensitive or secrets_in(self.content or ""):
            shown = f'differs "content, keyed digest: $(cat {path} 2>/dev/null | digest_of)" '
            return f'{about}\n{shown}"content, keyed digest: $(content | digest_of)"'
        labels = f"-L {path} -L {quote(self.file + ' (as planned)')}"
        return (
            f"{about}\nif [ -f {path} ]; then content | diff -a -u {labels} {path} - | sed 500q\nelse added {path}; fi"
        )

    def _digests(self, wanted: str) -> str:
        """Shell text that tells two contents apart without the wanted one at hand."""
        path = quote(self.file)
        # In two lines: dash takes all values of one line before it gives any.
        is_now = f"was=$({{ sha256sum < {path}; }} 2>/dev/null)\nwas=${{was%% *}}\n"
        if self.sensitive:
            shown = "differs 'content: another one' 'content: as planned'"
        else:
            shown = f'differs "content, digest: ${{was:-none}}" "content, digest: {wanted}"'
        return f'{is_now}[ "$was" = {wanted} ] || {shown}'

    def apply(self) -> str:
        path = quote(self.file)
        lines = [
            f"new={quote(self.file + '.golive-new')}",
            # First an empty file of this owner and mode: the content is never there for others to read.
            f'[ -n "${{made-}}" ] || install -o {quote(self.owner)} -g {quote(self.group)} -m {self.mode}'
            ' /dev/null "$new"',
            'content > "$new"',
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
