"""The register's service on the old host, as shell text: brought, started, asked, and taken off."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from golive.kinds.door import door_key
from golive.kinds.interface import Register
from golive.resources.sh import quote

MODULES = (
    "__init__", "psql", "register", "changes", "shape", "sides", "tables", "ranges", "compare", "doors", "keeper",
    "crossing", "watchdog", "pace", "service",
)  # fmt: skip

_UNIT = """[Unit]
Description=golive: the register of the cutover %(name)s, which says which system serves
Documentation=file:%(folder)s
After=network.target postgresql.service
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/bin/python3 -m golive.site.service %(folder)s/config.json
Environment=PYTHONPATH=%(folder)s PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
Restart=always
RestartSec=100ms
UMask=0077
OOMScoreAdjust=-900

[Install]
WantedBy=multi-user.target
"""


def folder(register: Register) -> str:
    """Where all of it lies on the old host."""
    return f"/var/lib/golive/cutover/{register.name}"


def unit(register: Register) -> str:
    """The name of its unit."""
    return f"golive-cutover-{register.name}.service"


def install(register: Register, config: Mapping[str, Any], peer_port: int) -> str:
    """Shell text, behind the mover's for the old host, that brings the service and starts it.

    Args:
        register: which.
        config: what the plan says, as JSON values.
        peer_port: of the new cluster.
    """
    where, name = folder(register), unit(register)
    package = files("golive.site")
    words = files("golive").joinpath("words.py").read_text(encoding="utf-8")
    lines = [
        "command -v python3 >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get -q -y install python3 >/dev/null || {",
        '  echo "the old host has no python3 and cannot install it"; exit 1; }',
        f"dir={quote(where)}",
        'mkdir -p "$dir/golive/site" && chmod 700 "$dir"',
        ': > "$dir/golive/__init__.py"',
        f'printf %s {quote(words)} > "$dir/golive/words.py"',
        *(
            f'printf %s {quote(text)} > "$dir/golive/site/{module}.py"'
            for module in MODULES
            for text in (package.joinpath(f"{module}.py").read_text(encoding="utf-8"),)
        ),
        f'printf %s {quote(json.dumps({**config, "folder": where}, sort_keys=True))} > "$dir/config.json"',
        'printf %s "$where" > "$dir/reverse"',
        f'passes "$dir/pgpass" {peer_port}',
        door_key(register).rstrip(),
        'printf %s "$key" > "$dir/key"',
        f"printf %s {quote(_UNIT % {'name': register.name, 'folder': where})} > /etc/systemd/system/{name}",
        f"chmod 644 /etc/systemd/system/{name}",
        f'sync "$dir"/* /etc/systemd/system/{name}',
        f"systemctl daemon-reload && systemctl -q enable {name} && systemctl restart {name}",
    ]
    return "\n".join(lines) + "\n" + ask(register, "status")


def ask(register: Register, verb: str) -> str:
    """Shell text that asks the service; it ends with its exit code."""
    where = folder(register)
    return (
        f"PYTHONPATH={quote(where)} PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1"
        f" python3 -m golive.site.service {quote(where + '/config.json')} {quote(verb)}\n"
    )


def remove(register: Register) -> str:
    """Shell text that takes the service off."""
    name = unit(register)
    return (
        f"systemctl -q disable --now {name} 2>/dev/null || :\n"
        f"rm -rf /etc/systemd/system/{name} {quote(folder(register))}\nsystemctl daemon-reload\n"
    )
