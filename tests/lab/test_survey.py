"""golive survey tells what hosts are and how twins differ; golive drift what has changed since the baseline."""

import json

from ground import Ground
from planfolder import Plans

TWINS = """\
golive: 1
solution: {name: twins, version: "1"}
roles:
  app:
    hardware: {os: debian 13, cpus: 1, disk: DISK}
    baseline:
      - {file: /srv/twin, content: "twin\\n"}
sites:
  lyon:
    hosts:
      one: {address: ONE, role: app}
      two: {address: TWO, role: app}
"""


def test_a_survey_then_a_baseline_then_drift(ground: Ground, plan: Plans) -> None:
    with ground.lent("one", "two") as (one, two):
        text = TWINS.replace("ONE", one.address).replace("TWO", two.address)
        small = plan(text.replace("DISK", "10 TB"))
        done = small.golive("survey")
        assert done.exit == 3, done.out
        assert done.out.count("FALLS SHORT") == 2
        for said in ("lyon/one  os ", "ports 22;", "logins root (/bin/bash, ", "twins lyon/one and lyon/two: equal"):
            assert said in done.out, done.out

        small = plan(text.replace("DISK", "1 MiB"))
        two.sh("useradd --shell /bin/sh guest")
        done = small.golive("survey", "--format", "json")
        assert done.exit == 0, done.out
        told = json.loads(done.out)
        assert told["hosts"][0]["facts"]["port 22"] == "anywhere"
        assert "package openssh-server" in told["hosts"][1]["facts"]
        assert told["twins"] == [
            {"hosts": ["lyon/one", "lyon/two"], "differences": ["login guest: absent → /bin/sh, 0 keys"]}
        ]

        assert small.golive("drift").exit == 2
        assert small.golive("run").exit == 0
        done = small.golive("drift", "--exit-code")
        assert done.exit == 0, done.out
        assert "0 resources have drifted on 0 of 2 hosts, and 0 other facts" in done.out

        one.sh("echo other > /srv/twin; useradd --shell /bin/sh mallory")
        done = small.golive("drift", "--exit-code")
        assert done.exit == 1
        for said in ("  ~ file /srv/twin", "-other", "+twin", "  ! login mallory: absent → /bin/sh, 0 keys"):
            assert said in done.out, done.out
        ground.lab.cut(two.name, "all")
        try:
            assert small.golive("survey").exit == 7
        finally:
            ground.lab.restore(two.name)
