"""A long script is disturbed at random moments and ends as if nobody had; what may run only once ran once."""

import os
import random
from pathlib import Path

import pytest
from disturbing import COUNTERS, Disturbance, Fine, disturbed, fine_run, long_plan, problems
from ground import Ground

MOMENTS = 10 if os.environ.get("GOLIVE_PROVE") else 2
"""Of each kind; all of them with GOLIVE_PROVE=1, as ``scripts/prove`` sets it."""


@pytest.fixture(scope="module")
def fine(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Fine:
    return fine_run(tmp_path_factory.mktemp("fine"), ground)


@pytest.mark.parametrize("part", range(MOMENTS))
@pytest.mark.parametrize("kind", Disturbance, ids=lambda kind: kind.name.lower())
def test_a_long_script_ends_as_if_undisturbed(
    kind: Disturbance, part: int, fine: Fine, ground: Ground, tmp_path: Path
) -> None:
    """A random moment in each part of the script, so that together they lie all over it."""
    share = (part + random.random()) / MOMENTS
    assert disturbed(tmp_path, ground, fine, kind, share) == []


def test_the_comparison_can_fail(fine: Fine, ground: Ground, tmp_path: Path) -> None:
    with ground.lent("again") as (host,):
        assert long_plan(tmp_path, ground, host).golive("run").exit == 0
        assert problems(fine, host, Disturbance.KILL) == []
        host.sh(f"echo 3 >> /srv/long/once-3; cat /srv/long/began >> /srv/long/began.new; cat /srv/long/began.new >> /srv/long/began; rm /srv/long/began.new; chmod 600 /etc/long/{COUNTERS[1]}")  # fmt: skip
        found = problems(fine, host, Disturbance.REBOOT)
        assert [line.split(":")[0] for line in found] == ["/etc/long/2", "/srv/long/once-3", "begun again"]
