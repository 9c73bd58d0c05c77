"""The example goes live for real, with a client that writes all the time; and without its fence, to prove the proof."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from demo import Clients, Demo, facts
from networks import free_network
from onesite import edit, keep_one_site

from golive.lab import Lab

COPY_BY_HAND = """
cd /
export PGPASSWORD="{{ secret('db_password') }}"
runuser -u postgres -- psql -Xqc 'DROP DATABASE IF EXISTS kinto WITH (FORCE)'
runuser -u postgres -- createdb -O kinto -E UTF8 -T template0 kinto
pg_dump -h {{ hosts('legacy')[0].address }} -U kinto --no-owner --no-privileges kinto > /var/tmp/kinto.sql
{ echo 'SET ROLE kinto;'; cat /var/tmp/kinto.sql; } | runuser -u postgres -- psql -Xq -1 -v ON_ERROR_STOP=1 -d kinto
"""


def test_both_sites_go_live_and_no_acknowledged_write_is_lost(tmp_path: Path, lab: Lab) -> None:
    demo = Demo(tmp_path / "kinto", lab, network=free_network(), rate=30)
    clients = begin(demo)
    try:
        assert demo.go_live(clients) == 0
    finally:
        clients.stop()
    seen = facts([demo.compare(site) for site in demo.sites])
    assert seen["writes lost"] == 0
    assert seen["writes acknowledged"] >= 1000, "too few to tell"
    status = demo.json("status")
    assert {step["status"] for step in status["steps"]} == {"done"}
    assert status["ended"] == 0
    assert "Installation Plan" in (demo.folder / "guide.html").read_text()
    assert demo.golive("journal", "verify", check=False) == 0
    the_team_is_out_and_the_operators_are_in(demo)


def test_without_a_fence_the_same_comparison_reports_losses(tmp_path: Path, lab: Lab) -> None:
    demo = Demo(tmp_path / "kinto", lab, ("lyon",), free_network(), rate=30)
    clients = begin(demo, only="lyon", change=move_by_hand)
    try:
        assert demo.go_live(clients) == 0, "nothing is there that would notice"
    finally:
        clients.stop()
    seen = demo.compare("lyon")
    assert seen["acknowledged"] > 0
    assert seen["lost"] > 0


def begin(demo: Demo, only: str | None = None, change: Callable[[Path], object] = str) -> Clients:
    """The old system as it is on the day of the rollout, with its users."""
    demo.prepare()
    if only:
        keep_one_site(demo.folder, only)
    change(demo.folder)
    demo.hosts()
    demo.golive("run", plan=demo.folder / "existing")
    clients = Clients(demo)
    clients.begin()
    return clients


def the_team_is_out_and_the_operators_are_in(demo: Demo) -> None:
    host = next(host for host in demo.lab.hosts() if host.name == "lyon-app-1")
    known = ["-o", f"UserKnownHostsFile={demo.lab.known_hosts}", "-o", "BatchMode=yes", "-F", "/dev/null"]
    for user, key, expected in (("root", "team", 255), ("ops", "operators", 0)):
        identity = ["-o", "IdentitiesOnly=yes", "-i", str(demo.folder / "keys" / key)]
        command = ["ssh", *known, *identity, f"{user}@{host.address}", "true"]
        assert subprocess.run(command, check=False, timeout=30).returncode == expected


def move_by_hand(folder: Path) -> None:
    """The data is copied by a plain task, as people do by hand: without a fence, without a comparison."""

    def without_the_protocol(plan: Any) -> None:
        for key in ("secret", "differ", "move", "totals", "no_return"):
            del plan["cutover"][key]
        plan["cutover"]["then"].insert(0, {"name": "copy", "on": "db", "command": COPY_BY_HAND})

    edit(folder / "golive.yaml", without_the_protocol)
    with (folder / "existing/templates/pg_hba.conf.j2").open("a") as file:
        file.write("host kinto kinto samenet scram-sha-256\n")
