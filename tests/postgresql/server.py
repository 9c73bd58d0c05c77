"""A PostgreSQL server of our own, in a folder, reachable over a socket in that folder only."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "wal_level": "logical",
    "fsync": "on",
    "logging_collector": "off",
}


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    folder: Path
    bin: Path

    def url(self, database: str) -> str:
        """How golive reaches a database."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def fresh(self, name: str) -> str:
        """An empty database; returns its URL."""
        self.sql("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.sql("postgres", f"CREATE DATABASE {name}")
        return self.url(name)

    def sql(self, database: str, statement: str) -> str:
        """What a statement answers."""
        command = [self.bin / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", "postgres", database]
        done = subprocess.run([*command, "-c", statement], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def found() -> Path | None:
    """Where the newest server's programs lie."""
    return max(Path("/usr/lib/postgresql").glob("*/bin/"), default=None, key=lambda path: int(path.parent.name))


@contextmanager
def running() -> Iterator[Server]:
    """A server for a block. As root it runs as the user postgres, since PostgreSQL refuses root."""
    bin, folder = found(), Path(mkdtemp(prefix="golive-pg-", dir="/var/tmp"))
    assert bin is not None, "scripts/bootstrap installs PostgreSQL"
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    how: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if user else {}

    def run(*words: object) -> None:
        subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL, cwd=folder, **how)

    try:
        run(bin / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-N", "--no-locale", "-E", "UTF8")
        options = " ".join(f"-c {key}={value or chr(39) * 2}" for key, value in settings(folder).items())
        run(bin / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield Server(folder, bin)
        finally:
            run(bin / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def settings(folder: Path) -> Mapping[str, str]:
    """Settings of the server."""
    return SETTINGS | {"unix_socket_directories": str(folder)}
