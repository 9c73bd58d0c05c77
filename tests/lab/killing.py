"""Kills ``golive run`` at a step, has it go on, and compares the end with that of a run that nobody disturbed.

Used by the tests for a sample of the steps, and by ``scripts/prove`` for every one.
"""

import itertools
import random
import time
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ground import Ground, Host
from planfolder import PlanFolder, Running, reached

PLAN = """\
golive: 1
solution: {name: counter, version: "1.0"}
roles:
  app:
    baseline:
      - {package: zstd}
      - {user: counter}
      - {directory: /srv/counter}
      - {directory: /etc/counter, group: counter, mode: "0750"}
components:
  counter:
    on: app
    archive: dist/counter-1.0.tar.zst
    install:
      - {file: /etc/counter/counter.conf, content: "at {{ site.name }}\\n", owner: counter, mode: "0640"}
      - file: /etc/systemd/system/counter.service
        content: |
          [Service]
          ExecStart=/bin/sleep infinity
          User=counter
          [Install]
          WantedBy=multi-user.target
      - name: first count
        command: |
          echo "install $0" >> /srv/counter/log
          sleep 0.3
          : > /srv/counter/.installed
        creates: /srv/counter/.installed
      - {service: counter, restart_on: [/etc/counter/counter.conf, /etc/systemd/system/counter.service]}
    check: {command: "systemctl is-active counter && test -e /opt/counter/bin/count"}
cutover:
  then:
    - name: hold
      on: app
      once: true
      command: |
        echo "hold $0" >> /srv/counter/log
        sleep 0.3
        : > /srv/counter/held
      undo: rm -f /srv/counter/held
    - name: count
      on: app
      command: |
        echo "count $0" >> /srv/counter/log
        sleep 0.3
        echo "counted $0" >> /srv/counter/log
handover:
  procedures:
    - {name: stop, on: app, command: "systemctl stop counter; echo stop by hand >> /srv/counter/log"}
    - {name: start, on: app, command: "systemctl start counter; echo start by hand >> /srv/counter/log"}
sites:
  lyon:
    hosts:
      one: {address: ONE, role: app}
      two: {address: TWO, role: app}
"""

PATHS = ("/etc/counter", "/etc/systemd/system", "/opt", "/srv", "/usr/local/sbin", "/var/lib/golive/depot")
"""What the plan touches; compared by content, mode and owner."""

_SERVICES = """
echo "service: $(systemctl is-active counter) $(systemctl is-enabled counter)"
echo "package: $(dpkg-query -W -f '${db:Status-Abbrev}' zstd)"
echo "user: $(getent passwd counter | cut -d: -f5-)"
echo "marks: $(ls /var/lib/golive/restart 2>&1)"
echo "left behind: $(ls -d /var/lib/golive/staged.* /*/*.golive-new /etc/*/*.golive-new 2>/dev/null)"
for attempt in /var/lib/golive/attempts/*/*; do [ -e "$attempt/status" ] || echo "without an end: $attempt"; done
sed 's/^/counted: /; s/ [^ ]*$//' /srv/counter/log 2>&1
"""


class Moment(StrEnum):
    """When a run is killed."""

    ALLOCATION = "at allocation"
    MIDDLE = "in the middle"


def counter(folder: Path, ground: Ground, one: Host, two: Host) -> PlanFolder:
    """The small plan, for two hosts."""
    plan = PlanFolder(folder, ground.home)
    plan.write("golive.yaml", PLAN.replace("ONE", one.address).replace("TWO", two.address))
    plan.archive("dist/counter-1.0.tar.zst", {"bin/count": "#!/bin/sh\necho count\n"})
    return plan


def end_state(*hosts: Host) -> dict[str, object]:
    """All that the plan made on its hosts, without what differs from run to run."""
    found: dict[str, object] = {}
    for name, host in zip(("one", "two"), hosts, strict=True):
        log = "/srv/counter/log"
        found |= {f"{name}:{path}": about for path, about in host.tree(*PATHS).items() if path != log}
        found[f"{name}: services"] = host.sh(_SERVICES, check=False)
    return found


def ran_twice(*hosts: Host) -> list[str]:
    """Lines of the counters that stand there twice; those of scripts name the script, and so the attempt."""
    lines = [
        f"{host.name}: {line}" for host in hosts for line in host.sh("cat /srv/counter/log", check=False).splitlines()
    ]
    return sorted({line for line in lines if lines.count(line) > 1})


@dataclass(frozen=True)
class Undisturbed:
    """A run that nobody disturbed: its steps, how long each took, what it made."""

    seconds: dict[str, float]
    made: dict[str, object]
    took: float

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps in the order in which they ended."""
        return tuple(self.seconds)


def undisturbed(folder: Path, ground: Ground) -> Undisturbed:
    """Runs the small plan on fresh hosts from beginning to end."""
    with ground.lent("one", "two") as hosts:
        plan, began = counter(folder, ground, *hosts), time.monotonic()
        done = plan.golive("run")
        assert done.exit == 0, done.out
        took = time.monotonic() - began
        assert not ran_twice(*hosts)
        return Undisturbed(plan.seconds(), end_state(*hosts), took)


@dataclass(frozen=True)
class Trial:
    """What became of one run that was killed."""

    step: str
    moment: Moment
    seconds: float
    runs: int
    """How many runs it took after the kill."""
    problems: tuple[str, ...] = field(default=())


def kill(plan: PlanFolder, running: Running, step: str, moment: Moment, within: float) -> bool:
    """kill -9 when a step was allocated, or at a random moment while it runs. False: it had ended before."""
    kind = "AttemptAllocated" if moment is Moment.ALLOCATION else "AttemptStarted"
    seen = plan.until(reached(kind, step), running)
    if moment is Moment.MIDDLE:
        time.sleep(random.uniform(0, within))
    alive = running.process.poll() is None
    running.kill()
    return seen and alive


def trial(folder: Path, ground: Ground, fine: Undisturbed, step: str, moment: Moment) -> Trial:
    """Runs the small plan on fresh hosts, kills it at a step, has it go on, and compares."""
    began = time.monotonic()
    with ground.lent("one", "two") as hosts:
        plan = counter(folder, ground, *hosts)
        problems: list[str] = []
        if not kill(plan, plan.start("run"), step, moment, fine.seconds[step]):
            problems.append("it had ended before it was killed")
        runs, said = goes_on(plan)
        problems += said + differences(fine, *hosts)
    return Trial(step, moment, time.monotonic() - began, runs, tuple(problems))


def goes_on(plan: PlanFolder, most: int = 3) -> tuple[int, list[str]]:
    """``golive run`` until it exits 0; how often that was, and what is wrong when it never does."""
    for number in itertools.count(1):
        done = plan.golive("run")
        if done.exit == 0:
            return number, []
        if number == most:
            return number, [f"exit {done.exit} after {number} runs: {done.out[-600:]}"]
    raise AssertionError


def differences(fine: Undisturbed, *hosts: Host) -> list[str]:
    """How the hosts differ from those of the run that nobody disturbed."""
    made = end_state(*hosts)
    keys = sorted({key for key in (*fine.made, *made) if fine.made.get(key) != made.get(key)})
    found = [f"{key}: {fine.made.get(key)!r} undisturbed, {made.get(key)!r} here" for key in keys]
    return found + [f"ran twice: {line}" for line in ran_twice(*hosts)]
