"""Units, timers, apt, certificates, firewalls, PostgreSQL and a reboot, on a host: made, found as made, taken back."""

from collections.abc import Mapping
from typing import Any

from ground import Ground, Host
from planfolder import PlanFolder, Plans

from golive.kinds.registry import kinds
from golive.lab.outer import mirrors
from golive.resources.interface import Resource
from golive.resources.report import parse
from golive.resources.script import converge, examine, prologue, revert

SECRET = 'it\'s "50%" $HOME \\ é'
PLAN = """\
golive: 1
solution: {name: ground, version: "1"}
roles:
  db:
    baseline:
      - package: openssl
        hold: true
      - package: nftables
      - package: postgresql
      - command: |
          mkdir -p /srv/tiny/DEBIAN
          printf 'Package: tiny\\nVersion: 1.0\\nArchitecture: all\\nMaintainer: x <x@x>\\nDescription: x\\n' \\
            > /srv/tiny/DEBIAN/control
          dpkg-deb --build /srv/tiny /srv/tiny.deb
        creates: /srv/tiny.deb
      - package: tiny
        version: "1.0"
        deb: /srv/tiny.deb
      - apt-repository: contrib
        uris: [MIRROR]
        suites: [trixie]
        components: [contrib]
        key_file: /usr/share/keyrings/debian-archive-keyring.gpg
      - command: |
          mkdir -p /srv/pki
          cd /srv/pki
          openssl req -x509 -newkey rsa:2048 -nodes -days 99 -subj /CN=ca -keyout ca.key -out ca.pem
          openssl req -newkey rsa:2048 -nodes -subj /CN=site -keyout site.key -out site.csr
          openssl x509 -req -in site.csr -CA ca.pem -CAkey ca.key -days 60 -out site.pem
          openssl x509 -req -in site.csr -CA ca.pem -CAkey ca.key -days 50 -out next.pem
        creates: /srv/pki/next.pem
      - command: touch /run/reboot-required /srv/asked
        creates: /srv/asked
      - reboot: what was asked for
components:
  base:
    on: db
    install:
      - unit: idle.service
        content: |
          [Service]
          ExecStart=/bin/sleep infinity
          [Install]
          WantedBy=multi-user.target
      - drop-in: idle.service
        name: limits
        content: |
          [Service]
          LimitNOFILE=4096
      - service: idle
        restart_on: [idle.service]
      - timer: tick
        command: printf '%s\\n' "it's 50% of $USER" > /srv/tick
        schedule: Mon..Fri 02:30
      - certificate: /etc/ssl/site.pem
        from: /srv/pki/site.pem
        key: /srv/pki/site.key
        chain: /srv/pki/ca.pem
        expires_after: 30 d
      - firewall: site
        rules: |
          chain input {
            type filter hook input priority 10; policy accept;
            tcp dport 8888 counter drop comment "not here {"
          }
      - postgresql-cluster: golive
        version: "17"
        port: 5440
        data_checksums: true
      - postgresql-setting: max_connections
        cluster: 17/golive
        value: 50
        restart: true
      - postgresql-setting: log_statement
        cluster: 17/golive
        value: all
      - postgresql-role: readers
        cluster: 17/golive
        login: false
      - postgresql-role: notes
        cluster: 17/golive
        password: '{{ secret("notes") }}'
        in_roles: [readers]
      - postgresql-database: notes
        cluster: 17/golive
        owner: notes
      - postgresql-extension: plpgsql
        cluster: 17/golive
        database: notes
secrets:
  notes: {env: NOTES}
sites:
  lyon: {hosts: {db-1: {address: ADDRESS, role: db}}}
"""

OTHERS: tuple[Mapping[str, Any], ...] = (
    {"package": "tiny", "hold": True},
    {"unit": "idle.service", "content": "[Service]\nExecStart=/bin/sleep 9999\n[Install]\nWantedBy=multi-user.target\n"},
    {"drop-in": "postgresql@.service", "content": "[Service]\nLimitNOFILE=8192\n"},
    {"service": "idle", "restart_on": ["idle.service"]},
    {"timer": "tick", "command": "true", "schedule": "daily", "persistent": False},
    {"timer": "tock", "command": "true", "schedule": "hourly"},
    {"certificate": "/etc/ssl/site.pem", "from": "/srv/pki/next.pem", "key": "/srv/pki/site.key"},
    {"firewall": "site", "rules": "chain input { type filter hook input priority 10; }"},
    {"firewall": "more", "rules": "set s { type ipv4_addr; }"},
    {"postgresql-cluster": "golive", "version": "17", "port": 5441},
    {"postgresql-cluster": "third", "version": "17", "locale": "C.UTF-8"},
    {"postgresql-setting": "max_connections", "cluster": "17/golive", "value": 60},
    {"postgresql-setting": "session_preload_libraries", "cluster": "17/golive", "value": ["auto_explain", "plpgsql"]},
    {"postgresql-role": "Owner-1", "cluster": "17/golive", "createdb": True, "connection_limit": 3},
    {"postgresql-role": "notes", "cluster": "17/golive", "password": "other", "superuser": True, "in_roles": ["Owner-1"]},
    {"postgresql-database": "notes", "cluster": "17/golive", "owner": "Owner-1"},
    {"postgresql-database": "Second", "cluster": "17/golive", "owner": "Owner-1", "locale": "C"},
    {"postgresql-extension": "pg_trgm", "cluster": "17/golive", "database": "Second"},
)  # fmt: skip

SEEN = """nft -s list ruleset
systemctl is-enabled idle tick.timer tock.timer golive-nft-site.service; systemctl is-active idle tick.timer tock.timer
systemctl show -P ExecStart idle | cut -d';' -f2; systemctl show -P TimersCalendar tick.timer | cut -d';' -f1
pg_lsclusters -h; sort /var/lib/postgresql/17/golive/postgresql.auto.conf
cd /; export PGCLUSTER=17/golive
for sql in 'SELECT * FROM pg_authid ORDER BY oid' 'SELECT * FROM pg_auth_members ORDER BY oid' \\
  'SELECT oid, datname, datdba FROM pg_database' 'SHOW max_connections'; do runuser -u postgres -- psql -XAt -c "$sql"; done
"""
FOLDERS = ("/etc/systemd", "/etc/apt/sources.list.d", "/etc/apt/keyrings", "/etc/ssl", "/etc/golive-nft",
           "/etc/postgresql", "/var/lib/golive/nft")  # fmt: skip


def resource(model: Mapping[str, Any]) -> Resource:
    """The resource that these keys describe; the first is its kind."""
    made = kinds().of("resource")[next(iter(model))].model_validate(model)
    assert isinstance(made, Resource)
    return made


def states(host: Host, body: str) -> dict[str, list[str]]:
    """What a body says of its resources, by state."""
    script = f"{prologue(False)}{body}"
    assert len(script) < 120_000, "too long for one argument"
    found: dict[str, list[str]] = {}
    for line in host.sh(script, check=False).split("\n"):
        if line.startswith("\x1e"):
            state, title, *_ = line[1:].split("\t")
            found.setdefault(state, []).append(title)
        else:
            print(line)
    return found


def changed(plan: PlanFolder) -> list[str]:
    """The resources that the latest run changed."""
    evidence = [event["evidence"] for event in plan.events("AttemptEnded")]
    return [title for item in evidence for title in item.get("changed", [])]


def test_they_are_made_and_found_as_made_and_taken_back(ground: Ground, plan: Plans) -> None:
    [host] = ground.fresh("base")
    notes = plan(PLAN.replace("ADDRESS", host.address).replace("MIRROR", mirrors().main), NOTES=SECRET)
    booted = host.sh("cat /proc/sys/kernel/random/boot_id; uptime -s")

    bare = parse(host.sh(prologue(False) + examine([resource(item) for item in OTHERS]), check=False))
    assert len(bare) == len(OTHERS) and {"would", "may"} == {item.state for item in bare}
    assert [line for item in bare for line in item.diff if line[:1] not in " -+@\\"] == []

    first = notes.golive("run")
    assert first.exit == 0, first.out
    logged = host.sh("cat /var/log/postgresql/*golive*")
    assert "GRANT" in logged or 'ALTER ROLE "readers"' in logged
    assert '"50%"' not in first.out + logged
    assert host.sh("cat /proc/sys/kernel/random/boot_id; uptime -s") != booted
    assert notes.outcomes("lyon/baseline/converge@db-1") == ["interrupted", "done"]
    assert {"timer tick", "firewall site", "postgresql-role notes"} <= set(changed(notes))
    assert host.sh("systemctl start tick; cat /srv/tick") == "it's 50% of root\n"
    assert host.sh("apt-mark showhold") == "openssl\n"
    assert "contrib" in host.sh("apt-cache policy | grep contrib")
    assert host.sh("nft list table inet site | grep -c 8888") == "1\n"
    login = f"PGPASSWORD={_word(SECRET)} psql -XAtw -h 127.0.0.1 -p 5440 -U notes -c 'SHOW max_connections' notes"
    assert host.sh(login) == "50\n"

    host.lab.reboot(host.name)
    host.until("systemctl is-active -q multi-user.target")
    anew = notes.golive("run", "--new")
    assert anew.exit == 0, anew.out
    assert changed(notes) == []

    _there_and_back(host)


def _word(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _there_and_back(host: Host) -> None:
    groups = [[resource(item) for item in OTHERS[:9]], [resource(item) for item in OTHERS[9:]]]
    seen, tree = host.sh(SEEN, check=False), host.tree(*FOLDERS)
    titles = [[item.title for item in group] for group in groups]
    for group, names in zip(groups, titles, strict=True):
        assert states(host, examine(group)).get("ok", []) == []
        assert states(host, converge(group, "k"))["changed"] == names
        assert states(host, converge(group, "k")) == {"ok": names}
    host.sh("pg_ctlcluster 17 third stop; : > /var/lib/golive/postgresql-17-third.making")  # as a crash leaves it
    assert states(host, converge(groups[1], "k"))["changed"] == ["postgresql-cluster 17/third"]
    assert not host.has("/var/lib/golive/postgresql-17-third.making")
    assert host.sh(SEEN, check=False) != seen and host.tree(*FOLDERS) != tree
    for group in reversed(groups):
        assert set(states(host, revert(group, "k"))) <= {"undone", "kept"}
        assert set(states(host, revert(group, "k"))) <= {"ok", "kept"}
    assert host.sh(SEEN, check=False) == seen
    assert host.tree(*FOLDERS) == tree
