"""A small service over PostgreSQL, to be put on a host: ``server.py --name old --dsn "dbname=shop"``.

    POST /write {"id": ..., "account": n}                 inserts the id, adds to an account; 201 once it is committed
    POST /slow  {"id": ..., "account": n, "seconds": s}   the same, in a transaction that stays open for so long
    GET  /count                                           how many writes, the highest number, the accounts' total
    GET  /                                                who answers; 503 unless the database does

It needs Python 3.11 and psycopg 3 (Debian: python3-psycopg), and works as any careful application does: connections
are kept, and one that turns out to be dead before anything was committed is replaced, once, without the user noticing.
"""

import argparse
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, LiteralString

import psycopg

SCHEMA = """
CREATE TABLE IF NOT EXISTS write (
  id text PRIMARY KEY, number bigserial UNIQUE, account int NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE IF NOT EXISTS account (id int PRIMARY KEY, total bigint NOT NULL DEFAULT 0);
INSERT INTO account SELECT generate_series(1, 100) ON CONFLICT DO NOTHING;
"""
"""A sequence that must go on, and rows that change all the time, whose total is the number of writes."""

INSERT = "INSERT INTO write (id, account) VALUES (%s, %s) RETURNING number"
ADD = "UPDATE account SET total = total + 1 WHERE id = %s"
COUNT = "SELECT (SELECT count(*) FROM write), (SELECT max(number) FROM write), (SELECT sum(total)::bigint FROM account)"


class Store:
    """The database, by one kept connection for each thread."""

    def __init__(self, dsn: str) -> None:
        self._dsn, self._kept = dsn, threading.local()

    def write(self, id: str, account: int, seconds: float = 0) -> int:
        """Commits a write and returns its number."""
        number = int(self._run(INSERT, (id, account))[0])
        if seconds:
            self._run("SELECT pg_sleep(%s)", (seconds,), fresh=False)
        self._run(ADD, (account,), fresh=False)
        self._connection().commit()
        return number

    def read(self, query: LiteralString) -> tuple[Any, ...]:
        """One row."""
        row = self._run(query, ())
        self._connection().rollback()
        return row

    def forget(self) -> None:
        """Gives this thread's connection up."""
        if connection := getattr(self._kept, "connection", None):
            connection.close()
            self._kept.connection = None

    def _connection(self) -> "psycopg.Connection[Any]":
        if getattr(self._kept, "connection", None) is None:
            self._kept.connection = psycopg.connect(self._dsn, connect_timeout=5)
        return self._kept.connection

    def _run(self, query: LiteralString, values: tuple[Any, ...], *, fresh: bool = True) -> tuple[Any, ...]:
        """Runs a statement; the first of a transaction (``fresh``) is tried again where its connection was dead."""
        kept = getattr(self._kept, "connection", None) is not None
        try:
            cursor = self._connection().execute(query, values)
        except psycopg.OperationalError:
            self.forget()
            if not (fresh and kept):
                raise
            cursor = self._connection().execute(query, values)
        return (cursor.fetchone() or ()) if cursor.description else ()


class Handler(BaseHTTPRequestHandler):
    """One connection; kept alive."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    store: Store
    name: str

    def do_GET(self) -> None:
        """Counts, or tells who answers."""
        if self.path == "/count":
            return self._try(lambda: dict(zip(("writes", "number", "total"), self.store.read(COUNT), strict=True)))
        return self._try(lambda: {"ready": self.store.read("SELECT 1")[0]})

    def do_POST(self) -> None:
        """Writes."""
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        seconds = float(asked.get("seconds", 0)) if self.path == "/slow" else 0.0
        write = self.store.write
        self._try(lambda: {"id": asked["id"], "number": write(asked["id"], asked["account"], seconds)}, 201)

    def _try(self, work: Any, status: int = 200) -> None:
        try:
            answer = work()
        except psycopg.Error as error:
            self.store.forget()
            status, answer = 503, {"error": str(error).strip()[:300]}
        body = json.dumps({"from": self.name, **answer}, default=str).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def finish(self) -> None:
        """A connection that ends gives its database connection up."""
        super().finish()
        self.store.forget()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: the client keeps the log."""


class Server(ThreadingHTTPServer):
    """A thread for each connection."""

    daemon_threads = True
    request_queue_size = 256
    address_family = socket.AF_INET


def main() -> None:
    """Serves until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True, help="stands in every answer")
    parser.add_argument("--dsn", default="dbname=shop", help="how it reaches its database")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    Handler.store, Handler.name = Store(options.dsn), options.name
    Server(("0.0.0.0", options.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
