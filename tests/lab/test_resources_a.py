"""Resources that need a host of their own: taken back to the former state, applied, found as they should be."""

from ground import Ground, Host
from planfolder import PlanFolder, Plans

PLAN = """\
golive: 1
solution: {name: notes, version: "2.1"}
roles: {app: {}}
components:
  notes:
    on: app
    install:
      - {group: readers, gid: 2100}
      - {group: writers, gid: 2201}
      - {group: notes, system: true}
      - {user: notes, home: /home/notes, groups: [readers]}
      - {user: deploy, home: /home/deploy}
      - {package: tzdata}
      - {hostname: "notes-{{ host.name }}"}
      - {timezone: Europe/Paris}
      - {hosts-entry: "{{ host.address }}", names: [db, "notes-{{ host.name }}"]}
      - {hosts-entry: "2001:db8::1", names: [db]}
      - {sysctl: net.ipv4.ip_local_port_range, value: "20000 60000"}
      - {sysctl: vm.swappiness, value: 7, runtime: false}
      - {mount: /srv/fast, device: tmpfs, type: tmpfs, options: "size=1m,mode=0750"}
      - {mount: /srv/slow, device: tmpfs, type: tmpfs, options: "size=2m,nodev"}
      - {authorized-key: "restrict ssh-ed25519 AAAAone new", user: deploy}
      - {authorized-key: "ssh-ed25519 AAAAtwo two", user: deploy}
      - {authorized-key: "ssh-ed25519 AAAAthree three", user: notes}
      - {sudo-rule: notes, content: "notes ALL=(root) NOPASSWD: /usr/bin/true"}
      - {line: /etc/ssh/sshd_config, text: MaxAuthTries 4, match: "^#?MaxAuthTries "}
      - {block: /etc/bash.bashrc, name: notes, content: "export NOTES='{{ host.name }}'"}
      - {archive: /opt/notes, from: /srv/notes.tar.zst, sha256: DIGEST, strip: 1, owner: notes, group: notes}
      - {symlink: /usr/local/bin/notes, to: /opt/notes/bin/notes}
cutover:
  verify:
    - {on: app, check: {command: test -e /run/go, within: 1 s}}
sites:
  lyon: {hosts: {app-1: {address: ADDRESS, role: app}}}
"""
FORMER = """\
apt-get -qq -y install sudo zstd tzdata
groupadd -g 2200 writers
useradd -m deploy
mkdir -m 700 /home/deploy/.ssh
printf 'ssh-ed25519 AAAAzero zero\\nssh-ed25519 AAAAone old' > /home/deploy/.ssh/authorized_keys
chown -R deploy: /home/deploy/.ssh
printf '192.0.2.77 db # before\\n' >> /etc/hosts
mkdir -p /srv/slow /tmp/n/top/bin && mount -t tmpfs -o size=1m tmpfs /srv/slow
printf '#!/bin/sh\\necho notes 2.1\\n' > /tmp/n/top/bin/notes && chmod 755 /tmp/n/top/bin/notes
tar --zstd -C /tmp/n -cf /srv/notes.tar.zst top
ln -s /nowhere /usr/local/bin/notes
"""
ROOTS = ("/etc", "/home/deploy", "/opt", "/srv", "/usr/local")
OWN = ("/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-", "/etc/subuid", "/etc/subgid")
"""Backups that the tools for users make, and ranges that they hand out and do not take back."""


def state(host: Host) -> tuple[dict[str, str], str]:
    """What stands on the host, and what its kernel says."""
    tree = {path: held for path, held in host.tree(*ROOTS).items() if not path.startswith(OWN)}
    said = "cat /proc/sys/kernel/hostname /proc/sys/net/ipv4/ip_local_port_range; findmnt -nl -o TARGET,OPTIONS | grep ^/srv; date +%Z"
    return tree, host.sh(f"{said}; getent passwd; getent group")


def changed(plan: PlanFolder) -> list[str]:
    """The resources that the latest run changed."""
    return [title for event in plan.events("AttemptEnded") for title in event["evidence"].get("changed", [])]


def test_they_are_taken_back_and_applied_and_stay(ground: Ground, plan: Plans) -> None:
    [host] = ground.fresh("resources")
    host.sh(FORMER)
    digest = host.sh("sha256sum < /srv/notes.tar.zst").split()[0]
    notes = plan(PLAN.replace("ADDRESS", host.address).replace("DIGEST", digest))
    before = state(host)

    back = notes.golive("run")
    assert back.exit == 4, back.out
    assert len(changed(notes)) == 21, changed(notes)
    assert state(host) == before

    host.sh(": > /run/go")
    done = notes.golive("run", "--new")
    assert done.exit == 0, done.out
    holds(host)
    again = notes.golive("run", "--new")
    assert again.exit == 0, again.out
    assert changed(notes) == []


def holds(host: Host) -> None:
    """What the plan wants, seen by other means than those of the resources."""
    name = host.sh("hostname").strip()
    assert name == "notes-app-1"
    assert host.sh("id -gn notes; getent group writers | cut -d: -f3") == "notes\n2201\n"
    assert host.sh("date -d 2025-07-01 +%Z").strip() == "CEST"
    assert host.sh("getent ahostsv4 db | sort -u").split()[0] == host.address
    assert host.sh(f"getent ahostsv4 {name}").split()[0] == host.address
    assert host.sh("grep -x '2001:db8::1 db' /etc/hosts")
    assert host.sh("cat /proc/sys/net/ipv4/ip_local_port_range").split() == ["20000", "60000"]
    assert "size=1024k" in host.sh("findmnt -n -o OPTIONS /srv/fast")
    assert "nodev" in host.sh("findmnt -n -o OPTIONS /srv/slow")
    keys = "ssh-ed25519 AAAAzero zero\nrestrict ssh-ed25519 AAAAone new\nssh-ed25519 AAAAtwo two\n"
    assert host.sh("cat /home/deploy/.ssh/authorized_keys") == keys
    assert host.sh("stat -c '%a %U' /home/notes/.ssh /home/notes/.ssh/authorized_keys") == "700 notes\n600 notes\n"
    assert host.sh("runuser -u notes -- sudo -n true; visudo -cq; echo $?").endswith("0\n")
    assert host.sh("sshd -T | grep -i maxauthtries") == "maxauthtries 4\n"
    assert host.sh("bash -ic 'echo $NOTES' 2>/dev/null") == "app-1\n"
    assert host.sh("stat -c %U /opt/notes/bin; notes") == "notes\nnotes 2.1\n"
