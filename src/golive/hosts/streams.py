"""Feeds a process and drains it at the same time; asyncio's and asyncssh's streams have the same shape."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Protocol

from golive.hosts.interface import Input, OnBytes

CHUNK = 65536


class Reader(Protocol):
    """Where bytes come from."""

    async def read(self, n: int = -1, /) -> bytes:
        """At most n bytes; none at the end."""
        ...


class Writer(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> None:
        """Queue bytes."""
        ...

    async def drain(self) -> None:
        """Wait until there is room."""
        ...

    def write_eof(self) -> None:
        """Say that nothing follows."""
        ...


async def exchange(
    stdin: Input, writer: Writer, stdout: Reader, stderr: Reader, on_stdout: OnBytes | None
) -> tuple[bytes, bytes]:
    """Write all of stdin while reading both outputs to their ends.

    Args:
        stdin: what to write; the end follows it.
        writer: the process's stdin.
        stdout: its output, passed on to ``on_stdout`` piece by piece.
        stderr: its errors.
        on_stdout: called with each piece of stdout, or None.

    Returns:
        All of stdout and all of stderr.
    """
    feeding = asyncio.ensure_future(_feed(stdin, writer))
    reading = asyncio.gather(_drain(stdout, on_stdout), _drain(stderr, None))
    try:
        await asyncio.wait({feeding, reading}, return_when=asyncio.FIRST_COMPLETED)
        if feeding.done():
            feeding.result()  # a source of stdin that fails must not leave the process waiting for more
        return await reading
    finally:
        # A command may end without reading all of its input.
        feeding.cancel()
        reading.cancel()
        await asyncio.gather(feeding, reading, return_exceptions=True)


async def _feed(stdin: Input, writer: Writer) -> None:
    # A process that closes its stdin early is its own affair; its exit code tells how it went.
    with suppress(BrokenPipeError, ConnectionResetError):
        async for chunk in _chunks(stdin):
            writer.write(chunk)
            await writer.drain()
        writer.write_eof()


async def _chunks(stdin: Input) -> AsyncIterator[bytes]:
    if isinstance(stdin, bytes):
        for start in range(0, len(stdin), CHUNK):
            yield stdin[start : start + CHUNK]
        return
    async for chunk in stdin:
        yield chunk


async def _drain(reader: Reader, on_bytes: OnBytes | None) -> bytes:
    pieces: list[bytes] = []
    while piece := await reader.read(CHUNK):
        pieces.append(piece)
        if on_bytes:
            on_bytes(piece)
    return b"".join(pieces)
