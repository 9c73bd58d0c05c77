"""Artifacts: an archive that is unpacked, Python wheels that are installed into a virtual environment."""

from typing import ClassVar

from pydantic import Field

from golive.kinds.interface import Artifact
from golive.model import AbsolutePath, OneLine
from golive.resources.command import Command
from golive.resources.interface import Resource
from golive.resources.sh import quote

_BUILD = r"""path=%(path)s digest=%(digest)s
stamp() { cat "$1/.golive-artifact" 2>/dev/null || :; }
if [ -e "$path" ] && [ -z "$(stamp "$path")" ]; then
  echo "$path is there and was not made by golive: move it away, or choose another place"
  exit 1
fi
case $(stamp "$path") in
'') ;;
building) rm -rf "$path.golive-gone" && mv "$path" "$path.golive-gone" ;;
*) rm -rf "$path.golive-old" && mv "$path" "$path.golive-old" ;;
esac
rm -rf "$path.golive-new" "$path.golive-gone"
mkdir -p "$path.golive-new"
echo building > "$path.golive-new/.golive-artifact"
mv "$path.golive-new" "$path"
%(lines)s
echo "$digest" > "$path/.golive-artifact"
"""

_TAKE_AWAY = r"""path=%(path)s digest=%(digest)s
case $(cat "$path/.golive-artifact" 2>/dev/null || :) in
"$digest" | building) rm -rf "$path.golive-gone" && mv "$path" "$path.golive-gone" ;;
esac
if [ -e "$path.golive-old" ] && [ ! -e "$path" ]; then mv "$path.golive-old" "$path"; fi
rm -rf "$path.golive-gone"
"""


def _build(name: str, into: str, digest: str, lines: list[str]) -> tuple[Resource, ...]:
    """A directory of golive's own: a stamp in it says from which artifact it was built, or that it is being built.

    What an earlier artifact left there is put aside, and comes back with ``undo``.
    """
    parts = {"path": quote(into), "digest": digest, "lines": "\n".join(lines)}
    unless = f'[ "$(cat {quote(into)}/.golive-artifact 2>/dev/null)" = {digest} ]'
    fields = {"command": _BUILD % parts, "name": name, "unless": unless, "undo": _TAKE_AWAY % parts}
    return (Command.model_validate(fields),)


class Archive(Artifact):
    """A tar archive from the plan's folder, unpacked on the host."""

    kind: ClassVar[str] = "archive"
    archive: OneLine = Field(description="Path of the archive, from the plan's folder.")
    into: AbsolutePath | None = Field(None, description="Where it is unpacked; by default /opt/COMPONENT.")

    def packages(self) -> tuple[str, ...]:
        name = self.archive
        return ("zstd",) if name.endswith(".zst") else ("xz-utils",) if name.endswith(".xz") else ()

    def install(self, component: str, depot: str, digest: str) -> tuple[Resource, ...]:
        into, source = self.into or f"/opt/{component}", quote(f"{depot}/{self.archive.rpartition('/')[2]}")
        return _build(f"unpack {component}", into, digest, [f"tar -xf {source} -C {quote(into)} --no-same-owner"])


class Wheels(Artifact):
    """Python packages, gathered as wheels on the controller and installed offline into a virtual environment."""

    kind: ClassVar[str] = "wheels"
    wheels: tuple[OneLine, ...] = Field(min_length=1, description="Requirements, such as `kinto[postgresql]==26.5.0`.")
    python: str = Field(pattern=r"^3\.\d+$", description="Python version of the hosts, such as `3.13`.")
    venv: AbsolutePath = Field(description="Where the virtual environment is made.")

    def packages(self) -> tuple[str, ...]:
        return ("python3", "python3-venv")

    def install(self, component: str, depot: str, digest: str) -> tuple[Resource, ...]:
        wanted = " ".join(quote(item) for item in self.wheels)
        # Debian's own pip, unpacked beside the environment: run out of its wheel, it is compiled anew at every start.
        unpacked, python = quote(f"{self.venv}/.golive-pip"), quote(f"{self.venv}/bin/python")
        pip = f"PYTHONPATH={unpacked} python3 -m pip --python {python}"
        lines = [
            f"python3 -m venv --without-pip {quote(self.venv)}",
            f"python3 -m zipfile -e /usr/share/python-wheels/pip-*.whl {unpacked}",
            f"{pip} install -q --no-compile --no-index --no-cache-dir --find-links {quote(depot)} {wanted}",
            f"{pip} check",
            f"rm -rf {unpacked}",
            # Twice as fast as by pip. A wheel may hold files that this Python cannot compile; pip lets them be, too.
            f"{python} -I -m compileall -q {quote(self.venv)}/lib >/dev/null || :",
        ]
        return _build(f"virtual environment of {component}", self.venv, digest, lines)
