"""The laptop is lost: golive recover rebuilds the run from its hosts, elsewhere, with the plan's folder or without it."""

import base64
import json
import lzma
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from ground import Ground, Host
from planfolder import PlanFolder, reached

import golive

PLAN = """\
golive: 1
solution: {name: counter, version: "1.0"}
roles:
  app:
    baseline:
      - {directory: /srv/counter}
      - {file: /etc/counter.key, content: "{{ secret('token') }}\\n", mode: "0600"}
components:
  counter:
    on: app
    install:
      - {file: /etc/counter.conf, content: "at {{ site.name }}, for {{ vars.owner }}\\n"}
      - name: count
        command: |
          echo "count $0" >> /srv/counter/log
          sleep 1
          : > /srv/counter/.counted
        creates: /srv/counter/.counted
    check: {command: "test -e /srv/counter/.counted"}
handover:
  sign_off: {role: owner, question: Do you take over?, valid_for: 7 d}
people:
  claire: {name: Claire Dubois, roles: [owner], key: keys/claire.pub}
secrets:
  token: {env: COUNTER_TOKEN}
vars: {owner: nobody}
sites:
  lyon:
    hosts:
      one: {address: ONE, role: app}
  oslo:
    vars: {owner: Osol}
    hosts:
      two: {address: TWO, role: app}
"""
TOKEN = "poison-3b9e-token"


@pytest.fixture(scope="module")
def hosts(ground: Ground) -> tuple[Host, Host]:
    one, two = ground.fresh("one", "two")
    return one, two


def key(folder: Path) -> Path:
    path = folder / "claire"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


def made(folder: Path, ground: Ground, hosts: tuple[Host, Host], claire: Path) -> PlanFolder:
    plan = PlanFolder(folder, ground.home, {"COUNTER_TOKEN": TOKEN})
    plan.write("golive.yaml", PLAN.replace("ONE", hosts[0].address).replace("TWO", hosts[1].address))
    plan.write("keys/claire.pub", claire.with_suffix(".pub").read_text(encoding="utf-8"))
    return plan


def mirrored(host: Host) -> str:
    """All that a host holds of journals, as text."""
    files = host.sh("find /var/lib/golive/mirror -type f").split()
    found = [lzma.decompress(base64.b64decode(host.sh(f"base64 {name}"))).decode() for name in files]
    assert found
    return "".join(found)


def digest_of_the_graph(plan: PlanFolder) -> str:
    """Of the plan as this golive compiles it, whatever runs."""
    scratch = replace(plan, folder=plan.folder.with_name("scratch"))
    shutil.copytree(plan.folder, scratch.folder, ignore=shutil.ignore_patterns(".golive"), dirs_exist_ok=True)
    return json.loads(scratch.golive("graph", "--format", "json").out)["digest"]


def newer(folder: Path) -> Path:
    """A golive of another version, which renders every script in another way; for PYTHONPATH."""
    made = folder / "newer/golive"
    shutil.copytree(Path(golive.__file__).parent, made, ignore=shutil.ignore_patterns("__pycache__"))
    for name, old, new in (
        ("__init__.py", golive.__version__, "999.1.0"),
        ("resources/script.py", "# Written by golive.", "# Written by a newer golive."),
    ):
        text = (made / name).read_text(encoding="utf-8")
        assert old in text
        (made / name).write_text(text.replace(old, new), encoding="utf-8")
    return made.parent


def test_a_wait_for_a_person_outlives_an_amended_plan_the_loss_of_the_laptop_and_a_newer_golive(
    ground: Ground, hosts: tuple[Host, Host], tmp_path: Path
) -> None:
    claire = key(tmp_path)
    lost = made(tmp_path / "laptop", ground, hosts, claire)
    running = lost.start("run")
    assert lost.until(reached("AttemptStarted", "lyon/deploy/counter@one"), running), running.said
    running.kill()  # in the middle of a step
    shutil.copytree(lost.folder, tmp_path / "copy")
    shutil.rmtree(lost.folder / ".golive")  # with the folder of the plan at hand
    done = lost.golive("recover")
    assert done.exit == 0, done.out
    assert lost.golive("run").exit == 6
    assert [len(host.sh("cat /srv/counter/log").splitlines()) for host in hosts] == [1, 1]

    back = replace(lost, folder=tmp_path / "copy").golive("run")  # the laptop comes back
    assert back.exit == 8, back.out

    approved = lost.golive("approve", "lyon/handover/sign-off", "--as", "claire", "--key", str(claire))
    assert approved.exit == 0, approved.out
    lost.write("golive.yaml", (lost.folder / "golive.yaml").read_text().replace("Osol", "Oslo"))
    assert lost.golive("run").exit == 2
    amended = lost.golive("amend")
    assert "= lyon is as before; decisions stay valid: lyon/handover/sign-off (claire)" in amended.out
    assert "  ! oslo/handover/sign-off: the question is about another scope now, and is asked again" in amended.out
    assert lost.golive("run").exit == 6
    assert lost.golive("journal", "verify", "--hosts").exit == 0

    other = PlanFolder(tmp_path / "other", ground.home, lost.env)  # another directory, without the plan
    other.folder.mkdir()
    shutil.rmtree(lost.folder)
    done = other.golive("recover", "--host", f"root@{hosts[1].address}", "--identity", str(ground.lab.key))
    assert done.exit == 0, done.out
    assert "Oslo" in (other.folder / "golive.yaml").read_text()
    question, digest = other.events("DecisionAsked")[-1], digest_of_the_graph(other)
    other = replace(other, env={**other.env, "PYTHONPATH": str(newer(tmp_path))})
    assert digest_of_the_graph(other) != digest  # it would do every step in another way
    tasks = other.golive("tasks")
    assert (tasks.exit, "oslo/handover/sign-off" in tasks.out) == (0, True), tasks.out
    assert other.golive("run").exit == 6
    assert other.events("DecisionAsked")[-1] == question  # nobody is asked again
    assert other.events("CoordinatorStarted")[-1]["golive"] == "999.1.0"
    assert other.golive("approve", "oslo/handover/sign-off", "--as", "claire", "--key", str(claire)).exit == 0
    assert other.golive("run").exit == 0
    assert [host.sh("cat /etc/counter.conf").strip() for host in hosts] == ["at lyon, for nobody", "at oslo, for Oslo"]
    assert [len(host.sh("cat /srv/counter/log").splitlines()) for host in hosts] == [1, 1]
    assert other.golive("journal", "verify", "--hosts").exit == 0

    text = mirrored(hosts[0]) + mirrored(hosts[1])
    assert "secret('token')" in text and TOKEN not in text
    assert TOKEN in hosts[0].sh("cat /etc/counter.key")  # where it would be found
    found_when_cut(other)


def found_when_cut(plan: PlanFolder) -> None:
    """A tail that was cut off, and a chain that was made anew, show by what hosts hold."""
    script = "import sqlite3; c = sqlite3.connect('.golive/journal.db'); c.execute({!r}); c.commit()"
    last = len(plan.events())
    subprocess.run(
        ["python3", "-c", script.format(f"DELETE FROM entries WHERE seq > {last - 4}")], cwd=plan.folder, check=True
    )
    assert plan.golive("journal", "verify").exit == 0
    cut = plan.golive("journal", "verify", "--hosts")
    assert cut.exit == 1 and f"does not hold at entry {last - 3}: the tail was cut" in cut.out, cut.out
