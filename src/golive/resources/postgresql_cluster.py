"""A cluster of PostgreSQL exists and runs, by Debian's own tools."""

from typing import ClassVar

from pydantic import Field

from golive.resources.interface import Resource
from golive.resources.psql import Identifier, ask, plumbing
from golive.resources.sh import quote

_FUNCTIONS = """version=%(version)s name=%(name)s
making=$GOLIVE_ROOT/postgresql-$version-$name.making
of() { pg_lsclusters -h | awk -v v="$version" -v n="$name" -v field="$1" '$1 == v && $2 == n { print $field }'; }
start() { pg_ctlcluster "$version" "$name" "${1-start}"; }
plain() { printf %%s "$1" | tr -d - | tr '[:upper:]' '[:lower:]'; }  # C.UTF-8 and C.utf8 are one"""

_SEEN = """
SELECT concat_ws(' ', pg_encoding_to_char(encoding), datcollate, current_setting('data_checksums'))
FROM pg_database WHERE datname = 'template1';
"""

_CREATE = """if [ -e "$making" ]; then  # cut off while it was made: what does not run is not whole
case $(of 4) in '' | online*) ;; *) pg_dropcluster "$version" "$name" ;; esac
rm -f "$making"
fi
if [ -z "$(of 2)" ]; then
mkdir -p "$GOLIVE_ROOT"
: > "$making"
pg_createcluster %(options)s "$version" "$name"%(initdb)s || { rm -f "$making"; exit 1; }
rm -f "$making"
fi
%(port)scase $(of 4) in online*) ;; *) systemctl daemon-reload; start ;; esac"""

_PORT = """if [ "$(of 3)" != %(port)d ]; then
pg_conftool "$version" "$name" set port %(port)d
case $(of 4) in online*) start restart ;; esac
fi
"""

_UNDO = """rm -f "$making"
read -r was _ port status _ < "$keep" || :
if [ -z "$was" ]; then
[ -z "$(of 2)" ] || {
case $(of 4) in online*) ;; *) start ;; esac
held=$(%(held)s
)
[ "$held" = 0 ] || { echo "the cluster holds $held databases, and stays: pg_dropcluster takes it away"; exit 1; }
pg_dropcluster --stop "$version" "$name"
}
else
if [ "$(of 3)" != "$port" ]; then
pg_conftool "$version" "$name" set port "$port"
case $(of 4) in online*) start restart ;; esac
fi
case $status in online*) ;; *) case $(of 4) in online*) start stop ;; esac ;; esac
fi"""

_HELD = "SELECT count(*) FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1');"


class PostgresqlCluster(Resource):
    """A cluster of PostgreSQL, running. Its package is declared before; it may have made the cluster `main` already."""

    kind: ClassVar[str] = "postgresql-cluster"
    postgresql_cluster: Identifier = Field(alias="postgresql-cluster", description="Name of the cluster, such as main.")
    version: str = Field(pattern=r"^[0-9]+(\.[0-9]+)?$", description='Major version, in quotes: `"17"`.')
    port: int | None = Field(None, ge=1, le=65535, description="Port; by default the next one that is free.")
    encoding: str | None = Field(
        None, pattern=r"^[A-Za-z0-9_]+$", description="Encoding of new databases; by default UTF8 for a new cluster."
    )
    locale: str | None = Field(
        None, pattern=r"^[A-Za-z0-9_.@-]+$", description="Locale; by default C.UTF-8 for a new cluster."
    )
    data_checksums: bool | None = Field(None, description="Whether pages carry checksums; by default as initdb does.")

    @property
    def identity(self) -> str:
        """Two versions may have one of the same name."""
        return f"{self.version}/{self.main}"

    @property
    def title(self) -> str:
        return f"{self.kind} {self.identity}"

    def prepare(self) -> str:
        own = _FUNCTIONS % {"version": quote(self.version), "name": quote(self.main)}
        return f"{plumbing({}, self.identity)}\n{own}\nseen() {{ {ask(_SEEN)}\n}}"

    def _unlike(self) -> str:
        """Shell text that says what of a cluster that exists is not as wanted and cannot be changed."""
        checksums = None if self.data_checksums is None else "on" if self.data_checksums else "off"
        wanted = {"encoding": self.encoding, "locale": self.locale, "checksums": checksums}
        asked = [
            f'[ "$(plain "${name}")" = {quote(value.replace("-", "").lower())} ] || echo {quote(f"+ {name}: {value}")}'
            for name, value in wanted.items()
            if value is not None
        ]
        if not asked:
            return ":"
        return "\n".join(["now=$(seen) && read -r encoding locale checksums <<NOW", "$now", "NOW", *asked])

    def check(self) -> str:
        port = f'[ "$(of 3)" = {self.port} ] && ' if self.port else ""
        online = "case $(of 4) in online*) ;; *) return 1 ;; esac"
        return f'[ ! -e "$making" ] || return 1\n{online}\n{port}[ -z "$({self._unlike()}\n)" ]'

    def apply(self) -> str:
        options = [f"-e {quote(self.encoding or 'UTF8')}", f"--locale {quote(self.locale or 'C.UTF-8')}"]
        options += [f"-p {self.port}"] if self.port else []
        initdb = {None: "", True: " -- --data-checksums", False: " -- --no-data-checksums"}[self.data_checksums]
        port = _PORT % {"port": self.port} if self.port else ""
        made = _CREATE % {"options": " ".join(options), "initdb": initdb, "port": port}
        said = "a cluster that exists keeps its encoding, its locale and its checksums; this one has not"
        return f'{made}\nunlike=$({self._unlike()}\n)\n[ -z "$unlike" ] || {{ echo {quote(said)}" $unlike"; exit 1; }}'

    def diff(self) -> str:
        port = f", port {self.port}" if self.port else ""
        shown = 'differs "$version/$name: ${now:-not there}, port ${port:--}"'
        wanted = quote(f"{self.identity}: online{port}")
        return f"{{\nnow=$(of 4) port=$(of 3)\n{shown} {wanted}\n({self._unlike()}\n)\n}} 2>/dev/null"

    def foreseen(self) -> str:
        return f"[ -x {quote(f'/usr/lib/postgresql/{self.version}/bin/postgres')} ]"

    def keep(self) -> str:
        return '{ pg_lsclusters -h | awk -v v="$version" -v n="$name" \'$1 == v && $2 == n\'; } > "$keep"'

    def undo(self) -> str:
        return f"{self.prepare()}\n{_UNDO % {'held': ask(_HELD)}}"
