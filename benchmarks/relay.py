"""A TCP relay that adds latency, for kernels without netem: ``python -m benchmarks.relay ROUND_TRIP ADDRESS...``.

It serves 127.0.1.1:2222, 127.0.1.2:2222, ... for port 22 of the addresses, prints a line when it does, and ends with
its stdin. On a host itself, ``relay.py ROUND_TRIP here`` serves port 2222 of it, for its own port 22. Each piece of
data is delivered half a round trip after it was read, and a connection is answered after a whole one; so bandwidth
is not limited, and what costs is round trips alone.
"""

import asyncio
import sys
from collections.abc import Sequence

PORT = 2222
HERE = "here"


def near(number: int) -> str:
    """The address on this machine of the host with this number, counted from 1."""
    return f"127.0.1.{number}"


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Carries one direction; the end of the stream is carried too."""
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue[tuple[float, bytes]]()

    async def deliver() -> None:
        while True:
            due, data = await queue.get()
            await asyncio.sleep(due - loop.time())
            if not data:
                writer.close()
                return
            writer.write(data)
            await writer.drain()

    delivering = asyncio.create_task(deliver())
    data = b"-"
    while data:
        try:
            data = await reader.read(65536)
        except ConnectionError:
            data = b""  # a connection that was reset has ended
        queue.put_nowait((loop.time() + delay, data))
    await delivering


async def _serve(number: int, address: str, round_trip: float) -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(round_trip)  # the handshake of TCP
        far_reader, far_writer = await asyncio.open_connection(address if address != HERE else "127.0.0.1", 22)
        ways = (_pump(reader, far_writer, round_trip / 2), _pump(far_reader, writer, round_trip / 2))
        await asyncio.gather(*ways, return_exceptions=True)

    await asyncio.start_server(accept, near(number) if address != HERE else "0.0.0.0", PORT)


async def main(round_trip: float, addresses: Sequence[str]) -> None:
    """Serves until stdin ends."""
    for number, address in enumerate(addresses, 1):
        await _serve(number, address, round_trip)
    print("serving", flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]), sys.argv[2:]))
