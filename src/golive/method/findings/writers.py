"""Who writes to the old database: what the plan declares against the server's own sessions and roles."""

import ipaddress
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from golive.method.findings.finding import Finding, Row, Side, Wanted, Writer, blocks, warns

_DECLARE = "declare it in writers: as moved, stopped or refused"


def writers(wanted: Wanted, old: Side) -> Iterator[Finding]:
    """Findings about sessions that nobody declared, those that no fence stops, and roles that could write."""
    supers = {row["name"] for row in old.rows("roles") if row["super"]}
    for row in old.rows("sessions"):
        where = f"{wanted.database}, {_who(row)}"
        if not any(matches(one, row) for one in wanted.writers):
            yield blocks("writer-unknown", where, "is connected, and no writer of the plan", _DECLARE)
        elif row["role"] in supers:
            yield _super(where)
    declared = {one.role for one in wanted.writers}
    for name in sorted(declared & supers - {str(row["role"]) for row in old.rows("sessions")}):
        yield _super(f"{wanted.database}, role {name}")
    able = {row["name"] for row in old.rows("roles") if row["login"] and row["writes"]}
    for name in sorted(able - declared - {str(row["role"]) for row in old.rows("sessions")}):
        yield warns(
            "writer-able", f"{wanted.database}, role {name}", "may write and log in, is not connected now, and no "
            "writer of the plan", f"{_DECLARE}, or take its rights away",
        )  # fmt: skip


def _super(where: str) -> Finding:
    return blocks(
        "writer-super", where, "writes as a superuser: the fence does not hold it",
        "give the application a role of its own, without SUPERUSER, before the cutover",
    )  # fmt: skip


def _who(row: Row) -> str:
    by = f", application {row['application']}" if row["application"] else ""
    return f"role {row['role']} from {row['address']}{by}"


def matches(writer: Writer, session: Row) -> bool:
    """Whether this session is one of that writer."""
    return (
        writer.role == session["role"]
        and (not writer.application or fnmatchcase(str(session["application"]), writer.application))
        and (not writer.addresses or within(str(session["address"]), writer.addresses))
    )


def within(address: str, networks: Sequence[str]) -> bool:
    """Whether an address, or ``local``, is one of these or in one of these networks."""
    if address in networks:
        return True
    try:
        place = ipaddress.ip_address(address)
        return any(place in ipaddress.ip_network(one, strict=False) for one in networks if one != "local")
    except ValueError:
        return False  # the socket of the database's own host is in no network
