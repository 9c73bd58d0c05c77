"""Three waves of sites, a host each; one site in each of the first two is bad. The error budget decides the rest.

Four sites in each wave and both budgets with GOLIVE_PROVE=1, as ``scripts/prove`` sets it; two and one of them without.
"""

import os
from pathlib import Path

import pytest
from ground import Ground, Host
from planfolder import PlanFolder

PROVE = bool(os.environ.get("GOLIVE_PROVE"))
SIZE = 4 if PROVE else 2
WAVES = {wave: tuple(f"{wave}-{n}" for n in range(1, SIZE + 1)) for wave in ("pilot", "second", "third")}
BAD = ("pilot-2", "second-1")
"""Sites at which the cutover finds something that it cannot bear."""

PLAN = """\
golive: 1
solution: {name: tide, version: "1.0"}
error_budget: BUDGET
roles:
  app:
    baseline:
      - {directory: WHERE}
components:
  tide:
    on: app
    install:
      - {file: WHERE/release, content: "1.0 at {{ site.name }}\\n"}
cutover:
  then:
    - name: move
      on: app
      command: ": > WHERE/moved; [ ! -e /srv/bad ] || { echo the tank leaks; exit 1; }"
      undo: rm -f WHERE/moved
waves:
"""

Fleet = dict[str, Host]


@pytest.fixture(scope="module")
def fleet(ground: Ground) -> Fleet:
    sites = [site for wave in WAVES.values() for site in wave]
    hosts = dict(zip(sites, ground.fresh(*sites), strict=True))
    for site in BAD:
        hosts[site].sh(": > /srv/bad")
    return hosts


def tide(folder: Path, ground: Ground, fleet: Fleet, budget: int, where: str) -> PlanFolder:
    """The plan; ``where`` is all that it touches on a host."""
    waves = [f"  - {{name: {wave}, sites: [{', '.join(sites)}], soak: 1 s}}" for wave, sites in WAVES.items()]
    sites = [f"  {site}: {{hosts: {{app: {{address: {host.address}, role: app}}}}}}" for site, host in fleet.items()]
    plan = PlanFolder(folder, ground.home)
    text = PLAN.replace("BUDGET", str(budget)).replace("WHERE", where)
    plan.write("golive.yaml", text + "\n".join([*waves, "sites:", *sites]) + "\n")
    return plan


def there(fleet: Fleet, where: str) -> dict[str, str]:
    """What each host holds of the solution; empty where there is nothing but the baseline."""
    return {site: " ".join(host.sh(f"cd {where} && ls").split()) for site, host in fleet.items()}


LIVE, NOTHING = "moved release", ""


@pytest.mark.skipif(not PROVE, reason="scripts/prove does it, and tests/unit/reconcile without hosts")
def test_with_a_budget_of_two_all_others_go_live_and_the_bad_ones_are_backed_out(
    ground: Ground, fleet: Fleet, tmp_path: Path
) -> None:
    plan = tide(tmp_path, ground, fleet, 2, "/srv/two")
    done = plan.golive("run", "--wait")
    assert done.exit == 4, done.out
    assert there(fleet, "/srv/two") == {site: NOTHING if site in BAD else LIVE for site in fleet}
    backed = {(event["site"], tuple(event["residue"])) for event in plan.events("BackOutEnded")}
    assert backed == {(site, ()) for site in BAD}
    assert plan.events("RolloutHalted") == []
    assert [event["wave"] for event in plan.events("SoakStarted")] == ["pilot", "second"]


def test_with_a_budget_of_one_the_third_wave_never_starts(ground: Ground, fleet: Fleet, tmp_path: Path) -> None:
    plan = tide(tmp_path, ground, fleet, 1, "/srv/one")
    done = plan.golive("run", "--wait")
    assert done.exit == 4, done.out
    stopped = (*BAD, *WAVES["third"])
    assert there(fleet, "/srv/one") == {site: NOTHING if site in stopped else LIVE for site in fleet}
    assert [(event["budget"], event["sites"]) for event in plan.events("RolloutHalted")] == [(1, list(BAD))]
    begun = {
        event["step"].split("/")[0] for event in plan.events("AttemptAllocated") if "/baseline/" not in event["step"]
    }
    assert begun.isdisjoint(WAVES["third"])
