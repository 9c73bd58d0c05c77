"""Who is let in and whom one talks to: a login with sudo, hosts that are not known yet, a host key that changed."""

import shutil
from pathlib import Path

from ground import Ground, Host
from planfolder import PlanFolder, Plans

PLAN = """\
golive: 1
solution: {name: trust, version: "1"}
access: {team: {user: deploy}}
roles:
  app:
    baseline:
      - {file: /etc/trusted.conf, content: "by root\\n", mode: "0600"}
sites:
  lyon: {hosts: {app-1: {address: ADDRESS, role: app}}}
"""


def with_sudo(host: Host) -> None:
    """A login for the team that is not root."""
    host.sh(
        "apt-get -qq -y install sudo; useradd -m -s /bin/bash deploy;"
        "echo 'deploy ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/deploy;"
        "cp -r /root/.ssh /home/deploy/; chown -R deploy: /home/deploy/.ssh; rm -r /root/.ssh"
    )


def knows_nobody(ground: Ground, folder: Path) -> Path:
    """A home with the key and no known hosts."""
    folder.joinpath(".ssh").mkdir(parents=True, mode=0o700)
    shutil.copy(ground.lab.key, folder / ".ssh/id_ed25519")
    return folder


def test_a_host_is_trusted_by_an_explicit_step_and_never_again_by_itself(
    ground: Ground, plan: Plans, tmp_path: Path
) -> None:
    [host] = ground.fresh("trust")
    with_sudo(host)
    folder = plan(PLAN.replace("ADDRESS", host.address)).folder
    team = PlanFolder(folder, knows_nobody(ground, tmp_path / "home"))

    unknown = team.golive("run")
    assert unknown.exit == 7, unknown.out
    assert f"the key of {host.address}, or of a host on the way, is not known" in unknown.out
    assert "golive trust" in unknown.out

    print_of = host.sh("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub").split()[1]
    trusted = team.golive("trust", "--yes")
    assert trusted.exit == 0 and print_of in trusted.out and "lyon/app-1: trusted" in trusted.out, trusted.out
    assert "known already" in team.golive("trust", "--yes").out

    done = team.golive("run")
    assert done.exit == 0, done.out
    assert host.sh("stat -c '%U %a' /etc/trusted.conf") == "root 600\n"

    host.sh("rm /etc/ssh/ssh_host_*; ssh-keygen -A; systemctl restart ssh")
    changed = team.golive("run", "--new")
    assert changed.exit == 7, changed.out
    assert f"{host.address} shows another key than the one that is trusted" in changed.out
    assert "lyon/baseline/survey@app-1 on lyon/app-1" in changed.out and "compare them on its console" in changed.out
