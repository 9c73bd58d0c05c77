"""The shell that makes hosts of a lab into the scene: a database with the service beside it, and a front door."""

from pathlib import Path

PACKAGES: dict[str, tuple[str, ...]] = {
    suite: ("curl", "haproxy", "postgresql", "python3-psycopg", "rsync", "sudo") for suite in ("bookworm", "trixie")
}
"""For the lab's images, so that hosts install them without the internet."""

PORT = 8000

SERVER = Path(__file__).with_name("server.py")

_DATABASE = r"""set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install \
  postgresql python3-psycopg rsync sudo curl >/dev/null
id shop >/dev/null 2>&1 || useradd --system --user-group --home /opt/shop --shell /usr/sbin/nologin shop
mkdir -p /opt/shop
version=$(ls /etc/postgresql)
cat >/etc/postgresql/$version/main/conf.d/shop.conf <<END
listen_addresses = '*'
max_connections = 200
wal_level = %(wal_level)s
END
cat >/etc/postgresql/$version/main/pg_hba.conf <<END
local all postgres peer
local all all peer
host all all samenet scram-sha-256
host replication all samenet scram-sha-256
END
systemctl restart postgresql
as_postgres() { runuser -u postgres -- "$@"; }
cd /
as_postgres createuser shop
as_postgres createdb -O shop shop
cat >/opt/shop/server.py <<'END_OF_SERVER'
%(server)s
END_OF_SERVER
runuser -u shop -- env PYTHONPATH=/opt/shop python3 -c \
  'import psycopg, server; psycopg.connect("dbname=shop", autocommit=True).execute(server.SCHEMA)'
cat >/etc/systemd/system/shop.service <<END
[Unit]
After=postgresql.service
[Service]
User=shop
ExecStart=/usr/bin/python3 /opt/shop/server.py --name %(name)s --port %(port)d
Restart=always
RestartSec=1
[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload
systemctl enable -q --now shop
"""

_FRONT_DOOR = r"""set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install \
  haproxy curl >/dev/null
cat >/etc/haproxy/haproxy.cfg <<END
global
    stats socket /run/haproxy/admin.sock mode 660 level admin
    user haproxy
    group haproxy
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout http-keep-alive 600s
frontend shop
    bind :80
    option idle-close-on-response
    default_backend shop
backend shop
    server old %(old)s:%(port)d check inter 1s
END
systemctl restart haproxy
"""

_BALLAST = r"""set -eu
cd /
runuser -u shop -- psql -qX -v ON_ERROR_STOP=1 -d shop <<'END'
DO $$ BEGIN FOR i IN 1..%(tables)d LOOP
  EXECUTE format('CREATE TABLE ballast_%%s (id bigint PRIMARY KEY, kind int, name text, body text)', i);
  EXECUTE format($f$INSERT INTO ballast_%%s SELECT n, mod(n, 100), 'item ' || n,
    repeat(md5(n::text), 7) FROM generate_series(1, %(rows)d) n$f$, i);
  EXECUTE format('CREATE INDEX ON ballast_%%s (kind)', i);
END LOOP; END $$;
VACUUM ANALYZE;
SELECT pg_database_size('shop');
END
"""


def database(name: str, *, wal_level: str = "logical") -> str:
    """A database ``shop`` owned by the role ``shop``, and the service over it, on port ``PORT``.

    Args:
        name: stands in the service's answers.
        wal_level: of the server.
    """
    server = SERVER.read_text(encoding="utf-8")
    return _DATABASE % {"name": name, "wal_level": wal_level, "server": server, "port": PORT}


def front_door(old: str) -> str:
    """HAProxy on port 80 before the service at the address ``old``."""
    return _FRONT_DOOR % {"old": old, "port": PORT}


def ballast(mebibytes: float, tables: int = 4) -> str:
    """Tables that make the database as large as this on disk; prints its size in bytes."""
    return _BALLAST % {"tables": tables, "rows": max(1, int(mebibytes * 3300 / tables))}


IDS = """cd /; runuser -u postgres -- psql -XqAt -d shop -c 'SELECT id FROM write'"""
"""Prints the ids that are there, one a line."""
