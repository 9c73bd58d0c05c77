"""Runs a script that changes nothing on a host: over one channel, without a claim, and nothing is left there."""

from golive.hosts.framing import secret_lines
from golive.hosts.interface import Finished, Host, OnBytes
from golive.secret import Secrets

_READ_AND_BE = 'script=$(dd bs="$1" count=1 iflag=fullblock 2>/dev/null) && eval "$script"'
"""Reads the script from stdin, exactly its length, and becomes it; the rest of stdin is the script's secrets."""


async def ask(host: Host, script: str, secrets: Secrets, on_output: OnBytes | None = None) -> Finished:
    """Run a script that only looks. When the connection is lost, nothing has happened.

    Args:
        host: the transport.
        script: POSIX sh that begins with ``eval "$(cat)"``.
        secrets: on its stdin, as lines ``GOLIVE_SECRET_name='...'``.
        on_output: called with the output as it arrives.

    Raises:
        HostUnreachable: see ``Host.run``.
    """
    text = script.rstrip("\n").encode()
    return await host.run(f"set -- {len(text)}\n{_READ_AND_BE}", text + secret_lines(secrets), on_output)
