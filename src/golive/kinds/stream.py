"""PostgreSQL by logical replication: shell text for both hosts. What the protocol does with it is ``golive.site``."""

from golive.resources.sh import quote, variable
from golive.site.shape import NOTE

HELPERS = r"""cd /
umask 077
home=$(getent passwd postgres | cut -d: -f6) && [ -d "$home" ] || { echo "there is no user postgres here"; exit 1; }
sql() {  # sql DATABASE <text: as postgres on this host
  runuser -u postgres -- env PGCLIENTENCODING=UTF8 PGOPTIONS=-cclient_min_messages=warning psql -XqAt \
    -v ON_ERROR_STOP=1 -p "$port" -v db="$db" -v name="$name" -v peer="$peer" \
    -v back="${name}_back" -v seen="${name}_seen" -v where="$where" -d "${1:-postgres}"
}
role_key() { printf "golive role %s %s" "$secret" "$name" | sha256sum | cut -c 1-64; }
login() {  # the role golive, for one address, and how the other host's server logs in here
  { echo "SET log_statement = 'none'; SET log_min_error_statement = 'panic'; SET log_min_duration_statement = -1;"
    echo "SET password_encryption = 'scram-sha-256';"
    echo "SELECT 'CREATE ROLE golive' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'golive') \\gexec"
    printf "ALTER ROLE golive LOGIN SUPERUSER REPLICATION CONNECTION LIMIT -1 PASSWORD '%s';\n" "$(role_key)"
  } | sql
  hba=$(echo "SHOW hba_file;" | sql)
  { echo "# $name: begin"
    printf 'host "%s" golive %s scram-sha-256\n' "$db" 127.0.0.1/32 "$db" "$(masked "$mine")" "$db" "$(masked "$peer")"
    echo "# $name: end"
    sed "/^# $name: begin\$/,/^# $name: end\$/d" "$hba"
  } > "$hba.golive-new"
  put_hba
}
masked() { case $1 in *[!0-9.]*) echo "$1" ;; *) echo "$1/32" ;; esac; }
logout() {
  hba=$(echo "SHOW hba_file;" | sql)
  sed "/^# $name: begin\$/,/^# $name: end\$/d" "$hba" > "$hba.golive-new"
  put_hba
  echo "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'golive';" | sql >/dev/null
  echo "DROP ROLE IF EXISTS golive;" | sql 2>/dev/null || echo "the role golive is still used by another cutover"
  rm -f "$home/$name.pgpass"
}
put_hba() {
  chown --reference="$hba" "$hba.golive-new" && chmod --reference="$hba" "$hba.golive-new" &&
    mv -f "$hba.golive-new" "$hba"
  echo "SELECT pg_reload_conf();" | sql >/dev/null
}
passes() {  # passes FILE PORT: how golive logs in at the other host
  printf '%s:%s:*:golive:%s\n' "$peer" "$2" "$(role_key)" 127.0.0.1 "$port" "$(role_key)" > "$1"
}
"""

CAP = r"""cap_log() {  # cap_log BYTES: this server's disk comes before the way back
  others="slot_name <> ALL (ARRAY[:'name', :'back', :'seen']) AND slot_name !~ '^pg_[0-9]+_sync_'"
  set -- "$1" $(echo "SELECT current_setting('max_slot_wal_keep_size'), count(*) FILTER (WHERE $others)
    FROM pg_replication_slots;" | sql | tr '|' ' ')
  [ "$2 $3" = "-1 0" ] || return 0  # it has one, or others follow it as well
  : > "$home/$name.capped"
  sync "$home/$name.capped"
  printf "ALTER SYSTEM SET max_slot_wal_keep_size = '%sMB';\n" $(($1 / 1048576)) | sql
  echo "SELECT pg_reload_conf();" | sql >/dev/null
}
uncap_log() {
  [ -e "$home/$name.capped" ] || return 0
  printf '%s\n' 'ALTER SYSTEM RESET max_slot_wal_keep_size;' 'SELECT pg_reload_conf();' | sql >/dev/null
  rm -f "$home/$name.capped"
}
"""

SERVES = r"""serves() {  # whether the gate of this database was opened: it takes writes
  [ "$(printf "SELECT count(*) FROM pg_database WHERE datname = :'db';\n" | sql)" = 1 ] || return 1
  [ "$(echo "SELECT count(*) FROM pg_class WHERE oid = to_regclass('golive.gate');" | sql "$db")" = 1 ] || return 1
  [ "$(echo "SELECT count(*) FROM golive.gate WHERE open;" | sql "$db")" != 0 ]
}
"""

SCHEMA = r"""CREATE SCHEMA IF NOT EXISTS golive;
CREATE TABLE IF NOT EXISTS golive.marker (id text PRIMARY KEY, at timestamptz);
CREATE TABLE IF NOT EXISTS golive.kept (name text PRIMARY KEY, value int);
CREATE UNLOGGED TABLE IF NOT EXISTS golive.room (filled text);
CREATE TABLE IF NOT EXISTS golive.gate (open boolean NOT NULL);
INSERT INTO golive.gate SELECT :open WHERE NOT EXISTS (SELECT FROM golive.gate);
"""

_TABLES = """SELECT format('%I.%I', n.nspname, c.relname) AS name, c.oid AS oid, n.nspname || '.' || c.relname AS title
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND c.relpersistence = 'p'
AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'golive')
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
AND n.nspname || '.' || c.relname <> ALL (@APART@)"""


def _tables(apart: tuple[str, ...]) -> str:
    return _TABLES.replace("@APART@", array(apart))


def array(names: tuple[str, ...]) -> str:
    """The names as an SQL array of text."""
    return "ARRAY[" + ", ".join(_literal(name) for name in names) + "]::text[]"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def head(db: str, name: str, port: int, peer: str, peer_port: int, mine: str, secret: str) -> str:
    """Shell text that sets what all others use.

    Args:
        db: the database's name, on both hosts.
        name: of the publication, the subscription and their slot.
        port: of the cluster on this host.
        peer: the other host's address, and the port of its cluster.
        mine: this host's address.
        secret: name of the secret.
    """
    where = f"host={peer} port={peer_port} dbname={db} user=golive connect_timeout=5"
    words = {"db": db, "name": name, "port": str(port), "peer": peer, "peer_port": str(peer_port), "mine": mine}
    lines = [f"{key}={quote(value)}" for key, value in words.items()]
    lines.append(f'secret="${{{variable(secret)}}}"')
    tail = 'where="$where_open passfile=$home/$name.pgpass"\n'
    return "\n".join(["set -e", *lines, f"where_open={quote(where)}", "where="]) + "\n" + HELPERS + tail


def source(apart: tuple[str, ...]) -> str:
    """Shell text for the old host: role, marker, publication, login for its own subscription. Changes no table."""
    publish = (
        "SELECT format('CREATE PUBLICATION %I FOR TABLE golive.marker%s', :'name',"
        f" coalesce(string_agg(', ' || t.name, '' ORDER BY t.name), '')) FROM ({_tables(apart)}) t\n"
    )
    return (
        '[ "$(echo "SHOW wal_level;" | sql)" = logical ] || {\n'
        '  echo "wal_level is not logical: set it on the old server and restart that, days before"\n'
        "  exit 1\n}\n"
        "login\n"
        'passes "$home/$name.pgpass" "$peer_port"\nchown postgres "$home/$name.pgpass"\n'
        f"{{ printf '%s\\n' '\\set open true'; cat <<'SQL'\n{SCHEMA}{NOTE}"
        "SELECT NOT EXISTS (SELECT FROM pg_publication WHERE pubname = :'name') AS missing \\gset\n"
        f'\\if :missing\n{publish}\\gexec\n\\endif\nSQL\n}} | sql "$db"\n'
    )


_REOPEN = r"""  { cat <<'SQL'
SELECT format('ALTER DATABASE %I CONNECTION LIMIT %s', :'db', value) FROM golive.kept WHERE name = 'connections' \gexec
SQL
  } | sql "$db" 2>/dev/null || :
"""

_UNSOURCE = r"""if [ "$(echo "SELECT count(*) FROM pg_database WHERE datname = :'db';" | sql)" = 1 ]; then
@REOPEN@  unsubscribe "${name}_back"
  drop_slots
  printf '%s\n' 'DROP PUBLICATION IF EXISTS :"name";' 'DROP SCHEMA IF EXISTS golive CASCADE;' | sql "$db"
fi
logout
"""

UNSOURCE = _UNSOURCE.replace("@REOPEN@", _REOPEN)
UNSOURCE_FENCED = _UNSOURCE.replace("@REOPEN@", "")
"""The old database goes on refusing: ``ALTER DATABASE ... CONNECTION LIMIT -1`` lets people in again."""

DROPS = r"""unsubscribe() {  # unsubscribe NAME: without asking the other side
  there=$(printf "SELECT count(*) FROM pg_subscription WHERE subname = '%s';\n" "$1" | sql "$db") || return 1
  [ "$there" = 1 ] || return 0
  printf 'ALTER SUBSCRIPTION "%s" DISABLE;\nALTER SUBSCRIPTION "%s" SET (slot_name = NONE);\n' "$1" "$1" | sql "$db"
  printf 'DROP SUBSCRIPTION "%s";\n' "$1" | sql "$db"
}
drop_slots() {  # all of this cutover and of its copying workers, whoever reads them
  tries=0
  while :; do
    { cat <<'SQL'
SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots
  WHERE database = :'db' AND active AND (slot_name IN (:'name', :'back', :'seen') OR slot_name ~ '^pg_[0-9]+_sync_');
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = :'db' AND NOT active
  AND (slot_name IN (:'name', :'back', :'seen') OR slot_name ~ '^pg_[0-9]+_sync_');
SQL
    } | sql >/dev/null 2>&1 || :
    left=$(echo "SELECT count(*) FROM pg_replication_slots WHERE slot_name IN (:'name', :'back', :'seen');" | sql)
    [ "$left" != 0 ] || return 0
    tries=$((tries + 1))
    [ $tries -lt 50 ] || { echo "$left slots cannot be dropped"; return 1; }
    sleep 0.2
  done
}
"""

_FOLLOW = r"""there() { PGPASSFILE=$pass psql -XqAtw -v ON_ERROR_STOP=1 -v name="$name" -d "$where_open"; }
pass=$(mktemp) dump=$(mktemp -p /var/tmp) list=$(mktemp -p /var/tmp)
trap 'rm -f "$pass" "$dump" "$list" "$list.first" "$list.last"' EXIT
login
passes "$pass" "$peer_port"
cp "$pass" "$home/$name.pgpass"
chown postgres "$home/$name.pgpass" "$dump" "$list"
echo "SELECT 1;" | there >/dev/null || { echo "the old server at $peer:$peer_port does not let golive in"; exit 1; }
exists() { [ "$(printf "SELECT count(*) FROM pg_database WHERE datname = :'db';\n" | sql)" = 1 ]; }
begun() { exists && [ "$(echo "SELECT count(*) FROM pg_subscription WHERE subname = :'name';" | sql "$db")" = 1 ]; }
dumped() { PGPASSFILE=$pass pg_dump -w -d "$where_open" --no-publications --no-subscriptions -N golive "$@"; }
restored() {
  runuser -u postgres -- env PGOPTIONS="$options" pg_restore -p "$port" -d "$db" --exit-on-error "$@"
}
dumped -Fc --schema-only > "$dump"
pg_restore -l "$dump" > "$list"
later='^[0-9]+; [0-9]+ [0-9]+ (INDEX|INDEX ATTACH|FK CONSTRAINT|TRIGGER|EVENT TRIGGER|RULE|MATERIALIZED VIEW DATA) '
grep -Ev "$later" "$list" > "$list.first" || :
grep -E "$later" "$list" > "$list.last" || :
chown postgres "$list.first" "$list.last"
if ! begun; then
  owner=$(echo "SELECT quote_ident(pg_get_userbyid(datdba)) FROM pg_database WHERE datname = :'DBNAME';" | there)
  encoding=$(echo "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = :'DBNAME';" | there)
  ! serves || { echo "the database $db on this host serves: it is not replaced"; exit 1; }
  ! exists || drop_slots
  { echo 'DROP DATABASE IF EXISTS :"db" WITH (FORCE);'
    # Nobody but golive comes in before the guard: what they wrote would be in the way of the copy.
    printf 'CREATE DATABASE :"db" OWNER %s TEMPLATE template0 ENCODING '"'%s'"' CONNECTION LIMIT 0;\n' \
      "$owner" "$encoding"; } | sql
  restored -L "$list.first" "$dump"
  sql "$db" < "$guard"
  echo 'ALTER DATABASE :"db" CONNECTION LIMIT -1;' | sql
  [ -z "$apart" ] || eval "dumped --data-only $apart" | sql "$db" >/dev/null
  echo "CREATE SUBSCRIPTION :\"name\" CONNECTION :'where' PUBLICATION :\"name\" WITH (slot_name = :'name');" | sql "$db"
  echo "the schema is there; the copy begins"
fi
total=$(echo "SELECT coalesce(sum(pg_table_size(prrelid)), 0) FROM pg_publication_rel
  WHERE prpubid = (SELECT oid FROM pg_publication WHERE pubname = :'name');" | there)
began= said=0 asked=0
# One session looks again and again: to open one costs both servers more than what they copy meanwhile.
cat <<'SQL' | sql "$db" | while IFS='|' read -r now tables whole bytes; do
SELECT extract(epoch FROM now())::bigint, count(*), count(*) FILTER (WHERE srsubstate IN ('r', 's')),
  (SELECT coalesce(sum(bytes_processed), 0) FROM pg_stat_progress_copy WHERE datname = current_database())
  + coalesce(sum(pg_table_size(srrelid)) FILTER (WHERE srsubstate IN ('f', 's', 'r')), 0)
FROM pg_subscription_rel \watch 0.5
SQL
  : "${began:=$now}"
  if [ $((now - said)) -ge 5 ] || [ "$tables" = "$whole" ]; then
    rate=$((bytes / (now - began + 1) + 1))
    left=$((total > bytes ? (total - bytes) / rate : 0))
    echo "copied $whole of $tables tables, $((bytes / 1000000)) of $((total / 1000000)) MB, about $left s left"
    said=$now
  fi
  if [ $((now - asked)) -ge 20 ] || [ "$tables" = "$whole" ]; then
    asked=$now
    kept=$(echo "SELECT count(*) FROM pg_replication_slots WHERE slot_name = :'name';" | there) || kept=?
    [ "$kept" != 0 ] || { echo "the move is lost: its slot on the old server is gone (budget of log?)"; exit 1; }
  fi
  [ "$tables" != "$whole" ] || break
done
[ "$(echo "SELECT count(*) FROM pg_subscription_rel WHERE srsubstate NOT IN ('r', 's');" | sql "$db")" = 0 ] || {
  echo "nobody can tell how far the copy is: this server does not answer"
  exit 1
}
if [ "$(echo "SELECT count(*) FROM pg_replication_slots WHERE slot_name IN (:'back', :'seen');" | sql)" != 2 ]; then
  [ ! -s "$list.last" ] || restored -L "$list.last" "$dump"
  cap_log "$budget"
  sql "$db" < "$backwards"
fi
echo "ANALYZE;" | sql "$db"
echo "the copy is whole and follows"
"""

_GUARD = r"""CREATE OR REPLACE FUNCTION golive.guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $f$ BEGIN
  IF NOT (SELECT open FROM golive.gate) THEN
    RAISE EXCEPTION 'golive: this database does not serve yet' USING ERRCODE = 'read_only_sql_transaction';
  END IF;
  RETURN NULL;
END $f$;
SELECT format('CREATE TRIGGER golive_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %%s FOR EACH STATEMENT
  EXECUTE FUNCTION golive.guard()', t.name) FROM (%(tables)s) t
\gexec
"""

_BACKWARDS = r"""SELECT format('CREATE PUBLICATION %%I FOR TABLE golive.marker%%s', :'back',
  coalesce(string_agg(format(', %%s (%%s)', t.name,
  (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = t.oid AND attnum > 0
   AND NOT attisdropped AND attgenerated = '')), '' ORDER BY t.name), '')) FROM (%(tables)s) t
  WHERE NOT EXISTS (SELECT FROM pg_publication WHERE pubname = :'back')
\gexec
SELECT pg_create_logical_replication_slot(name, 'pgoutput') FROM unnest(ARRAY[:'back', :'seen']) name
  WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = name);
"""


def target(apart: tuple[str, ...], budget: int, *, gentle: bool) -> str:
    """Shell text for the new host: the schema, a guard against writes, the copy, then what a way back needs.

    Args:
        apart: tables that are copied once and not followed.
        budget: bytes of log that this server may keep for the way back.
        gentle: indexes are built by one process each: the two sides may share a machine.
    """
    options = "-c max_parallel_maintenance_workers=0" if gentle else ""
    parts = {"tables": _tables(apart)}
    tables = " ".join("-t " + quote(_pattern(name)) for name in apart)
    return (
        DROPS
        + CAP
        + SERVES
        + f"budget={budget}\napart={quote(tables)}\noptions={quote(options)}\nguard=$(mktemp) backwards=$(mktemp)\n"
        + f"{{ printf '%s\\n' '\\set open false'; printf %s {quote(SCHEMA + _GUARD % parts)}; }} > \"$guard\"\n"
        + f'printf %s {quote(_BACKWARDS % parts)} > "$backwards"\n'
        + _FOLLOW
        + 'rm -f "$guard" "$backwards"\n'
    )


def _pattern(title: str) -> str:
    """A table as pg_dump's option -t wants it: quoted, so that nothing in it is a pattern."""
    schema, _, table = title.partition(".")
    return ".".join('"' + part.replace('"', '""') + '"' for part in (schema, table))


DISCARD = (
    CAP
    + SERVES
    + r"""! serves || { echo "the database $db on this host serves: it is not dropped"; exit 1; }
uncap_log
# One whose removal was cut off (-2) lets nobody in.
if [ "$(echo "SELECT count(*) FROM pg_database WHERE datname = :'db' AND datconnlimit <> -2;" | sql)" = 1 ]; then
  unsubscribe "$name"
  drop_slots
fi
echo 'DROP DATABASE IF EXISTS :"db" WITH (FORCE);' | sql
printf 'CREATE DATABASE :"db" TEMPLATE template0;\n' | sql
logout
"""
)

SETTLE = (
    CAP
    + r"""unsubscribe "$name"
drop_slots
uncap_log
{ cat <<'SQL'
SET lock_timeout = '2s';
DROP PUBLICATION IF EXISTS :"back";
SELECT format('DROP TRIGGER golive_guard ON %I.%I', n.nspname, c.relname) FROM pg_trigger t
  JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE t.tgname = 'golive_guard'
\gexec
DROP SCHEMA IF EXISTS golive CASCADE;
RESET lock_timeout;
ANALYZE;
SQL
} | sql "$db"
logout
"""
)
