"""What the hosts are asked: one script each, which changes nothing and prints its facts."""

from golive.resources.sh import quote

_SQL = r"""
SET default_transaction_read_only = on;
SET statement_timeout = '60s';
SET search_path = pg_catalog;
BEGIN;
WITH space AS (
  SELECT oid, nspname FROM pg_namespace
  WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'golive') AND nspname !~ '^pg_(toast|temp)'
), ours AS (
  SELECT c.*, n.nspname FROM pg_class c JOIN space n ON n.oid = c.relnamespace
  WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                    AND d.deptype = 'e')
), grants AS (
  SELECT nspname AS schema, relname AS name, CASE a.grantee WHEN 0 THEN 'public' ELSE a.grantee::regrole::text END
    AS grantee, a.privilege_type AS privilege
  FROM ours, aclexplode(relacl) a WHERE relkind IN ('r', 'p', 'v', 'm', 'S')
)
SELECT jsonb_build_object(
  'version', current_setting('server_version_num')::int,
  'database', (SELECT to_jsonb(d) - 'datacl' || jsonb_build_object('encoding_name', pg_encoding_to_char(encoding))
    FROM pg_database d WHERE datname = current_database() AND datname = :'db'),
  'cluster', (SELECT jsonb_build_object('encoding_name', pg_encoding_to_char(encoding), 'datcollate', datcollate,
      'datctype', datctype) FROM pg_database WHERE datname = 'template0'),
  'size', pg_database_size(current_database()),
  'settings', (SELECT jsonb_object_agg(name, setting) FROM pg_settings WHERE name IN
    ('wal_level', 'max_replication_slots', 'max_wal_senders', 'max_logical_replication_workers', 'data_checksums',
     'max_worker_processes', 'max_slot_wal_keep_size', 'data_directory', 'port', 'server_version')),
  'relations', (SELECT jsonb_agg(jsonb_build_object(
      'schema', nspname, 'name', relname, 'kind', relkind, 'persistence', relpersistence, 'identity', relreplident,
      'partition', relispartition, 'owner', relowner::regrole::text,
      'rows', EXISTS (SELECT FROM pg_stat_all_tables s WHERE s.relid = ours.oid AND s.n_live_tup > 0) OR reltuples > 0,
      'key', EXISTS (SELECT FROM pg_index i WHERE i.indrelid = ours.oid AND i.indisprimary AND i.indisvalid),
      'columns', (SELECT jsonb_object_agg(attname, format_type(atttypid, atttypmod)
          || CASE attnotnull WHEN true THEN ' not null' ELSE '' END
          || CASE attidentity WHEN '' THEN '' ELSE ' identity' END
          || CASE attgenerated WHEN '' THEN '' ELSE ' generated as ' || pg_get_expr(d.adbin, d.adrelid) END)
        FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE attrelid = ours.oid AND attnum > 0 AND NOT attisdropped),
      'triggers', (SELECT jsonb_agg(tgname) FROM pg_trigger t
        WHERE tgrelid = ours.oid AND NOT tgisinternal AND tgenabled IN ('A', 'R')),
      'rules', (SELECT jsonb_agg(rulename) FROM pg_rewrite
        WHERE ev_class = ours.oid AND rulename <> '_RETURN' AND ev_enabled IN ('A', 'R')))
    ORDER BY nspname, relname) FROM ours WHERE relkind IN ('r', 'p', 'f', 'm')),
  'sequences', (SELECT jsonb_agg(jsonb_build_object('schema', schemaname, 'name', sequencename, 'last', last_value,
      'max', max_value, 'min', min_value, 'by', increment_by, 'cycle', cycle) ORDER BY 1) FROM pg_sequences),
  'large_objects', (SELECT count(*) FROM pg_largeobject_metadata),
  'extensions', (SELECT jsonb_agg(jsonb_build_object('name', extname, 'version', extversion,
      'holds', extconfig IS NOT NULL) ORDER BY extname) FROM pg_extension),
  'available', (SELECT jsonb_object_agg(name, default_version) FROM pg_available_extensions),
  'collations', (SELECT jsonb_agg(DISTINCT jsonb_build_object('name', c.collname, 'provider', c.collprovider,
      'recorded', c.collversion, 'now', pg_collation_actual_version(c.oid),
      'built_in', c.collnamespace = 'pg_catalog'::regnamespace))
    FROM pg_attribute a JOIN ours ON ours.oid = a.attrelid JOIN pg_collation c ON c.oid = a.attcollation
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.collname NOT IN ('default', 'C', 'POSIX')),
  'known_collations', (SELECT jsonb_agg(DISTINCT collname) FROM pg_collation),
  'roles', (SELECT jsonb_agg(jsonb_build_object('name', rolname, 'super', rolsuper, 'login', rolcanlogin,
      'replication', rolreplication, 'writes', NOT rolsuper AND EXISTS (SELECT FROM ours WHERE relkind IN ('r', 'p')
        AND has_table_privilege(r.oid, ours.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')),
      'member_of', (SELECT jsonb_agg(roleid::regrole::text) FROM pg_auth_members WHERE member = r.oid))
    ORDER BY rolname) FROM pg_roles r WHERE rolname !~ '^pg_'),
  'owners', (SELECT jsonb_agg(DISTINCT relowner::regrole::text) FROM ours),
  'grants', (SELECT jsonb_agg(to_jsonb(grants)) FROM grants),
  'prepared', (SELECT jsonb_agg(jsonb_build_object('gid', gid, 'owner', owner)) FROM pg_prepared_xacts
    WHERE database = current_database()),
  'slots', (SELECT jsonb_agg(jsonb_build_object('name', slot_name, 'active', active, 'plugin', plugin))
    FROM pg_replication_slots),
  'senders', (SELECT count(*) FROM pg_stat_replication),
  'subscriptions', (SELECT jsonb_agg(subname) FROM pg_subscription s
    WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())),
  'event_triggers', (SELECT jsonb_agg(evtname) FROM pg_event_trigger WHERE evtenabled <> 'D'),
  'temporary', (SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'),
  'sessions', (SELECT jsonb_agg(DISTINCT jsonb_build_object('role', usename, 'address', coalesce(host(client_addr),
      'local'), 'application', application_name))
    FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
    AND pid <> pg_backend_pid() AND application_name !~ '^golive' AND usename <> 'golive'),
  'oldest', (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::int FROM pg_stat_activity
    WHERE xact_start IS NOT NULL AND backend_type = 'client backend' AND pid <> pg_backend_pid()),
  'recovering', pg_is_in_recovery()
);
ROLLBACK;
"""

_DATABASE = r"""cd /
sql() { runuser -u postgres -- psql -XqAt -v ON_ERROR_STOP=1 -v db="$db" -d "$1"; }
# One whose removal was cut off (-2) is none: it can only be dropped.
there=$(echo "SELECT count(*) FROM pg_database WHERE datname = :'db' AND datconnlimit <> -2;" | sql postgres) || exit 1
at=postgres
[ "$there" = 0 ] || at=$db
facts=$(sql "$at" <<'END_OF_SQL'
%(sql)sEND_OF_SQL
) || exit 1
where=$(echo 'SHOW data_directory;' | sql postgres) || exit 1
free=$(df -Pk "$where" | awk 'NR == 2 { printf "%%.0f\n", $4 * 1024 }')
# Of libc and ICU, which order texts: recorded when the database was made, and now. Versions before 15 do not record it.
orders=null
[ "$(echo 'SHOW server_version_num;' | sql postgres)" -lt 150000 ] ||
  orders=$(echo "SELECT jsonb_build_object('recorded', datcollversion, 'now', pg_database_collation_actual_version(oid))
    FROM pg_database WHERE datname = current_database();" | sql "$at") || exit 1
printf 'facts\t{"sql":%%s,"free":%%s,"order":%%s}\n' "$facts" "$free" "$orders"
"""

_DOOR = r"""fact() { printf 'fact\t%%s\t%%s\n' "$1" "$2"; }
cfg=%(config)s
about=$(haproxy -vv 2>/dev/null) || { fact version ""; exit 0; }
fact version "$(echo "$about" | sed -n 's/^HAProxy version \([0-9.]*\).*/\1/p')"
case $about in *"Built with Lua"*) fact lua yes ;; *) fact lua no ;; esac
# The socket: the first that the configuration gives the level admin.
socket=$(awk '$1 == "stats" && $2 == "socket" && / level admin/ { print $3; exit }' "$cfg" 2>/dev/null)
fact socket "$socket"
[ -z "$socket" ] || [ ! -S "$socket" ] || fact answers "$(perl -MIO::Socket::UNIX -e '
  my $door = IO::Socket::UNIX->new(Peer => $ARGV[0]) or exit;
  print $door "show info\n"; while (<$door>) { print $1 if /^Version: (\S+)/ }' "$socket")"
fact section "$(awk -v name=%(section)s '
  $1 ~ /^(frontend|listen|backend)$/ && $2 == name { print "yes"; exit }' "$cfg")"
fact keeps "$(awk '$1 == "option" && $2 == "idle-close-on-response" { print "yes"; exit }' "$cfg")"
# Workers of the master: all but the youngest belong to configurations of before, and live while they carry connections.
main=$(systemctl show -p MainPID --value haproxy 2>/dev/null)
fact running "${main:-0}"
workers=0
for stat in /proc/[0-9]*/stat; do
  read -r line <"$stat" 2>/dev/null || continue
  rest=${line##*) }
  set -- $rest
  case $line in *"(haproxy)"*) [ "$2" != "$main" ] || workers=$((workers + 1)) ;; esac
done
fact workers "$workers"
"""


def database(name: str) -> str:
    """The script's body that prints one line of facts about a PostgreSQL database, and about its server.

    Args:
        name: of the database; where it does not exist, only the server is told of.
    """
    return f"db={quote(name)}\n" + _DATABASE % {"sql": _SQL}


def door(config: str, section: str) -> str:
    """The script's body that prints the facts of HAProxy as a front door.

    Args:
        config: the path of its configuration.
        section: the name of the frontend or backend that the plan names.
    """
    return _DOOR % {"config": quote(config), "section": quote(section)}
