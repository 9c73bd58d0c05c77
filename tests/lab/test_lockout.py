"""Changes that would lock golive out are taken back by the host itself; good ones are confirmed, and stay."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping

import pytest
from ground import Ground, Host
from planfolder import Done, PlanFolder, Plans

PLAN = """\
golive: 1
solution: {name: locks, version: "1"}
access:
  team: {user: deploy}
  confirm: CONFIRM
roles:
  app:
    baseline:
      - {file: /srv/before, content: "x\\n"}
CHANGE
      - {file: /srv/behind, content: "x\\n"}
sites:
  lyon: {hosts: {app-1: {address: ADDRESS, role: app}}}
"""
STEP = "lyon/baseline/converge@app-1"
LOCKING = {
    "firewall": """\
      - firewall: shut
        rules: |
          chain input {
            type filter hook input priority 0; policy accept;
            tcp dport 22 drop
          }
""",
    "sshd": """\
      - file: /etc/ssh/sshd_config.d/10-locks.conf
        content: |
          AllowUsers nobody
      - {service: ssh, restart_on: [/etc/ssh/sshd_config.d/10-locks.conf]}
""",
    "port": """\
      - {file: /etc/ssh/sshd_config.d/10-locks.conf, content: "Port 2222\\n"}
""",
    # sshd accepts it, and dies of it: the host has no such address.
    "address": """\
      - {file: /etc/ssh/sshd_config.d/10-locks.conf, content: "ListenAddress 192.0.2.99\\n"}
""",
    "sudo": """\
      - {sudo-rule: deploy, content: "deploy ALL=(ALL) NOPASSWD: /bin/true"}
""",
}
GOOD = """\
      - firewall: open
        rules: |
          chain input {
            type filter hook input priority 0; policy accept;
            tcp dport 23 drop
          }
      - {file: /etc/ssh/sshd_config.d/10-locks.conf, content: "MaxAuthTries 5\\n"}
      - {service: ssh, restart_on: [/etc/ssh/sshd_config.d/10-locks.conf]}
      - {sudo-rule: further, content: "deploy ALL=(ALL) NOPASSWD: ALL"}
"""
GONE = "[ -z \"$(find /etc/systemd/system -name 'golive-switch-*')\" ]"
"""The unit takes itself away last."""
CLEAN = """\
for table in open shut; do
  [ ! -e "/etc/golive-nft/$table.nft" ] || systemctl disable -q --now "golive-nft-$table"
  nft delete table inet "$table" 2>/dev/null
done
rm -rf /etc/golive-nft /etc/systemd/system/golive-nft-*
rm -f /etc/ssh/sshd_config.d/10-locks.conf /etc/sudoers.d/further
echo 'deploy ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/deploy
systemctl daemon-reload
systemctl reset-failed ssh
systemctl restart ssh
"""
"""Takes away by hand what the plans of these tests have made."""
ROOTS = ("/etc/ssh", "/etc/sudoers.d", "/etc/systemd/system", "/etc/golive-nft")


@pytest.fixture(scope="module")
def kept(ground: Ground) -> Iterator[Host]:
    """One host for all: whatever a test does to it must be gone when the test ends."""
    with ground.lent("locks") as (host,):
        host.sh(
            "apt-get -qq -y install nftables sudo\n"
            "useradd -m -s /bin/sh deploy && cp -r /root/.ssh /home/deploy && chown -R deploy: /home/deploy/.ssh\n"
            "echo 'deploy ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/deploy && chmod 440 /etc/sudoers.d/deploy"
        )
        assert can_log_in(host)
        yield host


@pytest.fixture
def host(kept: Host) -> Iterator[Host]:
    before = seen(kept)
    yield kept
    # sshd that is started anew has forgotten refused logins.
    kept.sh("rm -rf /srv/before /srv/behind /var/lib/golive; systemctl reset-failed ssh; systemctl restart ssh")
    assert seen(kept) == before
    assert can_log_in(kept)


def seen(host: Host) -> tuple[Mapping[str, str], str]:
    return host.tree(*ROOTS), host.sh("nft -s list ruleset; sshd -T | grep -iE 'allowusers|^port'", check=False)


def can_log_in(host: Host) -> bool:
    """Whether a new connection, login and sudo work."""
    ssh = host.lab.ssh_argv(host.name)
    words = [*ssh[:-1], "-o", "ConnectTimeout=3", "-o", "ControlPath=none", "-l", "deploy", ssh[-1], "sudo -n sh -c id"]
    return subprocess.run(words, capture_output=True, timeout=30, check=False).returncode == 0


def locks(plan: Plans, host: Host, change: str, confirm: str) -> PlanFolder:
    text = PLAN.replace("CHANGE\n", change).replace("ADDRESS", host.address)
    return plan(text.replace("CONFIRM", confirm))


def reverted(done: Done, folder: PlanFolder) -> None:
    assert done.exit == 1, done.out
    assert "reverted by the host itself" in done.out and "golive can log in again" in done.out, done.out
    assert f"failed: {STEP} on lyon/app-1" in done.out and "golive amend" in done.out, done.out
    assert folder.outcomes(STEP)[-1] == "failed"


@pytest.mark.parametrize("what", LOCKING)
def test_it_is_taken_back(what: str, host: Host, plan: Plans) -> None:
    before = seen(host)
    folder = locks(plan, host, LOCKING[what], "6 s")
    done = folder.golive("run")
    reverted(done, folder)
    host.until(GONE)
    assert folder.outcomes(STEP) == ["failed"]
    assert seen(host) == before
    assert host.has("/srv/before") and not host.has("/srv/behind")  # nothing is built on what was taken back
    assert can_log_in(host)


def test_a_reload_that_never_ends_is_taken_back(host: Host, plan: Plans) -> None:
    """sshd that dies before its reload is over: systemd waits a minute and a half for word from what is gone."""
    host.sh(
        "mkdir -p /etc/systemd/system/ssh.service.d\n"
        "printf '[Service]\\nExecReload=/bin/sleep 1\\n' > /etc/systemd/system/ssh.service.d/slow.conf\n"
        "systemctl daemon-reload"
    )
    try:
        before = seen(host)
        folder = locks(plan, host, LOCKING["address"], "10 s")
        running = folder.start("run")
        host.until("[ \"$(systemctl show -P SubState -P MainPID ssh | tr '\\n' ' ')\" = '0 reload-notify ' ]")
        reverted(running.wait(), folder)
        host.until(GONE)
        assert seen(host) == before
    finally:
        host.sh("rm -r /etc/systemd/system/ssh.service.d; systemctl daemon-reload")


@pytest.mark.parametrize("what", ["firewall", "sshd", "sudo"])
def test_it_is_taken_back_when_the_host_is_started_again(what: str, host: Host, plan: Plans) -> None:
    before = seen(host)
    folder = locks(plan, host, LOCKING[what], "25 s")
    running = folder.start("run")
    host.until("ls /var/lib/golive/attempts/*/locks-*/switch/*/waiting")
    assert not can_log_in(host)
    began = time.monotonic()
    host.lab.reboot(host.name)
    host.until("ls /var/lib/golive/attempts/*/locks-*/switch/*/reverted")
    assert time.monotonic() - began < 25  # it did not wait for the time to be over
    reverted(running.wait(), folder)
    host.until(GONE)
    assert seen(host) == before


@pytest.mark.parametrize("what", LOCKING if os.environ.get("GOLIVE_PROVE") else ["firewall", "sudo"])
def test_without_the_switch_it_would_stay_locked_out(what: str, host: Host, plan: Plans) -> None:
    """The check of the tests above can fail."""
    folder = locks(plan, host, LOCKING[what], "0 s")
    running = folder.start("run")
    try:
        host.until("[ -e /srv/behind ]")
        host.sh(
            "systemctl --no-block reload ssh", check=False
        )  # what nobody has read locks nobody out; one of them ends it
        time.sleep(7)  # longer than the others wait
        assert not can_log_in(host)
    finally:
        running.kill()
        host.sh(CLEAN)


HANGS = """\
      - {sudo-rule: deploy, content: "deploy ALL=(ALL) NOPASSWD: /bin/true"}
      - {file: /etc/ssh/sshd_config.d/10-locks.conf, content: "MaxAuthTries 5\\n", validate: "> /srv/before; sleep 300"}
"""


def test_a_change_that_does_not_end_is_ended_and_taken_back(host: Host, plan: Plans) -> None:
    before = seen(host)
    folder = locks(plan, host, HANGS, "4 s")
    done = folder.golive("run")
    reverted(done, folder)
    host.until(GONE)
    assert seen(host) == before
    assert host.sh("grep -lx sleep /proc/[0-9]*/comm | wc -l", check=False) == "0\n"


def test_a_host_that_is_started_again_in_the_middle_of_the_changes(host: Host, plan: Plans) -> None:
    before = seen(host)
    folder = locks(plan, host, HANGS.replace("sleep 300", "[ -e /srv/second ] || sleep 300"), "15 s")
    running = folder.start("run")
    host.until("[ -e /srv/before ] && [ ! -s /srv/before ]")  # the sudo rule is in place by now
    assert not can_log_in(host)
    host.sh("touch /srv/second")
    host.lab.reboot(host.name)
    reverted(running.wait(), folder)
    assert folder.outcomes(STEP) == ["interrupted", "failed"]
    assert "it took back by itself what golive had not confirmed yet" in running.said
    host.until(GONE)
    host.sh("rm -f /srv/second")
    assert seen(host) == before


def test_good_changes_are_confirmed_and_stay(host: Host, plan: Plans) -> None:
    before = seen(host)
    folder = locks(plan, host, GOOD, "8 s")
    done = folder.golive("run")
    assert done.exit == 0, done.out
    host.until(GONE)
    after = seen(host)
    assert after != before
    time.sleep(9)
    assert seen(host) == after
    host.lab.reboot(host.name)
    host.until("systemctl is-active -q multi-user.target")
    time.sleep(2)
    assert seen(host) == after
    again = folder.golive("run", "--new")
    assert again.exit == 0 and "changed 1" not in again.out, again.out
    host.sh(CLEAN)


def test_a_controller_that_dies_finds_it_taken_back(host: Host, plan: Plans) -> None:
    before = seen(host)
    folder = locks(plan, host, LOCKING["sudo"], "8 s")
    running = folder.start("run")
    host.until("ls /var/lib/golive/attempts/*/locks-*/switch/*/waiting")
    running.signal(signal.SIGKILL)
    host.until("ls /var/lib/golive/attempts/*/locks-*/switch/*/reverted")
    host.until(GONE)
    assert seen(host) == before
    done = folder.golive("run")
    assert done.exit == 1 and "reverted by the host itself" in done.out, done.out
    assert folder.outcomes(STEP)[0] == "failed"
    host.until(GONE)
    assert seen(host) == before
