"""Waits until a host that was started answers."""

import socket
import time
from pathlib import Path

from golive.errors import HostError
from golive.lab.machine import Machine
from golive.lab.shell import last_line

PATIENCE = 90.0
"""Seconds: a host is up in one; a machine that boots dozens on a slow disk may need more."""


def await_ssh(name: str, machine: Machine, address: str | None, log: Path) -> None:
    """Waits until the host's sshd listens and, given an address, greets over the network.

    It is greeted once only: sshd of Debian 13 counts connections without a login against their source.
    """
    deadline = time.monotonic() + PATIENCE
    started = time.monotonic()
    while not (machine.listens() and (address is None or _greets(address))):
        now = time.monotonic()
        if now > deadline:
            raise HostError(name, f"its sshd does not answer after {PATIENCE:.0f} s", f"read {log}")
        if now > started + 1 and not machine.alive():
            raise HostError(name, f"it did not boot: {last_line(log.read_text())}", f"read {log}")
        time.sleep(0.05)


def _greets(address: str) -> bool:
    try:
        with socket.create_connection((address, 22), timeout=2) as connection:
            return connection.recv(16).startswith(b"SSH-")
    except OSError:
        return False
