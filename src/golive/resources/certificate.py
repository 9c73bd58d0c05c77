"""A certificate is in place, is valid for long enough, and fits its key and its chain."""

from typing import ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from golive.model import AbsolutePath, Duration, FileMode, Unix
from golive.resources.copied import placed
from golive.resources.interface import Resource
from golive.resources.parts import Composite
from golive.resources.sh import quote

_SOUND = """sound() {  # FILE: whether the certificate is one to be relied on; says why not
  command -v openssl >/dev/null || { echo 'openssl is not installed: declare the package before'; return 1; }
  openssl x509 -in "$1" -noout 2>/dev/null || { echo 'there is no certificate in it'; return 1; }
  openssl x509 -in "$1" -noout -checkend %(seconds)d >/dev/null ||
    { echo "it ends too soon: $(openssl x509 -in "$1" -noout -enddate)"; return 1; }
%(more)s}"""

_CHAINED = """  openssl verify -partial_chain -no-CApath -no-CAstore -CAfile %(chain)s -untrusted "$1" "$1" \\
    >/dev/null 2>&1 ||
    { echo 'it does not verify against '%(chain)s; return 1; }
"""

_KEYED = """  public=$(openssl pkey -in %(key)s -passin pass: -pubout 2>/dev/null)
  [ "$(openssl x509 -in "$1" -noout -pubkey)" = "$public" ] ||
    { echo 'it does not belong to the key '%(key)s; return 1; }
"""


class Certificate(Composite):
    """A certificate in PEM, from a text (which may be a secret) or from a path on the host. A bad one never goes in."""

    kind: ClassVar[str] = "certificate"
    certificate: AbsolutePath = Field(description="Path of the certificate; further ones and a key may follow in it.")
    content: str | None = Field(None, description="The whole file; Jinja expressions are filled in.")
    source: AbsolutePath | None = Field(None, alias="from", description="Instead of `content`: a file on the host.")
    key: AbsolutePath | None = Field(None, description="The private key that it must belong to; there before.")
    chain: AbsolutePath | None = Field(None, description="CA certificates against which it must verify; there before.")
    expires_after: Duration = Field(0, description="How long it must be valid from now on.")
    owner: Unix = Field("root", description="Owner.")
    group: Unix = Field("root", description="Group.")
    mode: FileMode = Field("0644", description="Permission bits.")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.content is None) == (self.source is None):
            hint = {"hint": "the certificate's text, or a path at which it lies on the host already"}
            raise PydanticCustomError("certificate_source", "a certificate needs content or from, one of them", hint)
        return self

    def parts(self) -> tuple[Resource, ...]:
        place = {"file": self.certificate, "owner": self.owner, "group": self.group, "mode": self.mode}
        return (placed(self.content, self.source, **place, sensitive=True, validate='sound "$new"'),)

    def prepare(self) -> str:
        chained = _CHAINED % {"chain": quote(self.chain)} if self.chain else ""
        keyed = _KEYED % {"key": self._key_in()} if self.key else ""
        sound = _SOUND % {"seconds": self.expires_after, "more": chained + keyed}
        return f"{sound}\n{super().prepare()}"

    def _key_in(self) -> str:
        # One file may hold both: then the new one is looked into, not the one that it replaces.
        return '"$1"' if self.key == self.certificate else quote(self.key or "")

    def check(self) -> str:
        return f"{super().check()} && sound {quote(self.certificate)} >/dev/null 2>&1"

    def diff(self) -> str:
        path = quote(self.certificate)
        return f'{super().diff()}\n[ ! -e {path} ] || wrong=$(sound {path}) || differs "$wrong" "a sound certificate"'

    def foreseen(self) -> str:
        needed = [path for path in (self.source, self.key, self.chain) if path]
        return " && ".join(f"[ -e {quote(path)} ]" for path in needed) or ":"
