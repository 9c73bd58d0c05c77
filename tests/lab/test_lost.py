"""Lost connections, hosts that start again, scripts that die: what began goes on, and nothing is done twice."""

import signal
import time
from collections.abc import Iterator

import pytest
from ground import Ground, Host
from planfolder import PlanFolder, Plans, reached

WAITS = """\
golive: 1
solution: {name: waits, version: "VERSION"}
roles: {app: {}}
components:
  job:
    on: app
    install:
      - {file: /etc/NAME.conf, content: "version VERSION\\n"}
      - file: /etc/systemd/system/NAME.service
        content: |
          [Service]
          ExecStart=/bin/sleep infinity
          [Install]
          WantedBy=multi-user.target
      - name: long job
        command: |
          echo "began $0" >> /srv/NAME
          until [ -e /srv/NAME.go ]; do sleep 0.1; done
          echo ended >> /srv/NAME
        unless: grep -qx ended /srv/NAME
      - {service: NAME, restart_on: [/etc/NAME.conf]}
    check: {command: systemctl is-active NAME}
sites:
  lyon: {hosts: {app-1: {address: ADDRESS, role: app}}}
"""
STEP = "lyon/deploy/job@app-1"


@pytest.fixture
def host(ground: Ground) -> Iterator[Host]:
    """A host for each test: a script that waits for ever would hold up the next one."""
    with ground.lent("job") as (host,):
        yield host


def waiting(plan: Plans, host: Host, name: str, version: str = "1") -> PlanFolder:
    return plan(WAITS.replace("ADDRESS", host.address).replace("NAME", name).replace("VERSION", version))


def test_a_line_that_is_cut_for_a_while(host: Host, plan: Plans) -> None:
    job = waiting(plan, host, "cut")
    running = job.start("run")
    host.until("[ -e /srv/cut ]")
    host.lab.cut(host.name, "all")
    host.sh(": > /srv/cut.go")
    host.until("grep -qx ended /srv/cut")
    time.sleep(5)  # the length of the cut is what is tried here
    host.lab.restore(host.name)
    done = running.wait()
    assert done.exit == 0, done.out
    assert job.outcomes(STEP) == ["done"]
    assert host.sh("grep -c . /srv/cut") == "2\n"


def test_a_connection_that_is_lost_in_the_middle_of_a_script(host: Host, plan: Plans) -> None:
    job = waiting(plan, host, "lost")
    running = job.start("run")
    host.until("[ -e /srv/lost ]")
    host.sh("for pid in $(grep -lx sshd-session /proc/[0-9]*/comm | cut -d/ -f3); do kill -9 $pid; done", check=False)
    host.sh(": > /srv/lost.go")
    done = running.wait()
    assert done.exit == 0, done.out
    assert job.outcomes(STEP) == ["done"]
    assert host.sh("grep -c . /srv/lost") == "2\n"


def test_a_host_that_is_started_again_in_the_middle(host: Host, plan: Plans) -> None:
    job = waiting(plan, host, "boot")
    running = job.start("run")
    host.until("[ -e /srv/boot ]")
    host.lab.reboot(host.name)
    host.sh(": > /srv/boot.go")
    done = running.wait()
    if done.exit != 0:
        done = job.golive("run")
    assert done.exit == 0, done.out
    assert job.outcomes(STEP) == ["interrupted", "done"]
    assert "the host was started again" in running.said
    lines = host.sh("cat /srv/boot").split()
    assert lines.count("began") == lines.count("ended") + 1 == 2
    assert len(set(lines)) == 4  # two attempts, each with its own name


def test_a_service_is_restarted_although_all_died_between_its_file_and_its_restart(host: Host, plan: Plans) -> None:
    job = waiting(plan, host, "mark")
    host.sh("echo ended > /srv/mark")
    assert job.golive("run").exit == 0
    began = host.sh("systemctl show -P ExecMainPID mark")
    host.sh("rm /srv/mark")
    job = waiting(plan, host, "mark", version="2")
    running = job.start("run")
    assert job.until(reached("AttemptStarted", STEP), running)
    host.until("[ -e /srv/mark ]")
    assert host.sh("cat /etc/mark.conf") == "version 2\n"  # the file is changed, the service is not restarted yet
    assert host.sh("systemctl show -P ExecMainPID mark") == began

    running.kill()
    host.sh("read pid rest < $(ls -d /var/lib/golive/attempts/*/waits-2-*/runner | tail -n 1); kill -9 -$pid")
    host.sh("echo ended > /srv/mark")

    done = job.golive("run")
    assert done.exit == 0, done.out
    assert job.outcomes(STEP) == ["interrupted", "done"]
    assert host.sh("systemctl show -P ExecMainPID mark") != began
    started = host.sh('date -d "$(systemctl show -P ExecMainStartTimestamp mark)" +%s')
    assert int(started) >= int(host.sh("stat -c %Y /etc/mark.conf"))


def test_a_person_stops_it_and_it_goes_on(host: Host, plan: Plans) -> None:
    job = waiting(plan, host, "stop")
    running = job.start("run")
    host.until("[ -e /srv/stop ]")
    running.signal(signal.SIGINT)
    while "stopping after the steps in flight" not in running.said:
        time.sleep(0.02)
    assert running.process.poll() is None  # the step in flight is waited for
    host.sh(": > /srv/stop.go")
    done = running.wait()
    assert done.exit == 130 and "next: golive run goes on from here" in done.out, done.out
    assert job.outcomes(STEP) == ["done"] and job.attempts(f"{STEP.replace('job', 'job-check')}") == []
    assert job.golive("run").exit == 0
    assert host.sh("grep -c . /srv/stop") == "2\n"
