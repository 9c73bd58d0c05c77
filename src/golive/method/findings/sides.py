"""What the new side lacks, or has otherwise: roles, grants, extensions, collations, the schema."""

from collections.abc import Iterator

from golive.method.findings.finding import Finding, Row, Side, Wanted, blocks, name_of, warns


def sides(wanted: Wanted, old: Side, new: Side) -> Iterator[Finding]:
    """Findings from a comparison of both."""
    yield from _roles(old, new)
    yield from _extensions(wanted, old, new)
    yield from _texts(wanted, old, new)
    if new.there and new.tables and not wanted.creates:
        yield from _schema(wanted, old, new)
        yield from _sequences(wanted, old, new)
        yield from _grants(wanted, old, new)


def _roles(old: Side, new: Side) -> Iterator[Finding]:
    there = {row["name"] for row in new.rows("roles")}
    grantees = {row["grantee"] for row in old.rows("grants")} - {"public"}
    writers = {row["name"] for row in old.rows("roles") if row["login"] and row["writes"]}
    used = {name.strip('"') for name in {*map(str, old.rows("owners")), *grantees, *writers}}
    for name in sorted(used - there):
        yield blocks(
            "role-missing", f"{new.host}, role {name}", f"is missing; on {old.host} it owns, may use or writes tables",
            f"add `postgresql-role: {name}` to the baseline of the new host's role",
        )  # fmt: skip
    known = {row["name"]: row for row in new.rows("roles")}
    for row in old.rows("roles"):
        twin = known.get(row["name"])
        lost = set(row["member_of"] or ()) - set((twin or {}).get("member_of") or ()) if twin else set[str]()
        if twin and lost:
            yield blocks(
                "role-differs", f"{new.host}, role {row['name']}", f"is no member of {', '.join(sorted(lost))} as on "
                f"{old.host}", "GRANT the membership on the new side",
            )  # fmt: skip
        if twin and row["login"] and not twin["login"]:
            yield blocks(
                "role-differs", f"{new.host}, role {row['name']}", f"cannot log in; on {old.host} it can",
                "ALTER ROLE ... LOGIN on the new side, with its password",
            )  # fmt: skip


def _extensions(wanted: Wanted, old: Side, new: Side) -> Iterator[Finding]:
    available = new.row("available")
    installed = {row["name"]: row["version"] for row in new.rows("extensions")} if new.there else {}
    for row in old.rows("extensions"):
        name, where = row["name"], f"{new.host}, extension {row['name']}"
        if name not in available:
            yield blocks(
                "extension-missing", where, f"cannot be installed; {wanted.database} on {old.host} has it in version "
                f"{row['version']}", "install its package in the baseline of the new host's role",
            )  # fmt: skip
        elif _older(str(installed.get(name, available[name])), str(row["version"])):
            yield warns(
                "extension-older", where, f"would have version {installed.get(name, available[name])}, {old.host} has "
                f"{row['version']}", "install a later package, or test that the application works with the older one",
            )  # fmt: skip
        if row["holds"] and wanted.follows:
            yield warns(
                "extension-holds", f"{wanted.database}, extension {name}", "keeps rows of its own, which are not moved",
                "move them by a task of then:, if they are yours",
            )  # fmt: skip


def _older(one: str, other: str) -> bool:
    def parts(version: str) -> list[tuple[int, str]]:
        return [(int(part), "") if part.isdigit() else (-1, part) for part in version.split(".")]

    return parts(one) < parts(other)


def _texts(wanted: Wanted, old: Side, new: Side) -> Iterator[Finding]:
    yield from _encoding(wanted, old, new)
    order = old.row("order")
    if order.get("recorded") and order["recorded"] != order["now"]:
        yield _outdated(old, wanted.database, order)
    known = set(map(str, new.rows("known_collations")))
    for row in old.rows("collations"):
        if row["name"] not in known and (row["built_in"] or not wanted.creates):
            yield blocks(
                "collation-missing", f"{new.host}, collation {row['name']}", f"is missing; columns on {old.host} use "
                "it", "install the locale and CREATE COLLATION on the new side",
            )  # fmt: skip
        if row["recorded"] and row["recorded"] != row["now"]:
            yield _outdated(old, f"collation {row['name']}", row)


def _encoding(wanted: Wanted, old: Side, new: Side) -> Iterator[Finding]:
    """A database that is made anew gets the locale of the new cluster; one that is there keeps its own."""
    kept, where = new.there and not wanted.creates, f"{new.host}, {wanted.database}"
    before, after = old.row("database"), new.row("database" if kept else "cluster")
    one, other = before.get("encoding_name"), after.get("encoding_name")
    if one != other and kept:
        make = warns if other == "UTF8" else blocks
        yield make(
            "encoding", where, f"is in {other}, on {old.host} in {one}",
            "create it with the same encoding, or in UTF8, from TEMPLATE template0",
        )  # fmt: skip
    elif one != other and wanted.follows and after.get("datctype") not in ("C", "POSIX"):
        yield blocks(
            "encoding", where,
            f"cannot be created in {one}, as on {old.host}, beside the locale {after.get('datctype')}",
            "make the new cluster with a locale of this encoding, or convert the old database before",
        )  # fmt: skip
    if any(before.get(name) != after.get(name) for name in ("datcollate", "datctype")):
        yield warns(
            "locale", where, f"orders texts by {after.get('datcollate')}, {old.host} by {before.get('datcollate')}",
            "make the new cluster with the same LC_COLLATE and LC_CTYPE, if users see the order",
        )  # fmt: skip


def _outdated(old: Side, what: str, row: Row) -> Finding:
    return warns(
        "collation-version", f"{old.host}, {what}", f"was built with version {row['recorded']} of the collation and "
        f"runs with {row['now'] or 'none'}: its indexes may be out of order",
        "REINDEX what uses it, then REFRESH its VERSION",
    )  # fmt: skip


def _schema(wanted: Wanted, old: Side, new: Side) -> Iterator[Finding]:
    """The new side has tables: rows must arrive in what is there."""
    there, needed = new.tables, "let the copy create the schema, or run what makes it so on the new side before"
    for name, row in old.tables.items():
        where = f"{new.host}, {wanted.database}, table {name}"
        if name not in there:
            yield blocks("schema", where, f"is missing; {old.host} has it", needed)
            continue
        if there[name]["kind"] != row["kind"]:
            yield blocks("schema", where, "is partitioned on one side only", needed)
        yield from _columns(where, row["columns"] or {}, there[name]["columns"] or {}, needed)
        if there[name]["rows"] and name not in wanted.differ:
            yield blocks(
                "not-empty", where, "has rows already: what arrives would collide with them",
                "see what they are; an earlier copy is taken away by golive's own back-out",
            )  # fmt: skip


def _columns(where: str, before: Row, after: Row, needed: str) -> Iterator[Finding]:
    for column, of in before.items():
        if column not in after:
            yield blocks("schema", where, f"lacks the column {column} ({of})", needed)
        elif after[column] != of:
            yield blocks("schema", where, f"has {column} as {after[column]}, not as {of}", needed)
    for column, of in after.items():
        if column not in before and " not null" in of and " generated" not in of and " identity" not in of:
            yield warns(
                "schema", where, f"wants a value for {column} ({of}), which the old side does not have",
                "give it a default on the new side, or add it by a task of then:",
            )  # fmt: skip


def _sequences(wanted: Wanted, old: Side, new: Side) -> Iterator[Finding]:
    there = {name_of(row): row for row in new.rows("sequences")}
    for row in old.rows("sequences"):
        where = f"{new.host}, {wanted.database}, sequence {name_of(row)}"
        if (twin := there.get(name_of(row))) is None:
            yield blocks("sequence", where, f"is missing; {old.host} has it", "create it on the new side")
        elif row["last"] is not None and not twin["min"] <= row["last"] <= twin["max"]:
            yield blocks(
                "sequence", where, f"cannot reach {row['last']}, at which {old.host} stands",
                "ALTER SEQUENCE ... AS bigint on the new side",
            )  # fmt: skip


def _grants(wanted: Wanted, old: Side, new: Side) -> Iterator[Finding]:
    def of(side: Side) -> set[tuple[str, str, str]]:
        return {(name_of(row), str(row["grantee"]), str(row["privilege"])) for row in side.rows("grants")}

    missing: dict[tuple[str, str], list[str]] = {}
    for name, grantee, privilege in sorted(of(old) - of(new)):
        if name in new.tables and privilege != "MAINTAIN" and grantee not in map(str, old.rows("owners")):
            missing.setdefault((name, grantee), []).append(privilege)
    for (name, grantee), privileges in missing.items():
        yield blocks(
            "grant-missing", f"{new.host}, {wanted.database}, table {name}",
            f"{grantee} may not {', '.join(privileges)} as on {old.host}",
            f"GRANT {', '.join(privileges)} ON {name} TO {grantee} on the new side",
        )  # fmt: skip
