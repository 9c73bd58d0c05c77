"""SQL as PostgreSQL's superuser: values come as psql variables, former states are kept as SQL that restores them."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from golive.resources.interface import Resource
from golive.resources.sh import quote

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_$-]{0,62}$")]
"""A name in PostgreSQL; it is always quoted, so that upper case stays upper case."""

ClusterId = Annotated[str, Field(pattern=r"^[0-9.]+/[A-Za-z0-9_.-]+$")]

_SQL = """%(name)s() (  # SQL from stdin; what it prints are bare values
cd / || exit
%(environment)s runuser -u postgres -- psql -XqAt -v ON_ERROR_STOP=1 -d %(database)s%(values)s
)"""


def plumbing(
    values: Mapping[str, str], cluster: str | None = None, database: str = "postgres", name: str = "sql"
) -> str:
    """A shell function for SQL that knows the values as psql variables. Everybody can see them in its arguments."""
    environment = "PGCLIENTENCODING=UTF8" + (f" PGCLUSTER={quote(cluster)}" if cluster else "")
    shown = "".join(f" -v {quote(f'{key}={value}')}" for key, value in values.items())
    return _SQL % {"name": name, "environment": environment, "database": quote(database), "values": shown}


def ask(sql: str, call: str = "sql") -> str:
    """Shell text that runs constant SQL."""
    return f"{call} <<'SQL'\n{sql.strip()}\nSQL"


def holds(sql: str, call: str = "sql") -> str:
    """Shell text that succeeds when the query says ``t``."""
    return f'[ "$({ask(sql, call)}\n)" = t ]'


class Postgresql(Resource):
    """Base of what lives in a cluster. A subclass says in SQL what is wanted, what to do, what is, what restores it."""

    cluster: ClusterId | None = Field(
        None, description="Version and name of the cluster, such as `17/main`; by default the one that psql takes."
    )
    wanted: ClassVar[str] = ""
    """A query for true, when all is as wanted."""
    make: ClassVar[str] = ""
    restore: ClassVar[str] = ""
    """A query for the SQL that restores what is now; it runs before ``make``."""
    shown: ClassVar[str] = ""
    """A query for what is now, for people."""

    @property
    def identity(self) -> str:
        """What tells it from others of its kind on one host."""
        return f"{self.main} {self.cluster or ''}".strip()

    def values(self) -> Mapping[str, str]:
        """The psql variables of the SQL; none is secret."""
        raise NotImplementedError

    def wish(self) -> str:
        """What is wanted, for people, in the form of ``shown``."""
        raise NotImplementedError

    def inside(self) -> str:
        """The database in which the SQL runs."""
        return "postgres"

    def plumbing(self) -> str:
        """Functions for scripts that look, make and take back."""
        return plumbing(self.values(), self.cluster, self.inside())

    def prepare(self) -> str:
        return self.plumbing()

    def check(self) -> str:
        return holds(self.wanted)

    def apply(self) -> str:
        return ask(self.make)

    def diff(self) -> str:
        now = f'now=$({ask(self.shown, "sql 2>/dev/null")}\n) || now="PostgreSQL cannot be asked"'
        return f'{now}\ndiffers {quote(self.main)}": ${{now:-not there}}" {quote(f"{self.main}: {self.wish()}")}'

    def foreseen(self) -> str:
        return "echo 'SELECT 1;' | sql"

    def keep(self) -> str:
        kept = 'sql > "$keep"'
        return f"(umask 077\n{ask(self.restore, kept)}\n)"

    def undo(self) -> str:
        return f'{self.plumbing()}\nsql < "$keep"'
