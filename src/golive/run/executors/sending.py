"""Sends files to a folder on a host, by their digests; what is there already is not sent again."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from golive.hosts.interface import Finished, Host
from golive.resources.sh import quote

_MISSING = r"""mkdir -p {folder} && cd {folder} || exit 1
for part in .incoming.*; do  # of a sender that is gone: its line was cut, or it was killed
  kill -0 "${{part##*.}}" 2>/dev/null || rm -f "./$part"
done
while IFS= read -r line; do
  sum=${{line%% *}} name=${{line#* }}
  if [ "$(sha256sum < "./$name" 2>/dev/null | cut -c1-64)" = "$sum" ]; then touch "./$name"
  else printf '%s\n' "$sum"; fi
done
"""

_RECEIVE = r"""cd {folder} || exit 1
while IFS= read -r line; do
  sum=${{line%% *}} line=${{line#* }}
  size=${{line%% *}} name=${{line#* }}
  head -c "$size" > ".incoming.$$" || exit 1
  [ "$(sha256sum < ".incoming.$$" | cut -c1-64)" = "$sum" ] ||
    {{ rm -f ".incoming.$$"; echo "$name arrived damaged"; exit 1; }}
  mv ".incoming.$$" "./$name" || exit 1
done
"""


@dataclass(frozen=True)
class Item:
    """A file to be sent: its name there, what it must hold, and how to read it here."""

    name: str
    sha256: str
    size: int
    open: Callable[[], BinaryIO]


async def missing(host: Host, folder: str, items: Sequence[Item]) -> list[Item]:
    """Those that are not in the host's folder as they should be; the others are marked as used now.

    Raises HostUnreachable.
    """
    asked = "".join(f"{item.sha256} {item.name}\n" for item in items).encode()
    answer = await host.run(_MISSING.format(folder=quote(folder)), asked)
    wanted = set(answer.stdout.decode("utf-8", "replace").split("\n"))
    return [item for item in items if item.sha256 in wanted or answer.exit != 0]


async def send(host: Host, folder: str, items: Sequence[Item], output: Callable[[bytes], None]) -> Finished:
    """Sends files over one channel; the host verifies each. Raises HostUnreachable.

    Args:
        host: where to.
        folder: the folder there.
        items: the files.
        output: told of each before it is sent.
    """
    return await host.run(_RECEIVE.format(folder=quote(folder)), _stream(items, output))


async def _stream(items: Sequence[Item], output: Callable[[bytes], None]) -> AsyncIterator[bytes]:
    for item in items:
        yield f"{item.sha256} {item.size} {item.name}\n".encode()
        output(f"sending {item.name}\n".encode())
        with item.open() as stream:
            while block := stream.read(1 << 18):
                yield block
