"""A role of PostgreSQL exists, with its attributes, its memberships and its password."""

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from golive.resources.psql import Identifier, Postgresql, ask, holds
from golive.resources.sh import word
from golive.words import several

_ATTRIBUTES = {
    "login": "rolcanlogin", "createdb": "rolcreatedb", "createrole": "rolcreaterole", "superuser": "rolsuper",
    "replication": "rolreplication",
}  # fmt: skip

_GROUPS = "SELECT unnest(string_to_array(:'in_roles', ' '))"
_MEMBER = """EXISTS (SELECT FROM pg_auth_members m WHERE m.roleid = to_regrole(quote_ident(g))
    AND m.member = to_regrole(quote_ident(:'role')))"""

_SECRETLY = """secretly() (  # SQL from stdin: the password is in the environment, in no argument and no log
export GOLIVE_PASSWORD=%s
{ cat <<'SQL'
SET log_statement = none; SET log_min_duration_statement = -1; SET log_min_error_statement = panic;
SET auto_explain.log_min_duration = -1; SET pg_stat_statements.track = none; SET pgaudit.log = none;
\\set password `printf %%s "$GOLIVE_PASSWORD"`
SQL
cat; } | sql
)"""

_VERIFY = r"""
-- SCRAM-SHA-256 by the server's own functions. No login is tried: pg_hba.conf, limits and NOLOGIN do not matter.
CREATE FUNCTION pg_temp.pad(key bytea, mask int) RETURNS bytea LANGUAGE plpgsql AS $$
BEGIN
  IF length(key) > 64 THEN key := sha256(key); END IF;
  key := key || decode(repeat('00', 64 - length(key)), 'hex');
  FOR i IN 0..63 LOOP key := set_byte(key, i, get_byte(key, i) # mask); END LOOP;
  RETURN key;
END $$;
CREATE FUNCTION pg_temp.client_key(secret text, salt bytea, rounds int) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
  key bytea; salted bytea; inside bytea; outside bytea; u bytea; total bit(256);
BEGIN
  IF getdatabaseencoding() = 'UTF8' THEN secret := normalize(secret, NFKC); END IF;
  key := convert_to(secret, 'UTF8');
  inside := pg_temp.pad(key, 54);
  outside := pg_temp.pad(key, 92);
  u := sha256(outside || sha256(inside || salt || decode('00000001', 'hex')));
  total := ('x' || encode(u, 'hex'))::bit(256);
  FOR i IN 2..rounds LOOP
    u := sha256(outside || sha256(inside || u));
    total := total # ('x' || encode(u, 'hex'))::bit(256);
  END LOOP;
  salted := u;
  FOR i IN 0..31 LOOP salted := set_byte(salted, i, substring(total FROM 8 * i + 1 FOR 8)::int); END LOOP;
  RETURN sha256(pg_temp.pad(salted, 92) || sha256(pg_temp.pad(salted, 54) || convert_to('Client Key', 'UTF8')));
END $$;
SELECT coalesce(
  CASE WHEN part IS NULL THEN rolpassword = 'md5' || md5(:'password' || :'role')
  ELSE encode(sha256(pg_temp.client_key(:'password', decode(part[2], 'base64'), part[1]::int)), 'base64') = part[3] END,
  false)
FROM (SELECT rolpassword, regexp_match(rolpassword, '^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):') AS part
  FROM pg_authid WHERE rolname = :'role') AS stored;
"""


class PostgresqlRole(Postgresql):
    """A role of PostgreSQL. Memberships that are not named here stay; a password that is not named stays."""

    kind: ClassVar[str] = "postgresql-role"
    postgresql_role: Identifier = Field(alias="postgresql-role", description="Name of the role.")
    password: str | None = Field(None, description="Its password: a secret. It is verified against the server's hash.")
    login: bool = Field(True, description="Whether it may log in.")
    createdb: bool = Field(False, description="Whether it may create databases.")
    createrole: bool = Field(False, description="Whether it may create roles.")
    superuser: bool = Field(False, description="Whether it may do anything.")
    replication: bool = Field(False, description="Whether it may replicate.")
    connection_limit: int = Field(-1, ge=-1, description="How many connections it may have; -1: any number.")
    in_roles: tuple[Identifier, ...] = Field((), description="Roles of which it is a member; there before.")

    wanted: ClassVar[str] = f"""
SELECT count(*) = 1 AND (SELECT coalesce(bool_and({_MEMBER}), true) FROM ({_GROUPS}) AS groups (g))
FROM pg_roles WHERE rolname = :'role' AND rolconnlimit = :'limit'::int
  AND ({", ".join(_ATTRIBUTES.values())}) = ({", ".join(f":'{name}'::bool" for name in _ATTRIBUTES)});
"""
    shown: ClassVar[str] = f"""
SELECT concat_ws(', ', {", ".join(f"CASE WHEN {column} THEN '{name}' END" for name, column in _ATTRIBUTES.items())},
  'at most ' || nullif(rolconnlimit, -1) || ' connections', (SELECT 'in ' || string_agg(g.rolname, ' ' ORDER BY 1)
  FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid))
FROM pg_roles r WHERE rolname = :'role';
"""
    restore: ClassVar[str] = f"""
SELECT format('ALTER ROLE %I PASSWORD %L CONNECTION LIMIT %s', rolname, rolpassword, rolconnlimit)
  || {" || ".join(f"CASE WHEN {column} THEN ' ' ELSE ' NO' END || '{name}'" for name, column in _ATTRIBUTES.items())}
  || ';' FROM pg_authid WHERE rolname = :'role';
SELECT format('REVOKE %I FROM %I;', g, rolname)
FROM pg_roles, ({_GROUPS}) AS groups (g) WHERE rolname = :'role' AND NOT {_MEMBER};
SELECT format('DROP ROLE IF EXISTS %I;', :'role') WHERE to_regrole(quote_ident(:'role')) IS NULL;
"""

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.password == "":
            hint = {"hint": "leave it out, and nobody can log in with one"}
            raise PydanticCustomError("role_password", "PostgreSQL knows no empty password", hint)
        return self

    def values(self) -> Mapping[str, str]:
        switches = {name: str(getattr(self, name)).lower() for name in _ATTRIBUTES}
        names = {"role": self.main, "limit": str(self.connection_limit), "in_roles": " ".join(self.in_roles)}
        return names | switches

    def wish(self) -> str:
        limit = [f"at most {several(self.connection_limit, 'connection')}"] if self.connection_limit >= 0 else []
        groups = [f"in {' '.join(sorted(self.in_roles))}"] if self.in_roles else []
        secret = ["its password"] if self.password is not None else []
        return ", ".join([*(name for name in _ATTRIBUTES if getattr(self, name)), *limit, *groups, *secret])

    def prepare(self) -> str:
        secretly = f"\n{_SECRETLY % word(self.password)}" if self.password is not None else ""
        return f"{self.plumbing()}{secretly}"

    def check(self) -> str:
        return super().check() + (f" &&\n{holds(_VERIFY, call='secretly')}" if self.password is not None else "")

    def apply(self) -> str:
        words = [name.upper() if getattr(self, name) else f"NO{name.upper()}" for name in _ATTRIBUTES]
        secret = """\nALTER ROLE :"role" PASSWORD :'password';""" if self.password is not None else ""
        # One transaction: a role without its password, or with too much power, is never seen.
        made = f"""
BEGIN;
SELECT format('CREATE ROLE %I;', :'role') WHERE to_regrole(quote_ident(:'role')) IS NULL \\gexec
ALTER ROLE :"role" {" ".join(words)} CONNECTION LIMIT {self.connection_limit};{secret}
SELECT format('GRANT %I TO %I;', g, :'role') FROM ({_GROUPS}) AS groups (g) WHERE NOT {_MEMBER} \\gexec
COMMIT;
"""
        return ask(made, call="secretly" if secret else "sql")
