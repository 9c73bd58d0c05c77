"""apt knows a repository, trusts it by a key that holds for nothing else, and has read its index."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from golive.digest import digest
from golive.model import AbsolutePath
from golive.resources.copied import placed
from golive.resources.directory import Directory
from golive.resources.file import File
from golive.resources.interface import Resource
from golive.resources.parts import Composite
from golive.resources.sh import quote
from golive.resources.systemd import FILE_NAME

Term = Annotated[str, Field(pattern=r"^[^\s\x00#]+$")]

_FUNCTIONS = """source=%s
apt_of() {  # FILE COMMAND [OPTION...]: apt-get that knows the sources of this file alone
  only=$1
  shift
  apt-get -q -o Dir::Etc::SourceList="$only" -o Dir::Etc::SourceParts=/dev/null -o APT::Get::List-Cleanup=0 "$@"
}
indexed() { apt_of "$source" indextargets --format "\\$(FILENAME)" 'Created-By: Packages' 2>/dev/null | grep -q .; }"""

_TRY = """aside=$GOLIVE_ROOT/apt
mkdir -p "$aside"
cp "$new" "$aside"/%s
apt_of "$aside"/%s update -o APT::Update::Error-Mode=any
rm -rf "$aside\""""


class AptRepository(Composite):
    """A repository of Debian packages. Its index is read before the source goes in: a bad one never breaks apt."""

    kind: ClassVar[str] = "apt-repository"
    apt_repository: str = Field(
        alias="apt-repository", pattern=FILE_NAME, description="Name of the files that describe it, without a suffix."
    )
    uris: tuple[Term, ...] = Field(min_length=1, description="Addresses of the repository.")
    suites: tuple[Term, ...] = Field(min_length=1, description="Suites, such as `trixie`; a path that ends in `/`.")
    components: tuple[Term, ...] = Field((), description="Components, such as `main`; none if the suite is a path.")
    architectures: tuple[Term, ...] = Field((), description="Architectures; by default those of the host.")
    key: str | None = Field(None, description="The public key that signs it, as ASCII-armoured text.")
    key_file: AbsolutePath | None = Field(None, description="Instead of `key`: a file on the host; it is copied.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.key is None) == (self.key_file is None):
            hint = {"hint": "apt must be able to tell who signed it"}
            raise PydanticCustomError("repository_key", "a repository needs key or key_file, and one of them", hint)
        if all(suite.endswith("/") for suite in self.suites) == bool(self.components):
            hint = {"hint": "a suite that ends in / is a path and has no components, any other has some"}
            raise PydanticCustomError("repository_suites", "the suites and the components do not fit", hint)
        return self

    @property
    def _keyring(self) -> str:
        armoured = self.key_file is None or self.key_file.endswith(".asc")
        return f"/etc/apt/keyrings/{self.apt_repository}.{'asc' if armoured else 'gpg'}"

    @property
    def _sources(self) -> str:
        return f"/etc/apt/sources.list.d/{self.apt_repository}.sources"

    def _entry(self) -> str:
        lists = {
            "URIs": self.uris, "Suites": self.suites, "Components": self.components,
            "Architectures": self.architectures, "Signed-By": (self._keyring,),
        }  # fmt: skip
        lines = [f"{name}: {' '.join(terms)}\n" for name, terms in lists.items() if terms]
        # With the key's digest in it the entry is new when the key is, and is tried again.
        about = f"# Written by golive. Key: {digest(self.key or '')[:16]}\n" if self.key else "# Written by golive.\n"
        return "".join([about, "Types: deb\n", *lines])

    def parts(self) -> tuple[Resource, ...]:
        tried = _TRY % ((quote(f"{self.apt_repository}.sources"),) * 2)
        return (
            Directory.model_validate({"directory": "/etc/apt/keyrings"}),
            placed(self.key, self.key_file, file=self._keyring),
            File.model_validate({"file": self._sources, "content": self._entry(), "validate": tried}),
        )

    def prepare(self) -> str:
        return f"{_FUNCTIONS % quote(self._sources)}\n{super().prepare()}"

    def check(self) -> str:
        return f"{super().check()} && indexed"

    def diff(self) -> str:
        unread = f"{self.apt_repository}: its index has not been read"
        return f"{super().diff()}\nindexed || echo {quote(f'- {unread}')}"

    def foreseen(self) -> str:
        return ":" if self.key_file is None else f"[ -e {quote(self.key_file)} ]"
