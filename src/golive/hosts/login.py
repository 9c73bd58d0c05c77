"""Logs in with a key that was named: its signature goes along with the first request.

asyncssh first asks without a key, to hear which methods there are, and then whether the key would do: two round trips
in which nothing is decided. An agent's keys are still asked about first: a person may have to confirm each signature.
"""

from functools import cache

import asyncssh
from asyncssh.auth import ClientAuth, ServerAuth, register_auth_method
from asyncssh.packet import Boolean, String

_NONE, _KEY = b"none", b"publickey"


class NamedKey(asyncssh.SSHClient):
    """Owns a connection that logs in with keys that were named."""

    def __init__(self) -> None:
        _take_over()


class _First(ClientAuth):
    """The first request of every connection. When a key is refused, asyncssh goes on with those that are left."""

    async def _start(self) -> None:
        key = await self._conn.public_key_auth_requested() if isinstance(self._conn.get_owner(), NamedKey) else None
        if key is None:
            await self.send_request()
            return
        self._method = _KEY
        await self.send_request(Boolean(True), String(key.algorithm), String(key.public_data), key=key, trivial=False)


@cache
def _take_over() -> None:
    """asyncssh has one handler for each method, for all connections: those with another owner are left as they were."""
    register_auth_method(_NONE, _First, ServerAuth)
