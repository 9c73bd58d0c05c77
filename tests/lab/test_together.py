"""One golive drives a plan: a second one is refused here by the lock, and from a copied folder by the hosts."""

import re
import shutil

from ground import Ground, Host
from planfolder import PlanFolder, Plans

PLAN = """\
golive: 1
solution: {name: once, version: "1"}
roles: {app: {}}
components:
  job:
    on: app
    install:
      - name: wait
        command: ": > /srv/once; until [ -e /srv/once.go ]; do sleep 0.1; done"
        unless: test -e /srv/once.go
sites:
  lyon: {hosts: {app-1: {address: ADDRESS, role: app}}}
"""


def test_a_second_run_is_told_who_runs_since_when_where_and_how_to_release(host: Host, plan: Plans) -> None:
    first = plan(PLAN.replace("ADDRESS", host.address))
    running = first.start("run")
    host.until("[ -e /srv/once ]")
    second = first.golive("run")
    assert second.exit == 8, second.out
    holder = r"golive: \S+ runs this plan since \d{4}-\d\d-\d\dT[\d:]+\+00:00 on \S+ \(process (\d+)\)"
    assert (said := re.search(holder, second.out)) and int(said[1]) == running.process.pid, second.out
    assert f"kill -INT {running.process.pid}" in second.out and "golive status" in second.out

    status = first.golive("status")
    assert status.exit == 0 and "running: lyon/deploy/job@app-1" in status.out
    host.sh(": > /srv/once.go")
    assert running.wait().exit == 0


def test_a_copied_folder_is_refused_by_the_hosts_until_it_takes_over(ground: Ground, plan: Plans) -> None:
    [host] = ground.fresh("epoch")
    host.sh(": > /srv/once.go")
    mine = plan(PLAN.replace("ADDRESS", host.address))
    assert mine.golive("run").exit == 0
    copied = PlanFolder(mine.folder.with_name("copied"), mine.home)
    shutil.copytree(mine.folder, copied.folder)
    assert mine.golive("run", "--new").exit == 0

    refused = copied.golive("run", "--new")
    assert refused.exit == 8, refused.out
    said = re.search(r"golive: lyon/app-1: project \w+ belongs to \S+@\S+ with epoch (\d+)", refused.out)
    assert said and "golive run --take-over" in refused.out, refused.out

    taken = copied.golive("run", "--take-over", said[1])
    assert taken.exit == 0, taken.out
    assert mine.golive("run", "--new").exit == 8
