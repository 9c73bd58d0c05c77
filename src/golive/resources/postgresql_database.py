"""A database of PostgreSQL exists, with its owner, encoding and locale."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from golive.resources.psql import Identifier, Postgresql, ask, plumbing

_UNLIKE = """
SELECT datname || ' has the encoding ' || pg_encoding_to_char(encoding) || ' and the locale ' || datcollate
  || ': a database that exists keeps them; dump it, drop it, and restore it into a new one'
FROM pg_database WHERE datname = :'db' AND NOT (encoding = pg_char_to_encoding(:'encoding')
  AND (:'locale' = '' OR lower(replace(datcollate, '-', '')) = lower(replace(:'locale', '-', ''))));
"""

_CREATE = """
SELECT format('CREATE DATABASE %I TEMPLATE %I ENCODING %L', :'db', :'template', :'encoding')
  || CASE WHEN :'locale' <> '' THEN format(' LC_COLLATE %L LC_CTYPE %L', :'locale', :'locale') ELSE '' END
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'db') \\gexec
SELECT format('ALTER DATABASE %I OWNER TO %I', :'db', :'owner') WHERE :'owner' <> '' \\gexec
"""

_HELD = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'S', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e');
"""

_DROP = """if grep -qx new "$keep"; then
there=$(echo "SELECT count(*) FROM pg_database WHERE datname = :'db';" | sql)
[ "$there" = 0 ] || {
held=$(%s
)
[ "$held" = 0 ] || { echo "the database holds $held tables, views and sequences, and stays: drop it by hand"; exit 1; }
echo 'DROP DATABASE :"db";' | sql
}
else sql < "$keep"; fi"""


class PostgresqlDatabase(Postgresql):
    """A database of PostgreSQL. A back-out drops the one that it made as long as nothing is in it: data is not lost."""

    kind: ClassVar[str] = "postgresql-database"
    postgresql_database: Identifier = Field(alias="postgresql-database", description="Name of the database.")
    owner: Identifier | None = Field(None, description="The role that owns it; there before. By default postgres.")
    encoding: str = Field("UTF8", pattern=r"^[A-Za-z0-9_]+$", description="Encoding; it cannot be changed later.")
    locale: str | None = Field(
        None, pattern=r"^[A-Za-z0-9_.@-]+$", description="Locale, such as `C.UTF-8`; by default that of the template."
    )
    template: Identifier = Field("template0", description="The database of which a new one is a copy.")

    wanted: ClassVar[str] = """
SELECT count(*) = 1 FROM pg_database WHERE datname = :'db' AND encoding = pg_char_to_encoding(:'encoding')
  AND :'owner' IN ('', pg_get_userbyid(datdba))
  AND (:'locale' = '' OR lower(replace(datcollate, '-', '')) = lower(replace(:'locale', '-', '')));
"""
    shown: ClassVar[str] = """
SELECT concat_ws(', ', 'owned by ' || pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate)
FROM pg_database WHERE datname = :'db';
"""
    restore: ClassVar[str] = """
SELECT format('ALTER DATABASE %I OWNER TO %I;', datname, pg_get_userbyid(datdba)) FROM pg_database
WHERE datname = :'db';
SELECT 'new' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'db');
"""

    def values(self) -> Mapping[str, str]:
        names = {"db": self.main, "owner": self.owner or "", "encoding": self.encoding, "locale": self.locale or ""}
        return names | {"template": self.template}

    def wish(self) -> str:
        owner = [f"owned by {self.owner}"] if self.owner else []
        return ", ".join([*owner, self.encoding, *([self.locale] if self.locale else [])])

    def apply(self) -> str:
        unlike = f'unlike=$({ask(_UNLIKE)}\n)\n[ -z "$unlike" ] || {{ echo "$unlike"; exit 1; }}\n'
        return unlike + ask(_CREATE)

    def undo(self) -> str:
        there = plumbing({}, self.cluster, self.main, "within")
        return f"{self.plumbing()}\n{there}\n{_DROP % ask(_HELD, 'within')}"
