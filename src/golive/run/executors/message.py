"""Sends the plan's messages through Apprise, each at most once.

1. The URL is a secret: it is fetched at the last moment and stands in no output, no journal, no message.
2. Before anything is sent the receiver's service is asked for a connection: without one nothing was begun, and the
   message may be sent later.
3. From then on nobody can tell what a failure means: the service may have taken the message all the same. So whatever
   does not succeed is unknown and asks a person; it is never sent again by itself.
"""

import asyncio
import logging
from typing import Any, cast

from golive.errors import GoliveError
from golive.journal.events import Outcome
from golive.run.executors.interface import Job, Result, Unwitnessed
from golive.run.secrets import Vault

PATIENCE = 60.0
"""Seconds until a service that does not answer is given up."""
_PORTS = {"http": 80, "https": 443, "json": 80, "jsons": 443, "xml": 80, "xmls": 443, "form": 80, "forms": 443}


class MessageExecutor(Unwitnessed):
    """The executor of the kind ``message``.

    Args:
        vault: where the receivers' URLs are.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def execute(self, job: Job) -> Result:
        """Sends one message to one receiver."""
        inputs = job.action.inputs
        name = str(inputs["to"])
        service = _service(name, self._vault.take([name])[name].reveal())
        if refusal := await _refusal(service):
            return Result(Outcome.UNREACHABLE, f"{name}: {refusal}; nothing was sent: golive run tries again")
        await job.started()
        try:
            sending = asyncio.to_thread(_notify, service, inputs["title"], inputs["text"])
            said = await asyncio.wait_for(sending, PATIENCE)
        except Exception as error:  # noqa: BLE001  whatever it is, the message may be out
            said = "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
        if said is None:
            return Result(Outcome.DONE, f"{name} took it", 0)
        return Result(Outcome.INTERRUPTED, f"nobody can tell whether {name} took it: {self._plain(said, service)}")

    def _plain(self, said: str, service: Any) -> str:
        """What Apprise says, without the URL and without what stands in it."""
        text = self._vault.redact(said.encode()).decode()
        for held in (service.password, service.user):
            text = text.replace(held, "…") if held else text
        return text


def _service(name: str, url: str) -> Any:
    """Apprise's plug-in for a URL. Raises GoliveError that does not hold the URL."""
    import apprise

    with apprise.LogCapture(level=logging.CRITICAL):
        service: Any = apprise.Apprise.instantiate(url, suppress_exceptions=True)  # pyright: ignore[reportUnknownMemberType]
    if service is None:
        raise GoliveError(f"secret {name} holds no URL that Apprise knows", "see https://appriseit.com/services")
    service.socket_connect_timeout, service.socket_read_timeout = 10.0, 30.0
    return service


async def _refusal(service: Any) -> str:
    """Why no connection to a service can be made; empty: it can, or it cannot be told ahead."""
    host = getattr(service, "smtp_host", None) or getattr(service, "host", None)
    scheme = str(getattr(service, "secure_protocol" if service.secure else "protocol", ""))
    port = service.port or _PORTS.get(scheme)
    if not host or not port:
        return ""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 10.0)
    except (OSError, TimeoutError) as error:
        return f"no connection to {host} port {port} ({getattr(error, 'strerror', None) or 'no answer'})"
    writer.close()
    return ""


def _notify(service: Any, title: str, text: str) -> str | None:
    """Sends; returns None when the service took it, and otherwise what Apprise says."""
    import apprise

    with apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as log:
        sent = service.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT)
        words = str(cast("Any", log).getvalue()).split()
    return None if sent else " ".join(words)[-300:] or "it does not say why"
