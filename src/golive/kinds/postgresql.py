"""PostgreSQL: the old database is fenced, dumped into the new one, and both are compared table by table."""

from typing import ClassVar

from pydantic import Field

from golive.kinds.interface import Fence, HostRef, Mover, Peers
from golive.model import Unix
from golive.resources.sh import quote, variable

_LOCAL = """cd /
sql() { runuser -u postgres -- psql -XqAt -v ON_ERROR_STOP=1 -v db="$db" -d "${1:-postgres}"; }
"""

_CLOSE = """# New sessions are read-only, also after a restart; those that began before are ended, open work is refused.
echo "ALTER DATABASE :\\"db\\" SET default_transaction_read_only = on;" | sql || exit 1
tries=0
others="FROM pg_stat_activity WHERE datname = :'db' AND backend_type = 'client backend'"
fenced_at=$(echo "SELECT clock_timestamp();" | sql) || exit 1
while :; do
  left=$(echo "SELECT count(pg_terminate_backend(pid)) $others AND backend_start <= '$fenced_at';" | sql) || exit 1
  [ "$left" = 0 ] && break
  tries=$((tries + 1))
  [ $tries -lt 100 ] || { echo "$left sessions that began before the fence do not end"; exit 1; }
  sleep 0.1
done
overrides="FROM pg_db_role_setting WHERE setrole <> 0
  AND setconfig::text ~ 'default_transaction_read_only=(off|false|0|no)'"
[ "$(echo "SELECT count(*) $overrides;" | sql)" = 0 ] ||
  { echo "a role's own setting overrides the fence: ALTER ROLE ... RESET default_transaction_read_only"; exit 1; }
prepared=$(echo "SELECT count(*) FROM pg_prepared_xacts WHERE database = :'db';" | sql) || exit 1
[ "$prepared" = 0 ] || { echo "$prepared prepared transactions could still commit: commit or roll them back"; exit 1; }
[ "$(echo 'SHOW default_transaction_read_only;' | sql "$db")" = on ] ||
  { echo "a new session can still write"; exit 1; }
echo "fenced: new sessions are read-only, none is left from before"
"""

_OPEN = """echo "ALTER DATABASE :\\"db\\" RESET default_transaction_read_only;
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
  WHERE datname = :'db' AND backend_type = 'client backend';" | sql >/dev/null || exit 1
[ "$(echo 'SHOW default_transaction_read_only;' | sql "$db")" = off ] || { echo "still read-only"; exit 1; }
"""

_COPY = """set -e
echo "DROP DATABASE IF EXISTS :\\"db\\" WITH (FORCE);" | sql
echo "CREATE DATABASE :\\"db\\" OWNER $owner TEMPLATE template0 ENCODING 'UTF8';" | sql
dump=$(mktemp -p /var/tmp)  # on disk: /tmp may be memory
trap 'rm -f "$dump"' EXIT
PGPASSWORD=$password pg_dump -w -h "$source" -U "$user" -Fp --no-owner --no-privileges --file="$dump" "$db"
echo "dumped $(wc -c < "$dump") bytes"
chown postgres "$dump"
{ echo "SET ROLE $owner;"; cat "$dump"; echo "RESET ROLE; ANALYZE;"; } | sql "$db" >/dev/null
"""

_EMPTY = """echo "DROP DATABASE IF EXISTS :\\"db\\" WITH (FORCE);" | sql || exit 1
echo "CREATE DATABASE :\\"db\\" OWNER $owner TEMPLATE template0 ENCODING 'UTF8';" | sql || exit 1
"""

_COMPARE = """there() { PGPASSWORD=$password psql -XqAtw -v ON_ERROR_STOP=1 -h "$source" -U "$user" -d "$db"; }
tables=$(mktemp) queries=$(mktemp) old=$(mktemp) new=$(mktemp)
trap 'rm -f "$tables" "$queries" "$old" "$new"' EXIT
list="SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
  WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1;"
echo "$list" | there > "$tables" || exit 1
# The sum of the rows' hashes does not depend on their order, and notices a row that stands twice.
while IFS= read -r table; do
  printf "SELECT '%s', count(*), coalesce(sum(('x' || left(md5(t::text), 15))::bit(60)::bigint), 0) FROM %s t;\\n" \\
    "$(printf %s "$table" | sed "s/'/''/g")" "$table"
done < "$tables" > "$queries"
sequences="SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2;"
# Text forms depend on settings: both sides use the same.
same="SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'postgres'; SET bytea_output = 'hex';
SET extra_float_digits = 3; SET search_path = '';"
{ echo "$same"; echo "$list"; cat "$queries"; echo "$sequences"; } > "$tables"
there < "$tables" > "$old" || exit 1
sql "$db" < "$tables" > "$new" || exit 1
if ! diff -u "$old" "$new"; then echo "the content differs: old above (-), new below (+)"; exit 1; fi
grep -c . "$queries" | sed 's/$/ tables are equal: rows and content/'
awk -F'|' 'NF == 3 { rows += $2 } END { print rows " rows compared" }' "$new"
"""


class PostgresqlFence(Fence):
    """The database becomes read-only and its sessions are ended; reads go on. Survives a restart of the server."""

    kind: ClassVar[str] = "postgresql"
    releases: ClassVar[bool] = False
    proof: ClassVar[str] = "a new session cannot write, and no session from before the fence is left"
    postgresql: Unix = Field(description="Name of the database.")

    def close(self) -> str:
        return f"db={quote(self.postgresql)}\n{_LOCAL}{_CLOSE}"

    def open(self) -> str:
        return f"db={quote(self.postgresql)}\n{_LOCAL}{_OPEN}"


class PostgresqlDump(Mover):
    """Dump and restore over the network, run on the target. For databases that fit into the outage."""

    kind: ClassVar[str] = "postgresql-dump"
    compared: ClassVar[str] = "rows, content and sequences are equal on both sides"
    database: Unix = Field(alias="postgresql-dump", description="Name of the database, on both sides.")
    user: Unix = Field(description="Role that may read the source and that owns the target.")
    password: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Name of the secret with that role's password.")

    def _head(self, source: HostRef) -> str:
        names = {"db": self.database, "user": self.user, "owner": f'"{self.user}"', "source": source.address}
        lines = [f"{name}={quote(value)}" for name, value in names.items()]
        return "\n".join([*lines, f'password="${{{variable(self.password)}}}"', _LOCAL])

    def copy_data(self, peers: Peers) -> str:
        return self._head(peers[self.source][0]) + _COPY

    def compare(self, peers: Peers) -> str:
        return self._head(peers[self.source][0]) + _COMPARE

    def discard(self, peers: Peers) -> str:
        return self._head(peers[self.source][0]) + _EMPTY
