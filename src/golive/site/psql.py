"""A session with a database through one long-lived ``psql``: an old host has no other client, and opening is slow."""

from __future__ import annotations

import os
import select
import subprocess
import threading
import time
import uuid
from collections.abc import Sequence

FIELD, ROW = "\x1f", "\x1e"


class SqlError(Exception):
    """The server refused a statement, or the session is gone."""


def literal(text: str) -> str:
    """The text as an SQL string. Raises ValueError on NUL, which SQL cannot hold."""
    if "\x00" in text:
        raise ValueError("NUL cannot be written in SQL")
    return "'" + text.replace("'", "''") + "'"


def ident(name: str) -> str:
    """The name as an SQL identifier. Raises ValueError on NUL."""
    if "\x00" in name:
        raise ValueError("NUL cannot be written in SQL")
    return '"' + name.replace('"', '""') + '"'


def conninfo(**parts: str) -> str:
    """A connection string, each value quoted as libpq wants it."""
    quoted = (value.replace("\\", "\\\\").replace("'", "\\'") for value in parts.values())
    return " ".join(f"{key}='{value}'" for key, value in zip(parts, quoted))


class Session:
    """One session. Statements are given one at a time: what is told of errors is told of the last one.

    Args:
        where: the connection string.
        patience: seconds to wait for an answer.
    """

    def __init__(self, where: str, patience: float = 30.0) -> None:
        self._patience = patience
        self._token = uuid.uuid4().hex
        self._rest = b""
        self._alone = threading.Lock()
        argv = ["psql", "-XqAtw", "-F", FIELD, "-R", ROW, "-d", where]
        env = dict(os.environ, PGCLIENTENCODING="UTF8", PGCONNECT_TIMEOUT="4", PGAPPNAME="golive")
        self._process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/", env=env
        )
        for setting in SETTINGS:
            self.query(setting)

    def query(self, sql: str, patience: float | None = None) -> list[list[str]]:
        """The rows that one statement yields, as text; threads take turns. Raises SqlError."""
        with self._alone:
            return self._ask(sql, patience)

    def _ask(self, sql: str, patience: float | None) -> list[list[str]]:
        command = f"{sql}\n;\n\\echo\n\\echo {self._token} :ERROR :LAST_ERROR_MESSAGE\n\\echo {self._token}.\n"
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(command.encode())
            stdin.flush()
        except OSError:
            raise SqlError(self._gone()) from None
        text, said = self._answer(time.monotonic() + (patience or self._patience))
        error, _, message = said.partition(" ")
        if error != "false":
            raise SqlError(message or "the statement failed")
        body = text[:-1] if text.endswith("\n") else text
        return [row.split(FIELD) for row in body.split(ROW)] if body else []

    def value(self, sql: str, patience: float | None = None) -> str:
        """The first field of the first row; empty where there is none. Raises SqlError."""
        rows = self.query(sql, patience)
        return rows[0][0] if rows else ""

    def _answer(self, deadline: float) -> tuple[str, str]:
        mark, last = f"\n{self._token} ".encode(), f"\n{self._token}.\n".encode()
        stdout = self._process.stdout
        assert stdout is not None
        while True:
            end = self._rest.find(last)
            if end >= 0:
                text, said = self._rest[:end].rsplit(mark, 1)
                self._rest = self._rest[end + len(last) :]
                return text.decode("utf-8", "replace"), said.decode("utf-8", "replace")
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([stdout], [], [], left)[0]:
                self.close()
                raise SqlError("no answer in time")
            piece = os.read(stdout.fileno(), 1 << 16)
            if not piece:
                raise SqlError(self._gone())
            self._rest += piece

    def _gone(self) -> str:
        self._process.kill()
        self._process.wait()
        stderr = self._process.stderr
        assert stderr is not None
        said = stderr.read().decode("utf-8", "replace").strip().splitlines()
        return said[-1] if said else "the session ended"

    @property
    def alive(self) -> bool:
        """Whether the session can go on."""
        return self._process.poll() is None

    def close(self) -> None:
        """Ends the session."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue  # what could not be written is not wanted any more


SETTINGS: Sequence[str] = (
    "SET standard_conforming_strings = on",
    "SET timezone = 'UTC'",
    "SET datestyle = 'ISO'",
    "SET intervalstyle = 'postgres'",
    "SET bytea_output = 'hex'",
    "SET extra_float_digits = 3",
    "SET search_path = ''",
    "SET idle_in_transaction_session_timeout = 0",
    "SET statement_timeout = 0",
    "SET default_transaction_read_only = off",
)
"""The text forms of values depend on settings: both sides use the same."""
