"""Looks for secrets in everything that was written, whatever form they have there."""

import base64
import html
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, quote_plus

from ground import Host

Places = Mapping[str, bytes]
"""What was written, by where it stands."""


def forms(value: str) -> set[bytes]:
    """A secret as it is, and as JSON, HTML, URLs, shell, hex and base64 would have it."""
    raw = value.encode()
    texts = [json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], html.escape(value)]
    texts += [quote(value), quote(value, safe=""), quote_plus(value), value.replace("'", "'\\''"), raw.hex()]
    found = {raw, raw.hex().upper().encode(), repr(value)[1:-1].encode(), *(text.encode() for text in texts)}
    for shift in range(3):  # base64 of a text in which the secret begins at any place
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            found.add(encode(bytes(shift) + raw)[4 * min(shift, 1) : -4])
    return found


def found(places: Places, secrets: Iterable[str]) -> set[str]:
    """The places at which any of the secrets stands."""
    wanted = [form for secret in secrets for form in forms(secret)]
    return {place for place, content in places.items() if any(form in content for form in wanted)}


def on_controller(folder: Path) -> dict[str, bytes]:
    """All of .golive, as it lies there and decoded, and the guide."""
    files = [path for path in (folder / ".golive").rglob("*") if path.is_file()]
    places = {f"controller {path.relative_to(folder)}": path.read_bytes() for path in files}
    places["controller guide.html"] = (folder / "guide.html").read_bytes()
    return places | dict(_cells(folder / ".golive/journal.db"))


def _cells(database: Path) -> Iterator[tuple[str, bytes]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for number, row in enumerate(connection.execute(f"SELECT * FROM {table}")):
                yield f"journal {table} {number}", b"\n".join(_decoded(cell) for cell in row)


def _decoded(cell: Any) -> bytes:
    """A cell as bytes; JSON also with all its strings as they were before they were written."""
    raw = cell if isinstance(cell, bytes) else str(cell).encode()
    try:
        return b"\n".join([raw, *(text.encode() for text in _strings(json.loads(raw)))])
    except ValueError:
        return raw


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in cast("list[Any]", value):
                yield from _strings(item)
        case dict():
            for key, item in cast("dict[str, Any]", value).items():
                yield key
                yield from _strings(item)
        case _:
            pass


def on_host(host: Host) -> dict[str, bytes]:
    """All that golive keeps there, what other programs may have written, and the system's journal."""
    roots = "/var/lib/golive /tmp /var/tmp /run/user /var/log /root /etc /srv"
    listed = host.sh(f"find {roots} -type f -size -2000k 2>/dev/null || :").splitlines()
    text = host.sh("while read -r file; do base64 -w0 \"$file\"; echo; done <<'END'\n" + "\n".join(listed) + "\nEND")
    files = {f"host {path}": base64.b64decode(line) for path, line in zip(listed, text.split("\n"), strict=False)}
    return files | {"host's journal": host.sh("journalctl --no-pager -a -o json").encode()}


def processes(host: Host) -> bytes:
    """Arguments and environments of all that runs on the host."""
    return host.sh("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'", check=False).encode()
