"""What *prepare* finds, on real PostgreSQL 15 and 17 behind a real HAProxy: a database with each problem, and a twin."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ground import Ground, Host
from networks import free_network
from planfolder import Plans

from benchmarks.load import scene
from golive.cli.context import load_plan
from golive.graph.findings import doors, steps
from golive.graph.site import SiteScope
from golive.graph.step import Action
from golive.lab import Lab, LabSpec
from golive.method.findings import Finding
from golive.run.executors.findings import find
from golive.run.fleet import Fleet

PLAN = """\
golive: 1
solution: {{name: shop, version: "2"}}
roles:
  legacy: {{existing: true}}
  db: {{}}
sites:
  lyon:
    hosts:
      old: {{address: {old}, role: legacy}}
      new: {{address: {new}, role: db}}
cutover:
  writers: {writers}
  differ: {differ}
  move: [{{postgresql-dump: {database}, from: legacy, to: db, user: shop, password: pw}}]
  switch: [{{haproxy: shop, on: legacy, to: db, port: 8000}}]
secrets: {{pw: {{env: PW}}}}
access: {{team: {{key: key.pub, identity: {key}}}}}
"""

MENDS = """cd /; runuser -u postgres -- psql -XqAt -d postgres -c "ALTER SYSTEM SET max_slot_wal_keep_size = '1GB'" \
  -c 'SELECT pg_reload_conf()'"""

BREAKS = """cd /
set -e
as_postgres() { runuser -u postgres -- psql -XqAt -v ON_ERROR_STOP=1 -d postgres "$@"; }
as_postgres -c 'ALTER SYSTEM SET wal_level = replica' -c 'ALTER SYSTEM SET max_prepared_transactions = 2' \
  -c 'ALTER SYSTEM SET max_replication_slots = 2' -c 'ALTER SYSTEM SET max_wal_senders = 3' \
  -c 'ALTER SYSTEM RESET max_slot_wal_keep_size'
systemctl restart postgresql
cd /usr/share/postgresql/15/extension
echo "default_version = '1.0'" > nowhere.control
: > nowhere--1.0.sql
"""

GUESTS = """cd /
hold() { nohup runuser -u postgres -- psql -Xq -d "$1" -c "$2" -c "$3" >/dev/null 2>&1 </dev/null & }
hold worst 'CREATE TEMP TABLE t (a int)' 'SELECT pg_sleep(300)'
nohup curl -s -m 300 -d '{"id": "long", "account": 1, "seconds": 300}' http://127.0.0.1/slow >/dev/null 2>&1 </dev/null &
until runuser -u postgres -- psql -XqAtc "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'" | grep -q 2
do sleep 0.1; done
sed -i '/idle-close-on-response/d' /etc/haproxy/haproxy.cfg
sed -i 's/ level admin//' /etc/haproxy/haproxy.cfg
sed -i 's/^frontend shop/frontend other/' /etc/haproxy/haproxy.cfg
sed -i 's/^backend shop/backend other/; s/default_backend shop/default_backend other/' /etc/haproxy/haproxy.cfg
systemctl reload haproxy
until [ "$(pgrep -c -x haproxy)" -gt 2 ]; do sleep 0.1; done
"""

SMALL = """set -e
systemctl stop postgresql@17-main
cd /var/lib/postgresql/17
mv main full
mkdir -m 700 main
mount -t tmpfs -o size=150m,mode=0700,uid=$(id -u postgres),gid=$(id -g postgres) tmpfs main
cp -a full/. main/
head -c $(( ($(df -Pk main | awk 'NR == 2 { print $4 }') - 6000) * 1024 )) /dev/zero > main/full
systemctl start postgresql@17-main
"""


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Host, Host, Lab]]:
    lab, network = Lab(tmp_path_factory.mktemp("findings") / "lab"), free_network()
    places = {"old": ("bookworm", f"{network}.0.10"), "new": ("trixie", f"{network}.0.11")}
    spec = {name: {"suite": suite, "address": address} for name, (suite, address) in places.items()}
    try:
        lab.up(
            LabSpec.model_validate(
                {"lab": 1, "network": f"{network}.0.0/16", "hosts": spec, "packages": scene.PACKAGES}
            )
        )
        old, new = (Host(name, address, lab) for name, (_, address) in places.items())
        with ThreadPoolExecutor() as pool:
            made = [
                pool.submit(lab.exec, name, ["sh", "-c", text], timeout=180)
                for name, text in (
                    ("old", scene.database("old") + scene.front_door("127.0.0.1")),
                    ("new", scene.database("new")),
                )
            ]
            for one in made:
                one.result()
        yield old, new, lab
    finally:
        lab.down()


def found(folder: Path) -> list[Finding]:
    """The findings, for a move that follows: the very steps and the very way to the hosts."""
    loaded = load_plan(folder)
    [step] = steps(SiteScope(loaded, "lyon"), ())
    wanted: Any = {**step.do.inputs["wanted"], "follows": True, "way_back": True}
    action = Action("findings", {**step.do.inputs, "wanted": wanted, "doors": list(doors(SiteScope(loaded, "lyon")))})

    async def ask() -> list[Finding]:
        fleet = Fleet(loaded.plan.access, folder, folder / ".golive/known_hosts")
        try:
            return list(await find(fleet, replace(step, do=action), action))
        finally:
            await fleet.close()

    return asyncio.run(ask())


def test_a_twin_without_problems_and_a_database_with_each(hosts: tuple[Host, Host, Lab], ground: Ground, plan: Plans):
    old, new, lab = hosts
    old.sh(MENDS)
    places = {"old": old.address, "new": new.address, "key": lab.key}

    def folder(name: str, **more: str) -> Any:
        made = plan(PLAN.format(**places, **more), name, PW="unused")
        made.write("key.pub", lab.key.with_suffix(".pub").read_text())
        made.write(".golive/known_hosts", lab.known_hosts.read_text())
        return made

    twin = folder("twin", database="shop", writers="[{role: shop, from: [legacy], fate: moved}]", differ="{}")
    old.sh("curl -fsS http://127.0.0.1/")  # the service is connected
    assert found(twin.folder) == []
    told = twin.golive("cutover", "--check")
    assert (told.exit, told.out.splitlines()[0]) == (
        0,
        "lyon/deploy/findings-postgresql-dump: 0 findings block the cutover, 0 warn",
    )

    old.sh(BREAKS)
    old.lab.exec("old", ["runuser", "-u", "postgres", "--", "psql", "-XqAt", "-v", "ON_ERROR_STOP=1"], input=WORST)
    old.sh(GUESTS)
    new.sh(SMALL)
    differ = "{shop.session: made anew at each login, shop.gone: was once}"
    worst = folder(
        "worst",
        database="worst",
        writers="[{role: ghost, fate: refused}, {role: root_app, fate: moved}]",
        differ=differ,
    )
    findings = found(worst.folder)
    assert {one.id for one in findings if one.severity == "blocks"} == BLOCKS, findings
    assert {one.id for one in findings if one.severity == "warns"} == WARNS, findings
    assert not [one for one in findings if "session" in one.where and one.id == "unlogged"]
    told = worst.golive("cutover", "--check", "--format", "json")
    assert told.exit == 3
    assert '"id": "writer-unknown"' in told.out


WORST = (Path(__file__).parent / "worst.sql").read_text()
BLOCKS = {
    "collation-missing", "disk", "door-section", "door-socket", "encoding", "extension-missing", "fenced",
    "fires", "large-objects", "prepared", "replica-identity", "role-differs", "role-missing", "slots", "subscribes",
    "unlogged", "wal-level", "writer-super", "writer-unknown",
}  # fmt: skip
WARNS = {
    "collation-version", "differ-unknown", "door-idle", "door-old-workers", "event-triggers", "foreign", "generated", "identity-full", "idle-slot", "locale",
    "materialized", "partitioned", "sequence-near-end", "temporary", "wal-budget", "writer-able",
}  # fmt: skip
