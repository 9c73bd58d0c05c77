"""Disturbs a long script while it runs, has ``golive run`` go on, and compares the end with an undisturbed one.

Commands that may run only once keep count on the host: what ``creates`` names is the counter itself, a line for each
time, before or after the command's work. Another log takes a line whenever a command begins: only one that a reboot
cut short in the middle may stand there twice.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ground import Ground, Host
from killing import goes_on
from planfolder import PlanFolder, Running, reached

STEP = "lyon/baseline/converge@one"

_HEAD = """\
golive: 1
solution: {name: long, version: "1.0"}
sites: {lyon: {hosts: {one: {address: ADDRESS, role: app}}}}
roles:
  app:
    baseline:
      - {package: zstd}
      - {group: longer}
      - {user: long}
      - {directory: /srv/long}
      - {directory: /etc/long, group: longer, mode: "0750"}
      - {file: /etc/long/long.conf, content: "at {{ site.name }}\\n", owner: long, mode: "0640"}
      - {line: /etc/long/long.conf.d, text: "one line", create: true}
      - {symlink: /etc/long/current, to: /srv/long}
      - {timer: long-timer, command: "true", schedule: daily}
      - file: /etc/systemd/system/long.service
        content: |
          [Service]
          ExecStart=/bin/sleep infinity
          User=long
          [Install]
          WantedBy=multi-user.target
"""
_AFTER = """\
      - name: count {n} after
        command: |
          echo {n} >> /srv/long/began
          sleep 0.2
          echo {n} >> /srv/long/once-{n}
        creates: /srv/long/once-{n}
"""
_BEFORE = """\
      - name: count {n} before
        command: |
          echo {n} >> /srv/long/began
          echo {n} >> /srv/long/once-{n}
          sleep 0.2
        creates: /srv/long/once-{n}
      - {{file: /etc/long/{n}, content: "{n}\\n", owner: long}}
"""
_TAIL = """\
      - {service: long, restart_on: [/etc/long/long.conf, /etc/systemd/system/long.service]}
"""
COUNTERS = range(1, 13)
PLAN = _HEAD + "".join((_AFTER if n % 2 else _BEFORE).format(n=n) for n in COUNTERS) + _TAIL

BEGAN = "/srv/long/began"
_PATHS = ("/etc/long", "/etc/systemd/system", "/srv", "/var/lib/golive/restart")
_REST = """
echo "service: $(systemctl is-active long) $(systemctl is-enabled long)"
echo "package: $(dpkg-query -W -f '${db:Status-Abbrev}' zstd)"
echo "user: $(getent passwd long | cut -d: -f5-); $(getent group longer | cut -d: -f1)"
echo "left behind: $(ls -d /var/lib/golive/staged.* /etc/*/*.golive-* /etc/*.golive-* 2>/dev/null)"
"""


class Disturbance(StrEnum):
    """What happens in the middle of the script."""

    CUT = "the connection is cut for a while"
    KILL = "the controller is killed"
    REBOOT = "the host is started again"
    SSHD = "sshd is started again and its sessions die"


def _cut(host: Host, _: Running) -> None:
    host.lab.cut(host.name, "all")
    time.sleep(random.choice((0.5, 3, 20)))  # the last one is longer than a silent line is believed in
    host.lab.restore(host.name)


def _sshd(host: Host, _: Running) -> None:
    sessions = "grep -lx 'sshd-session\\|sshd' /proc/[0-9]*/comm | cut -d/ -f3"
    host.sh(f"systemctl restart ssh; for pid in $({sessions}); do kill -9 $pid; done; systemctl start ssh", check=False)


_HAPPENS: dict[Disturbance, Callable[[Host, Running], None]] = {
    Disturbance.CUT: _cut,
    Disturbance.KILL: lambda _, running: running.kill(),
    Disturbance.REBOOT: lambda host, _: host.lab.reboot(host.name),
    Disturbance.SSHD: _sshd,
}


def long_plan(folder: Path, ground: Ground, host: Host) -> PlanFolder:
    """The plan for one host."""
    plan = PlanFolder(folder, ground.home)
    plan.write("golive.yaml", PLAN.replace("ADDRESS", host.address))
    return plan


def end_state(host: Host) -> dict[str, str]:
    """All that the plan made; of what the counters hold, everything but when a command was only begun."""
    found = {path: about for path, about in host.tree(*_PATHS).items() if path != BEGAN}
    return found | {"the rest": host.sh(_REST, check=False)}


def begun_again(host: Host) -> list[str]:
    """The commands that began more than once."""
    lines = host.sh(f"cat {BEGAN}", check=False).split()
    return sorted({line for line in lines if lines.count(line) > 1})


@dataclass(frozen=True)
class Fine:
    """A run that nobody disturbed: how long the script took, and what it made."""

    seconds: float
    made: dict[str, str]


def fine_run(folder: Path, ground: Ground) -> Fine:
    """Runs the plan on a fresh host from beginning to end."""
    with ground.lent("fine") as (host,):
        plan = long_plan(folder, ground, host)
        done = plan.golive("run")
        assert done.exit == 0, done.out
        assert host.sh(f"cat {BEGAN}").split() == [str(n) for n in COUNTERS]
        return Fine(plan.seconds()[STEP], end_state(host))


def problems(fine: Fine, host: Host, kind: Disturbance) -> list[str]:
    """How a host differs from one that nobody disturbed."""
    made = end_state(host)
    keys = sorted({key for key in (*fine.made, *made) if fine.made.get(key) != made.get(key)})
    found = [f"{key}: {fine.made.get(key)!r} undisturbed, {made.get(key)!r} here" for key in keys]
    again = begun_again(host)
    allowed = 1 if kind is Disturbance.REBOOT else 0
    return found + [f"begun again: {', '.join(again)}"] * (len(again) > allowed)


def disturbed(folder: Path, ground: Ground, fine: Fine, kind: Disturbance, share: float) -> list[str]:
    """Runs the plan on a fresh host, disturbs it when about a share of the script has passed, and compares.

    Returns:
        What is wrong in the end, with the outcomes of all attempts; nothing, if nothing is.
    """
    seconds = fine.seconds
    while True:
        with ground.lent("long") as (host,):
            plan = long_plan(folder / f"{seconds}", ground, host)
            running = plan.start("run")
            assert plan.until(reached("AttemptStarted", STEP), running), running.said
            time.sleep(0.8 * share * seconds)
            if (
                running.process.poll() is not None
            ):  # quicker than the one that nobody disturbed: the moment comes earlier
                assert plan.seconds()[STEP] < seconds, running.said
                seconds = plan.seconds()[STEP]
                continue
            _HAPPENS[kind](host, running)
            done = running.wait(180)
            said = [] if done.exit == 0 else goes_on(plan)[1]
            outcomes = plan.outcomes(STEP)
            said += problems(fine, host, kind) + _unlikely(kind, outcomes)
            return [*said, f"attempts: {outcomes}, disturbed after {share:.2f}"] if said else []


def _unlikely(kind: Disturbance, outcomes: list[str]) -> list[str]:
    """A host that lives knows what became of the attempt: nothing is interrupted there."""
    interrupted = outcomes.count("interrupted")
    allowed = 1 if kind is Disturbance.REBOOT else 0
    return [f"{interrupted} attempts were interrupted"] * (interrupted > allowed)
