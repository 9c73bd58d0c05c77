"""A setting of PostgreSQL has a value, by ALTER SYSTEM."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from golive.resources.psql import Postgresql, ask, holds
from golive.resources.sh import quote

_OWN = """(SELECT setting FROM pg_file_settings WHERE lower(name) = lower(:'setting')
    AND sourcefile ~ '/postgresql\\.auto\\.conf$' ORDER BY seqno DESC LIMIT 1)"""

_QUOTED_LISTS = (
    "('local_preload_libraries', 'search_path', 'session_preload_libraries', 'shared_preload_libraries', "
    "'temp_tablespaces', 'unix_socket_directories')"
)

_PENDING = "SELECT coalesce(bool_or(pending_restart), false) FROM pg_settings WHERE lower(name) = lower(:'setting');"

_FUNCTIONS = """reread() {  # new sessions have what the files say
  before=$(echo 'SELECT pg_conf_load_time();' | sql)
  echo 'SELECT pg_reload_conf();' | sql >/dev/null
  tries=0
  until [ "$(echo 'SELECT pg_conf_load_time();' | sql)" != "$before" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { echo 'PostgreSQL does not read its files again'; return 1; }
    sleep 0.1
  done
}
pending() { %s; }
restart() {
  file=$(echo 'SHOW config_file;' | sql)  # /etc/postgresql/VERSION/NAME/postgresql.conf
  folder=${file%%/*}
  version=${folder%%/*}
  pg_ctlcluster "${version##*/}" "${folder##*/}" restart
}"""


class PostgresqlSetting(Postgresql):
    """A setting in postgresql.auto.conf. One that needs a restart says so, and restarts only with `restart: true`."""

    kind: ClassVar[str] = "postgresql-setting"
    postgresql_setting: str = Field(
        alias="postgresql-setting", pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$",
        description="Name of the setting.",
    )  # fmt: skip
    value: str | int | float | tuple[str, ...] = Field(description="Its value; several as a list.")
    restart: bool = Field(False, description="Whether PostgreSQL is restarted when the setting needs it.")

    shown: ClassVar[str] = f"""
SELECT concat_ws(', ', coalesce({_OWN}, current_setting(:'setting', true) || ' (not by golive)'),
  (SELECT 'waits for a restart' FROM pg_settings WHERE lower(name) = lower(:'setting') AND pending_restart));
"""
    restore: ClassVar[str] = f"""
SELECT format('ALTER SYSTEM SET %s TO ', :'quoted') || CASE WHEN lower(:'setting') IN {_QUOTED_LISTS}
  THEN (SELECT string_agg(quote_literal(btrim(part, ' "')), ', ') FROM unnest(string_to_array(own, ',')) AS part)
  ELSE quote_literal(own) END || ';' FROM (SELECT {_OWN} AS own) AS kept WHERE own IS NOT NULL;
SELECT format('ALTER SYSTEM RESET %s;', :'quoted') WHERE {_OWN} IS NULL;
"""

    @property
    def _items(self) -> tuple[str, ...]:
        return self.value if isinstance(self.value, tuple) else (str(self.value),)

    def values(self) -> Mapping[str, str]:
        quoted = ".".join(f'"{part}"' for part in self.main.split("."))
        items = {f"value_{number}": item for number, item in enumerate(self._items, 1)}
        return {"setting": self.main, "quoted": quoted, **items}

    def wish(self) -> str:
        return ", ".join(self._items)

    def prepare(self) -> str:
        return f"{self.plumbing()}\n{_FUNCTIONS % holds(_PENDING)}"

    def check(self) -> str:
        items = ", ".join(f"(:'value_{number}')" for number, _ in enumerate(self._items, 1))
        wanted = f"""
SELECT coalesce({_OWN} IN (string_agg(item, ', '), string_agg(quote_ident(item), ', ')), false)
  AND pg_conf_load_time() >= (pg_stat_file('postgresql.auto.conf')).modification
FROM (VALUES {items}) AS list (item);
"""
        return holds(wanted) + (" && ! pending" if self.restart else "")

    def apply(self) -> str:
        items = ", ".join(f":'value_{number}'" for number, _ in enumerate(self._items, 1))
        name = ".".join(f'"{part}"' for part in self.main.split("."))
        later = f"echo {quote(f'{self.main} takes effect when PostgreSQL is restarted: restart: true does it')}"
        return (
            f"{ask(f'ALTER SYSTEM SET {name} TO {items};')}\nreread\n"
            f"if pending; then {'restart' if self.restart else later}; fi"
        )

    def undo(self) -> str:
        again = "\nif pending; then restart; fi" if self.restart else ""
        return f'{self.prepare()}\nsql < "$keep"\nreread{again}'
