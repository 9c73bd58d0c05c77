"""Which changes are armed, and the scripts that arm them."""

import subprocess
from pathlib import Path

import pytest

from golive.resources.lockout import locks_out
from golive.resources.script import converge, examine
from golive.resources.sh import secrets_in
from golive.resources.switch import Guard, confirm, inverse, standing, watch

from ..graph.test_scripts import SHELLCHECK, checked
from .shells import resource

GUARD = Guard(30, "deploy")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGY5ZDI1NTE5AAAAIGY5ZDI1NTE5AAAAIGY5 it's anna"
RISKY = [
    {"file": "/etc/ssh/sshd_config.d/10-site.conf", "content": "Port 22\nGOLIVE\nEND_x\n"},
    {"line": "/etc/ssh/sshd_config", "text": "MaxAuthTries 5"},
    {"service": "ssh", "restart_on": ["/etc/ssh/sshd_config"]},
    {"sudo-rule": "deploy", "content": "deploy ALL=(ALL) NOPASSWD: ALL"},
    {"authorized-key": KEY, "user": "deploy"},
    {"firewall": "site", "rules": "chain x {}"},
    {"file": "/etc/nftables.conf", "content": "#\n"},
    {"file": "/etc/network/interfaces", "content": "auto it's\n"},
    {"drop-in": "ssh.service", "content": "[Service]\nLimitNOFILE=1024\n"},
    {"sysctl": "net.ipv4.ip_forward", "value": 1},
    {"user": "deploy", "shell": "/bin/sh"},
    {"symlink": '/etc/ssh/it\'s "quoted".conf', "to": "/etc/x"},
    {"directory": "/home/deploy/.ssh"},
]


@pytest.mark.parametrize(
    ("kind", "main"),
    [
        ("firewall", "site"), ("sudo-rule", "x"), ("authorized-key", "ssh-ed25519 A"),
        ("file", "/etc/ssh/sshd_config"), ("file", "/etc//ssh/x"), ("file", "/srv/../etc/ssh/x"), ("block", "/etc/sudoers"),
        ("file", "/etc/sudoers.d/x"), ("file", "/etc/nftables.conf"), ("file", "/etc/network/interfaces"),
        ("file", "/etc/netplan/1.yaml"), ("file", "/etc/systemd/network/a.network"), ("line", "/etc/hosts.deny"),
        ("file", "/etc/pam.d/sshd"), ("line", "/etc/security/access.conf"), ("line", "/etc/nsswitch.conf"),
        ("file", "/home/deploy/.ssh/authorized_keys"), ("directory", "/home/deploy"), ("directory", "/root"),
        ("file", "/etc/systemd/system/ssh.service.d/x.conf"), ("file", "/etc/systemd/system/sshd@.service"),
        ("service", "ssh"), ("service", "sshd.service"), ("service", "nftables"), ("service", "networking"),
        ("unit", "ssh.socket"), ("drop-in", "systemd-networkd.service"), ("drop-in", "ssh@.service"),
        ("user", "deploy"), ("group", "sudo"), ("sysctl", "net.ipv4.conf.all.rp_filter"), ("sysctl", "net/core/x"),
    ],
)  # fmt: skip
def test_what_can_lock_golive_out(kind: str, main: str) -> None:
    assert locks_out(kind, main, "deploy")


@pytest.mark.parametrize(
    ("kind", "main"),
    [
        ("file", "/etc/nginx/nginx.conf"), ("file", "/srv/ssh"), ("file", "/opt/etc/ssh/x"), ("service", "nginx"),
        ("service", "ssh-agent-x"), ("user", "kinto"), ("group", "kinto"), ("sysctl", "vm.swappiness"),
        ("file", "/etc/systemd/system/kinto.service"), ("directory", "/home/kinto"), ("package", "openssh-server"),
        ("command", "ssh"), ("timer", "backup"), ("unit", "sshfs.service"),
    ],
)  # fmt: skip
def test_what_cannot(kind: str, main: str) -> None:
    assert not locks_out(kind, main, "deploy")


def test_a_home_counts_for_the_login_only() -> None:
    assert not locks_out("directory", "/home/deploy") and not locks_out("user", "deploy")


@pytest.mark.parametrize("item", RISKY, ids=lambda item: next(iter(item)))
def test_each_that_is_risky_has_a_way_back(item: dict[str, str]) -> None:
    assert GUARD.among([(1, resource(item))])
    assert not Guard(0).among([(1, resource(item))])


def test_scripts_without_risk_are_as_ever() -> None:
    tame = [resource({"file": "/srv/x", "content": "x"}), resource({"service": "nginx"})]
    assert converge(tame, "k", GUARD) == converge(tame, "k")


def test_neighbours_are_proven_together_and_before_anything_else() -> None:
    tame = {"file": "/srv/x", "content": "x"}
    lines = converge([resource(item) for item in (RISKY[0], RISKY[2], tame, RISKY[3])], "", GUARD).splitlines()
    calls = [
        " ".join(line.split()[:2]) for line in lines if line.startswith(("guarded ", "resource ")) or line == "prove"
    ]
    assert calls == ["guarded 1", "guarded 2", "prove", "resource 3", "guarded 4", "prove"]


def test_a_look_arms_nothing() -> None:
    assert "switch" not in examine([resource(item) for item in RISKY])


SCRIPTS = {
    "converge": converge([resource(item) for item in RISKY], "k", GUARD),
    "without a scope": converge([resource(item) for item in RISKY], "", GUARD),
    "inverse": inverse([(number, resource(item)) for number, item in enumerate(RISKY, 1)]),
    "watch": watch(),
    "confirm": confirm("/var/lib/golive/attempts/p/r-00001", 3),
    "standing": standing("/var/lib/golive/attempts/p/r-00001"),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_they_are_posix_sh(name: str) -> None:
    for shell in (["dash"], ["busybox", "sh"]):
        subprocess.run([*shell, "-n"], input=SCRIPTS[name], text=True, check=True)


@pytest.mark.skipif(SHELLCHECK is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("name", SCRIPTS)
def test_shellcheck_has_nothing_to_say(name: str) -> None:
    assert checked(SCRIPTS[name]) == ""


@pytest.mark.parametrize("shell", ["dash", "busybox sh"])
def test_what_is_written_on_the_host_is_the_inverse_itself(shell: str, tmp_path: Path) -> None:
    script = SCRIPTS["converge"]
    part = script[script.index("watch_text() {") : script.index("unit_text() {")]
    path = tmp_path / "part"
    path.write_text(f"{part}\nrevert_text", encoding="utf-8")
    printed = subprocess.run([*shell.split(), str(path)], capture_output=True, text=True, check=True).stdout
    assert printed == SCRIPTS["inverse"]


def test_the_inverse_holds_no_secret() -> None:
    secret = {"file": "/etc/ssh/secret.conf", "content": "\ue000password\ue001\n"}
    assert secrets_in(converge([resource(secret)], "", GUARD))
    assert not secrets_in(inverse([(1, resource(secret))]))


def test_what_is_armed_never_goes_together_with_its_neighbours() -> None:
    services = [resource({"service": name}) for name in ("cron", "ssh", "rsyslog", "nginx")]
    script = converge(services, guard=Guard(30))
    assert "guarded 2 'service ssh'" in script
    assert "wants 2" not in script
    assert "guarded" not in converge(services, guard=Guard(0)), "without the switch they go together"


def test_what_a_risky_service_hears_of_is_armed_with_it() -> None:
    heard = resource({"file": "/srv/ssh-opts", "content": "SSHD_OPTS=-p 2222"})
    service = resource({"service": "ssh", "restart_on": ["/srv/ssh-opts"]})
    assert GUARD.among([(1, heard), (2, service)]) == [(1, heard), (2, service)]
    assert GUARD.among([(1, heard)]) == []


@pytest.mark.parametrize("path", ["/", "/home", "/etc"])
def test_a_directory_above_those_of_logins_counts(path: str) -> None:
    assert locks_out("directory", path, "deploy")
    assert locks_out("mount", path, "deploy")
    assert not locks_out("directory", "/srv", "deploy")


def test_of_services_started_together_the_one_that_fails_is_told() -> None:
    lines = converge([resource({"service": name}) for name in ("a", "b")]).splitlines()
    assert 'case $pending in *" 2 "*) settled 2 \'service b\' "$code" together ;; esac' in lines
