"""A step fails at a position: the hosts are as they were, the old system served, the exit code is the documented one.

A sample of the positions, on a small shop; ``scripts/prove`` does every position of the example.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from failing import Moment, differences, documented, failing, no_depot, seen
from ground import Ground, Host
from shop import User, old_shop, shop
from test_failures import tells


@pytest.fixture(scope="module")
def hosts(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> tuple[Host, Host]:
    """The old front door, and the new host with its baseline: it stays through all back-outs."""
    edge, app = ground.fresh("edge", "app")
    old_shop(edge)
    assert shop(tmp_path_factory.mktemp("baseline"), ground, edge, app).golive("run", "--until", "baseline").exit == 0
    return edge, app


@pytest.fixture(scope="module")
def before(hosts: tuple[Host, Host]) -> dict[str, str]:
    return seen(hosts)


@pytest.fixture
def user(hosts: tuple[Host, Host]) -> Iterator[User]:
    user = User(hosts[0].address)
    user.start()
    yield user
    user.stop()


POSITIONS = (
    ("lyon/deploy/shop@app", Moment.AFTER, "app"),
    ("lyon/cutover/fence-haproxy@edge", Moment.AFTER, "edge"),
    ("lyon/cutover/load@app", Moment.MIDDLE, "app"),
    ("lyon/cutover/switch-haproxy@edge", Moment.AFTER, "edge"),
    ("lyon/cutover/verify-1@edge", Moment.BEFORE, "edge"),
)


SAMPLE = POSITIONS if os.environ.get("GOLIVE_PROVE") else POSITIONS[::2]
"""All of them with GOLIVE_PROVE=1, as ``scripts/prove`` sets it."""


@pytest.mark.parametrize(("step", "moment", "where"), SAMPLE, ids=[step for step, _, _ in SAMPLE])
def test_a_failure_is_undone(
    step: str, moment: Moment, where: str, hosts: tuple[Host, Host], before: dict[str, str], user: User,
    ground: Ground, tmp_path: Path,
) -> None:  # fmt: skip
    plan = shop(tmp_path, ground, *hosts)
    stage = step.split("/")[1]
    of_run, of_back_out = documented(stage, past=False)
    with failing(hosts[("edge", "app").index(where)], step, moment):
        tells(plan.golive("run"), of_run, rf"failed +{step} ", "a fault: ")
    if of_run != 4:
        tells(plan.golive("back-out", "lyon", "--reason", "later"), of_back_out or 0, "asked for by .*: later", "clean")
    assert differences(before, seen(hosts)) == []
    switched = "switch" in step or "verify" in step  # until the fault was seen, the new shop served: that is no failure
    assert [amiss for amiss in user.amiss() if not (switched and amiss.startswith("GET 200 the new shop"))] == []
    tells(plan.golive("status"), 0, "backed out")
    tells(plan.golive("back-out", "lyon"), of_back_out or 0, "lyon is backed out already, clean")


def test_what_cannot_be_taken_back_is_residue_until_it_is_retried(
    hosts: tuple[Host, Host], before: dict[str, str], user: User, ground: Ground, tmp_path: Path
) -> None:
    """The inverse says that it worked, and the probe behind it does not believe it."""
    edge, app = hosts
    app.sh("mkdir -p /run/shop; : > /run/shop/stuck")
    plan = shop(tmp_path, ground, edge, app, undo="[ -e /run/shop/stuck ] || rm -f /srv/shop/data/loaded")
    with failing(edge, "lyon/cutover/switch-haproxy@edge", Moment.BEFORE):
        done = plan.golive("run")
    tells(done, 5, "residue: lyon/cutover/load@app on lyon/app", "golive retry lyon/cutover/load@app")
    found = [line.split(": ")[0] for line in differences(before, seen(hosts))]
    assert {path.split(":")[1] for path in found} >= {"/srv/shop/data", "/srv/shop/data/loaded"}, found
    app.sh("rm /run/shop/stuck")
    deploy = "lyon/deploy/shop@app"  # its inverse came next, and found the directory full
    tells(plan.golive("retry", "lyon/cutover/load@app"), 5, "undone +lyon/cutover/load@app", f"golive retry {deploy}")
    tells(plan.golive("retry", deploy), 4, f"undone +{deploy}")
    assert differences(before, seen(hosts)) == []
    assert user.amiss() == []


def test_by_the_plans_policy_a_step_is_tried_again_and_then_goes_back(
    hosts: tuple[Host, Host], before: dict[str, str], ground: Ground, tmp_path: Path
) -> None:
    edge, app = hosts
    plan = shop(tmp_path, ground, edge, app, "on_failure: {then: back-out, retry: 1, pause: 1 s}")
    with no_depot(app):
        tells(plan.golive("run"), 4, "retry +lyon/deploy/deliver-shop@app", "backed out: lyon, clean")
    assert plan.outcomes("lyon/deploy/deliver-shop@app") == ["failed", "failed", "done"]
    assert differences(before, seen(hosts)) == []


def test_past_the_point_of_no_return_nothing_goes_back(
    hosts: tuple[Host, Host], ground: Ground, tmp_path: Path
) -> None:
    """Last of all: the shop is live behind it."""
    edge, app = hosts
    plan = shop(tmp_path, ground, edge, app)
    of_run, of_back_out = documented("cutover", past=True)
    with failing(edge, "lyon/cutover/release-haproxy@edge", Moment.BEFORE):
        tells(plan.golive("run"), of_run, "failed +lyon/cutover/release-haproxy@edge")
    tells(plan.golive("back-out", "lyon"), of_back_out or 0, "past its point of no return")
    tells(plan.golive("abort"), 1, "failed")
    assert "the new shop" in edge.sh("curl -s http://127.0.0.1/")
