"""An extension of PostgreSQL is installed in a database."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from golive.resources.psql import Identifier, Postgresql


class PostgresqlExtension(Postgresql):
    """An extension in one database. What it needs is declared before; its package is a package."""

    kind: ClassVar[str] = "postgresql-extension"
    postgresql_extension: Identifier = Field(alias="postgresql-extension", description="Name of the extension.")
    database: Identifier = Field(description="The database; there before.")
    version: str | None = Field(
        None, pattern=r"^[A-Za-z0-9_.+-]+$", description="Exact version; by default any installed version will do."
    )

    wanted: ClassVar[str] = """
SELECT count(*) = 1 FROM pg_extension WHERE extname = :'extension' AND :'version' IN ('', extversion);
"""
    shown: ClassVar[str] = "SELECT 'version ' || extversion FROM pg_extension WHERE extname = :'extension';"
    make: ClassVar[str] = """
SELECT format('CREATE EXTENSION %I', :'extension') || CASE WHEN :'version' <> '' THEN format(' VERSION %L', :'version')
  ELSE '' END WHERE NOT EXISTS (SELECT FROM pg_extension WHERE extname = :'extension') \\gexec
SELECT format('ALTER EXTENSION %I UPDATE TO %L', extname, :'version') FROM pg_extension
WHERE extname = :'extension' AND :'version' NOT IN ('', extversion) \\gexec
"""
    restore: ClassVar[str] = """
SELECT format('ALTER EXTENSION %I UPDATE TO %L;', extname, extversion) FROM pg_extension WHERE extname = :'extension';
SELECT format('DROP EXTENSION IF EXISTS %I;', :'extension')
WHERE NOT EXISTS (SELECT FROM pg_extension WHERE extname = :'extension');
"""

    @property
    def identity(self) -> str:
        return f"{super().identity} {self.database}"

    @property
    def title(self) -> str:
        return f"{super().title} in {self.database}"

    def values(self) -> Mapping[str, str]:
        return {"extension": self.main, "version": self.version or ""}

    def wish(self) -> str:
        return f"version {self.version}" if self.version else "any version"

    def inside(self) -> str:
        return self.database
